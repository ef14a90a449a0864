//! Gathered uses of old days are removed; their digests stay, so that the history still verifies.

use exportgate_core::{
    history::{Actor, EventDraft, EventKind},
    id::OrgId,
};
use tracing::info;

use super::Failure;
use crate::{
    app::App,
    store::{
        StoreError, WriteError,
        history::{oldest_use, remove_uses},
        organizations,
        uses::{day_of, start_of_day},
    },
};

/// So many events are removed in one change, so that others wait little. A longer day is sealed
/// in several parts, each with its event.
const EVENTS_PER_CHANGE: u64 = 20_000;

/// Removes gathered uses of UTC days that ended more than `keep_days` ago. Each removal and the
/// event `history.sealed` that tells of it are one commit. Everything else is kept for ever.
///
/// # Errors
/// A failure of the store; what was not removed is removed the next time.
pub async fn seal_history(app: &App) -> Result<(), Failure> {
    let Some(keep_days) = app.keep_days else { return Ok(()) };
    let organizations = app.store.read(organizations).await?;
    for (org_seq, org_id) in organizations {
        while seal_one_part(app, org_seq, &org_id, keep_days).await? {}
    }
    Ok(())
}

/// Seals a part of the oldest day, if it is over for long enough; whether there was one.
async fn seal_one_part(
    app: &App,
    org_seq: i64,
    org_id: &OrgId,
    keep_days: u32,
) -> Result<bool, Failure> {
    let now = app.clock.now();
    let first_kept = day_of(now) - i64::from(keep_days);
    let oldest = app
        .store
        .read(move |connection| Ok::<_, StoreError>(oldest_use(connection, org_seq)?.map(day_of)))
        .await?;
    let Some(day) = oldest.filter(|day| *day < first_kept) else { return Ok(false) };
    let org_id = org_id.clone();
    let sealed = app.store.write(move |tx| {
        let (start, end) = (start_of_day(day), start_of_day(day + 1));
        let n_events = remove_uses(tx, org_seq, start, end, EVENTS_PER_CHANGE)?;
        let kind = EventKind::HistorySealed { day: start, n_events };
        let event = EventDraft::about_organization(org_id, Actor::Host, kind, now);
        tx.append((&event).into())?;
        Ok::<_, WriteError<Failure>>((start, n_events))
    });
    let (day, n_events) = sealed.await?;
    info!(day = %day.date_text(), n_events, "gathered uses were removed, their digests stay");
    Ok(true)
}
