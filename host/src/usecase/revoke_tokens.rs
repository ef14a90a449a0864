//! Tokens are revoked: one or all by their owner, one by whoever presents its secret.

use std::sync::Arc;

use exportgate_core::{
    id::TokenId,
    revoke_token::Cause,
    secret::SecretDigest,
    token::Token,
    wire::{RevokeTokensAnswer, RevokeTokensInput, TokenView, Verb},
};

use super::{
    Failure, TOKENS_PER_QUESTION, ask,
    expire_tokens::{is_over, tell_expiries},
    list_tokens::view,
};
use crate::{
    app::{App, owner_record},
    clock::Clock,
    directory::User,
    engine::{Engine, EngineError},
    index::{Index, LiveToken},
    store::{StoredToken, Tx, WriteError},
};

/// Revokes one of `user`'s own tokens. Repeating it changes nothing and answers the same.
///
/// # Errors
/// `token.not_found`, or a failure of store or engine.
pub async fn revoke_token(
    app: &App,
    user: &Arc<User>,
    token_id: TokenId,
) -> Result<TokenView, Failure> {
    let (user, uses) = (Arc::clone(user), Arc::clone(&app.uses));
    let revoker = Revoker::new(app);
    let revoked = app.store.end_access(move |tx| {
        let stored = StoredToken::find(tx, user.user_seq, &token_id)?
            .ok_or_else(Failure::token_not_found)?;
        revoker.revoke(tx, &user, vec![stored], Cause::Owner)?;
        let stored = StoredToken::find(tx, user.user_seq, &token_id)?
            .ok_or_else(Failure::token_not_found)?;
        Ok(view(&stored, &uses, revoker.clock.now()))
    });
    Ok(revoked.await?)
}

/// Revokes all of `user`'s active tokens in one commit, and tells how many.
///
/// # Errors
/// A failure of store or engine.
pub async fn revoke_all(app: &App, user: &Arc<User>) -> Result<usize, Failure> {
    let user = Arc::clone(user);
    let revoker = Revoker::new(app);
    let revoked = app.store.end_access(move |tx| {
        let active = StoredToken::active(tx, user.user_seq, revoker.clock.now())?;
        revoker.revoke(tx, &user, active, Cause::RevokeAll)
    });
    Ok(revoked.await?)
}

/// Revokes the token whose secret has this digest, if there is one.
///
/// # Errors
/// A failure of store or engine.
pub async fn revoke_reported(app: &App, digest: SecretDigest) -> Result<(), Failure> {
    let Some(live) = app.index.find(&digest) else { return Ok(()) };
    let user = live.user;
    let revoker = Revoker::new(app);
    let revoked = app.store.end_access(move |tx| {
        let stored = StoredToken::find_by_digest(tx, &digest)?;
        revoker.revoke(tx, &user, stored.into_iter().collect(), Cause::SecretReported)
    });
    revoked.await?;
    Ok(())
}

/// What the three ways have in common.
struct Revoker {
    engine: Engine,
    clock: Clock,
    index: Arc<Index>,
}

impl Revoker {
    fn new(app: &App) -> Self {
        Self { engine: app.engine.clone(), clock: app.clock.clone(), index: Arc::clone(&app.index) }
    }

    /// Revokes those of `stored` that there is anything to revoke of.
    fn revoke(
        &self,
        tx: &mut Tx<'_>,
        user: &Arc<User>,
        mut stored: Vec<StoredToken>,
        cause: Cause,
    ) -> Result<usize, WriteError<Failure>> {
        let mut n_revoked = 0;
        while !stored.is_empty() {
            let rest = stored.split_off(stored.len().min(TOKENS_PER_QUESTION));
            n_revoked += self.revoke_some(tx, user, stored, cause)?;
            stored = rest;
        }
        Ok(n_revoked)
    }

    fn revoke_some(
        &self,
        tx: &mut Tx<'_>,
        user: &Arc<User>,
        stored: Vec<StoredToken>,
        cause: Cause,
    ) -> Result<usize, WriteError<Failure>> {
        // What ended before it was revoked did end: the history says both, in this order.
        let over = stored.iter().filter(|stored| is_over(stored, self.clock.now()));
        let over = over.map(|stored| (stored, owner_record(user))).collect();
        tell_expiries(tx, &self.engine, over, self.clock.now())?;
        let input = RevokeTokensInput {
            tokens: stored.iter().map(|stored| (&stored.token).into()).collect(),
            owner: owner_record(user),
            cause: cause.into(),
            now: self.clock.now(),
        };
        let answer: RevokeTokensAnswer = ask(&self.engine, Verb::RevokeTokens, &input)?;
        let n_revoked = answer.revoked.len();
        // The answer keeps the order of the question.
        let mut stored = stored.into_iter();
        for revoked in answer.revoked {
            let unreadable = |what: &str| EngineError::Unreadable(what.to_owned());
            let mut stored = stored
                .find(|stored| stored.token.token_id == revoked.token.token_id)
                .ok_or_else(|| unreadable("a revoked token that was not asked about"))?;
            stored.token = Token::try_from(revoked.token).map_err(|_| unreadable("token"))?;
            tx.update_token(stored.token_seq, &stored.token)?;
            tx.append(revoked.event)?;
            let (index, digest) = (Arc::clone(&self.index), stored.digest);
            let live = LiveToken::new(&stored, Arc::clone(user));
            tx.after_commit(move || index.put(&digest, &live));
        }
        Ok(n_revoked)
    }
}
