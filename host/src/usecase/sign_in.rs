//! A person signs in with a one-time code, and out again.

use std::sync::Arc;

use exportgate_core::{
    code::Code,
    history::{Actor, EventDraft, EventKind},
};

use super::Failure;
use crate::{
    app::App,
    directory::User,
    session::{Ticket, digest_of},
    store::{StoredSession, WriteError},
};

/// Makes a session out of a sign-in code; the ticket goes into the cookie.
///
/// # Errors
/// `credential.invalid` for a wrong, used or late code and for an inactive account; a failure of
/// the store.
pub async fn sign_in(app: &App, code: &str) -> Result<(Arc<User>, Ticket), Failure> {
    let ticket = Ticket::generate()?;
    let (code_digest, digest) = (digest_of(code), ticket.digest());
    let (directory, sessions) = (Arc::clone(&app.directory), Arc::clone(&app.sessions));
    let clock = app.clock.clone();
    let signed_in = app.store.write(move |tx| {
        let now = clock.now();
        let code = tx.take_sign_in_code(code_digest)?;
        if code.is_some_and(|(_, expires_at)| expires_at <= now) {
            // A late code stays late after a crash, too, whatever the clock says then.
            clock.remember(now);
        }
        let user = code
            .filter(|(_, expires_at)| now < *expires_at)
            .and_then(|(user_seq, _)| directory.user(user_seq))
            .filter(|user| user.is_active())
            .ok_or_else(wrong_code)?;
        let session = StoredSession {
            digest,
            user_seq: user.user_seq,
            created_at: now,
            last_seen_at: now,
            at_provider: None,
        };
        tx.insert_session(&session)?;
        let event = EventDraft::about_organization(
            user.owner().org_id.clone(),
            Actor::User(user.named()),
            EventKind::UserSignedIn,
            now,
        );
        tx.append((&event).into())?;
        let signed_in = Arc::clone(&user);
        tx.after_commit(move || sessions.insert(session, signed_in, None));
        Ok::<_, WriteError<Failure>>(user)
    });
    Ok((signed_in.await?, ticket))
}

fn wrong_code() -> Failure {
    let detail = "the sign-in code is wrong, used or too old; ask for a new one";
    Failure::Refused(Code::CredentialInvalid, detail.to_owned())
}

/// Ends a session.
///
/// # Errors
/// A failure of the store.
pub async fn sign_out(app: &App, digest: [u8; 32]) -> Result<(), Failure> {
    let sessions = Arc::clone(&app.sessions);
    let signed_out = app.store.end_access(move |tx| {
        tx.delete_session(digest)?;
        let sessions = Arc::clone(&sessions);
        tx.after_commit(move || sessions.remove(&digest));
        Ok::<_, WriteError<Failure>>(())
    });
    Ok(signed_out.await?)
}

/// Stores when sessions were last seen, and forgets those that are over.
///
/// # Errors
/// A failure of the store; then what was not stored is known in memory only.
pub async fn keep_sessions(app: &App) -> Result<(), Failure> {
    let changes = app.sessions.changes(app.clock.now());
    if changes.seen.is_empty() && changes.over.is_empty() {
        return Ok(());
    }
    let kept = app.store.write(move |tx| {
        tx.touch_sessions(&changes.seen)?;
        for digest in changes.over {
            tx.delete_session(digest)?;
        }
        Ok::<_, WriteError<Failure>>(())
    });
    Ok(kept.await?)
}
