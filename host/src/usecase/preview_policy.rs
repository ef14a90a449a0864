//! A policy is previewed: whom would it hurt?

use std::{collections::HashMap, sync::Arc};

use exportgate_core::{
    id::{OrgId, TokenId},
    preview_policy::most_recently_used_first,
    time::Timestamp,
    wire::{
        ExistingTokenRecord, PolicyPreview, PolicyRecord, PreviewPolicyAnswer, PreviewPolicyInput,
        Verb,
    },
};
use rusqlite::Connection;

use super::{Failure, ask, live_tokens::for_each_part};
use crate::{
    app::App,
    directory::User,
    store::{Organization, StoreError, StoredToken, uses::of_token},
    uses::Uses,
};

/// What `policy` would change now. Nothing is changed.
///
/// # Errors
/// The policy's mistakes, or a failure of store or engine.
pub async fn preview_policy(
    app: &App,
    org_id: OrgId,
    policy: PolicyRecord,
    notice_days: Option<i64>,
) -> Result<PolicyPreview, Failure> {
    let (engine, directory) = (app.engine.clone(), Arc::clone(&app.directory));
    let (uses, now) = (Arc::clone(&app.uses), app.clock.now());
    let previewed = app.store.read(move |connection| {
        let question = |tokens| PreviewPolicyInput { policy, notice_days, tokens, now };
        let preview = |tokens| -> Result<PolicyPreview, Failure> {
            match ask(&engine, Verb::PreviewPolicy, &question(tokens))? {
                PreviewPolicyAnswer::Previewed(preview) => Ok(*preview),
                PreviewPolicyAnswer::Refused(refused) => Err(Failure::Mistakes(refused.errors)),
            }
        };
        // Without tokens first: a policy with mistakes has no preview, however many there are.
        let asked =
            preview(Vec::new()).and_then(|mut whole| {
                // The answer shows minutes, but the order goes by seconds.
                let mut last_used = HashMap::new();
                let Some(organization) = Organization::find(connection, &org_id)? else {
                    return Ok(whole);
                };
                for_each_part(connection, &directory, organization.org_seq, |part| {
                    let existing = part
                        .iter()
                        .map(|(stored, user)| existing(connection, &uses, stored, user, now))
                        .collect::<Result<Vec<_>, StoreError>>()?;
                    last_used.extend(existing.iter().filter_map(|token| {
                        token.last_used_at.map(|at| (token.token_id.clone(), at))
                    }));
                    let part = preview(existing)?;
                    whole.n_active += part.n_active;
                    whole.n_ending_earlier += part.n_ending_earlier;
                    whole.n_ending_earlier_in_use += part.n_ending_earlier_in_use;
                    whole.ending_earlier.extend(part.ending_earlier);
                    Ok::<_, Failure>(())
                })?;
                let used_at = |token_id: &TokenId| last_used.get(token_id).copied();
                whole.ending_earlier.sort_by(|a, b| {
                    let (a, b) = (&a.token_id, &b.token_id);
                    most_recently_used_first((used_at(a), a), (used_at(b), b))
                });
                Ok(whole)
            });
        Ok(asked)
    });
    previewed.await?
}

/// A token with its use of the last 28 days, open minutes included.
fn existing(
    connection: &Connection,
    uses: &Uses,
    stored: &StoredToken,
    user: &User,
    now: Timestamp,
) -> Result<ExistingTokenRecord, StoreError> {
    let days = of_token(connection, stored.token_seq, now)?;
    let days = uses.with_open(stored.token_seq, days);
    let token = &stored.token;
    Ok(ExistingTokenRecord {
        token_id: token.token_id.clone(),
        label: token.label.clone(),
        owner: (&user.named()).into(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        revoked_at: token.revoked_at,
        last_used_at: stored.last_used_at.max(uses.last_allowed_at(stored.token_seq)),
        n_uses: days.iter().map(|(_, uses)| uses.n_allowed).sum(),
    })
}
