//! A user creates a token.

use std::sync::Arc;

use exportgate_core::{
    create_token::CREATE_RANDOM_BYTES,
    secret::SecretDigest,
    token::Token,
    wire::{CreateTokenAnswer, CreateTokenFacts, CreateTokenInput, Draft, TokenView, Verb},
};

use super::{Failure, ask};
use crate::{
    app::{App, owner_record},
    directory::User,
    engine::EngineError,
    entropy::random_bytes,
    index::LiveToken,
    store::{NewToken, StoredToken, WriteError},
};

/// Creates a token for `user`; the second part of the answer is the secret.
///
/// # Errors
/// The draft's mistakes, or a failure of store or engine.
pub async fn create_token(
    app: &App,
    user: &Arc<User>,
    draft: Draft,
) -> Result<(TokenView, String), Failure> {
    let random = hex::encode(random_bytes::<CREATE_RANDOM_BYTES>()?);
    let (user, engine) = (Arc::clone(user), app.engine.clone());
    let (index, clock, metrics) = (Arc::clone(&app.index), app.clock.clone(), app.metrics.clone());
    let created = app.store.write(move |tx| {
        let now = clock.now();
        let policy = tx.organization(&user.owner().org_id)?.policy.policy;
        // Counting takes its time where there are many, and only a limit asks for it.
        let n_active = match policy.maximum_active_tokens() {
            Some(_) => StoredToken::n_active(tx, user.user_seq, now)?,
            None => 0,
        };
        let policy = policy.into();
        let facts = CreateTokenFacts { owner: owner_record(&user), policy, n_active };
        let input = CreateTokenInput { draft, facts, now, random_bytes: random };
        let created = match ask(&engine, Verb::CreateToken, &input)? {
            CreateTokenAnswer::Created(created) => *created,
            CreateTokenAnswer::Refused(refused) => {
                return Err(WriteError::Refused(Failure::Mistakes(refused.errors)));
            }
        };
        let unreadable = |what: &str| EngineError::Unreadable(what.to_owned());
        let mut digest = [0; 32];
        hex::decode_to_slice(&created.digest, &mut digest).map_err(|_| unreadable("digest"))?;
        let token = Token::try_from(created.token).map_err(|_| unreadable("token"))?;
        let digest = SecretDigest::from_bytes(digest);
        let stored = tx.insert_token(NewToken { user_seq: user.user_seq, digest, token })?;
        tx.append(created.event)?;
        let view = TokenView::at(&stored.token, None, now);
        tx.after_commit(move || {
            index.put(&digest, &LiveToken::new(&stored, user));
            metrics.token_added();
        });
        Ok((view, created.secret))
    });
    Ok(created.await?)
}
