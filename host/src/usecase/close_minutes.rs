//! Uses of closed minutes become history events.

use std::sync::Arc;

use exportgate_core::time::Timestamp;
use tracing::warn;

use crate::{
    app::App,
    store::{StoreError, WriteError},
    uses::Gathered,
};

/// So many events are written in one change, so that others wait little.
const EVENTS_PER_CHANGE: usize = 256;

/// Writes the uses of all minutes that are over, or, at shutdown, of the open one too. What cannot
/// be written is kept for the next time.
pub async fn close_minutes(app: &App, now: Option<Timestamp>) {
    let mut waiting = app.uses.close_minutes(now).into_iter();
    loop {
        let part: Vec<_> = waiting.by_ref().take(EVENTS_PER_CHANGE).collect();
        if part.is_empty() {
            return;
        }
        if let Err((gathered, error)) = store_gathered(app, part).await {
            let n_events = gathered.len() + waiting.len();
            warn!(%error, n_events, "uses could not be stored yet");
            app.uses.put_back(gathered);
            app.uses.put_back(waiting.collect());
            return;
        }
    }
}

/// Writes events of use and the tokens' last use in one change; gives them back on failure.
pub(super) async fn store_gathered(
    app: &App,
    gathered: Vec<Gathered>,
) -> Result<(), (Vec<Gathered>, StoreError)> {
    let gathered = Arc::new(gathered);
    let (ours, uses) = (Arc::clone(&gathered), Arc::clone(&app.uses));
    let written = app
        .store
        .write(move |tx| {
            let mut stored = Vec::new();
            for one in ours.iter() {
                tx.step_aside();
                tx.append(one.event())?;
                let (token_seq, day, uses) = one.uses_of_day();
                tx.add_uses(token_seq, day, uses)?;
                if let Some((token_seq, at)) = one.last_allowed() {
                    tx.touch_token(token_seq, at)?;
                    stored.push((token_seq, at));
                }
            }
            tx.after_commit(move || uses.forget_stored(&stored));
            Ok::<_, WriteError<StoreError>>(())
        })
        .await;
    match written {
        Ok(()) => Ok(()),
        Err(WriteError::Store(error) | WriteError::Refused(error)) => {
            // The change is over, and with it the other holder.
            Err((Arc::into_inner(gathered).unwrap_or_default(), error))
        }
    }
}
