//! A policy's maximum is applied to existing tokens, all of them in one commit.

use std::sync::Arc;

use exportgate_core::{
    change_policy::check_version,
    history::{Actor, EventDraft, EventKind},
    id::OrgId,
    preview_policy::NoticeDays,
    token::Token,
    wire::{
        ActorRecord, ApplyPolicyAnswer, ApplyPolicyInput, MistakeRecord, OwnedTokenRecord, Verb,
    },
};

use super::{Failure, ask, live_tokens::for_each_part};
use crate::{
    app::{App, owner_record},
    engine::EngineError,
    index::LiveToken,
};

/// Gives existing tokens the expiry that a preview of the current policy shows, and tells how
/// many end earlier by that.
///
/// # Errors
/// `policy.version_conflict`, `policy.maximum_required` for a policy without a maximum,
/// `request.malformed` for a wrong notice period, or a failure of store or engine.
pub async fn apply_policy(
    app: &App,
    org_id: OrgId,
    expected_version: Option<u64>,
    notice_days: Option<i64>,
    actor: ActorRecord,
) -> Result<u64, Failure> {
    let notice = notice_days.map_or_else(|| Ok(NoticeDays::default()), NoticeDays::new);
    let notice = notice.map_err(|mistake| Failure::Mistakes(vec![mistake.into()]))?;
    let (engine, clock) = (app.engine.clone(), app.clock.clone());
    let (index, directory) = (Arc::clone(&app.index), Arc::clone(&app.directory));
    let applied = app.store.write(move |tx| {
        let now = clock.now();
        let organization = tx.organization(&org_id)?;
        let policy = organization.policy;
        check_version(policy, expected_version).map_err(|mistakes| {
            Failure::Mistakes(mistakes.into_iter().map(MistakeRecord::from).collect())
        })?;
        let question = |tokens| ApplyPolicyInput {
            policy: policy.policy.into(),
            notice_days: Some(notice.get().into()),
            tokens,
            actor: actor.clone(),
            now,
        };
        let apply = |tokens| match ask(&engine, Verb::ApplyPolicy, &question(tokens))? {
            ApplyPolicyAnswer::Changed(changed) => Ok(changed),
            ApplyPolicyAnswer::Refused(refused) => Err(Failure::Mistakes(refused.errors)),
        };
        // Without tokens first: whether there is anything to apply does not depend on them.
        apply(Vec::new())?;
        let mut parts = Vec::new();
        for_each_part(tx, &directory, organization.org_seq, |part| {
            let tokens = part.iter().map(|(stored, user)| OwnedTokenRecord {
                token: (&stored.token).into(),
                owner: owner_record(user),
            });
            let changed = apply(tokens.collect())?;
            parts.push((part, changed));
            Ok::<_, Failure>(())
        })?;
        let mut n_changed = 0;
        for (part, changed) in parts {
            // The answer keeps the order of the question.
            let mut part = part.into_iter();
            for changed in changed {
                let unreadable = |what: &str| EngineError::Unreadable(what.to_owned());
                let (mut stored, user) = part
                    .find(|(stored, _)| stored.token.token_id == changed.token.token_id)
                    .ok_or_else(|| unreadable("a changed token that was not asked about"))?;
                stored.token = Token::try_from(changed.token).map_err(|_| unreadable("token"))?;
                tx.update_token(stored.token_seq, &stored.token)?;
                tx.append(changed.event)?;
                n_changed += 1;
                let (index, digest) = (Arc::clone(&index), stored.digest);
                let live = LiveToken::new(&stored, user);
                tx.after_commit(move || index.put(&digest, &live));
            }
        }
        let actor =
            Actor::try_from(actor).map_err(|error| EngineError::Unreadable(error.to_string()))?;
        let kind = EventKind::PolicyApplied { policy, notice_days: notice, n_changed };
        let event = EventDraft::about_organization(org_id, actor, kind, now);
        tx.append((&event).into())?;
        Ok(n_changed)
    });
    Ok(applied.await?)
}
