//! A person comes back from an OpenID provider, and the provider ends sessions.

use std::sync::Arc;

use exportgate_core::history::{Actor, EventDraft, EventKind};
use exportgate_core::user::NamedUser;
use tracing::info;

use super::{
    Failure,
    recognise_person::{NotRecognised, recognise_in, user},
};
use crate::{
    app::App,
    assertion::claims::digest,
    directory::User,
    oidc::{Logout, Provider},
    person::Person,
    session::{SignedInAt, Ticket},
    store::{EndedSessions, StoredSession, WriteError},
};

/// Adds or updates the person, and makes a session; the ticket goes into the cookie.
///
/// # Errors
/// An account that is inactive, a user name that somebody else has, or a failure of the store.
pub async fn sign_in_with_provider(
    app: &App,
    person: Person,
    signed_in_at: SignedInAt,
) -> Result<(Arc<User>, Ticket), NotRecognised> {
    let ticket = Ticket::generate().map_err(|error| NotRecognised::Failed(error.into()))?;
    let ticket_digest = ticket.digest();
    let (directory, sessions) = (Arc::clone(&app.directory), Arc::clone(&app.sessions));
    let clock = app.clock.clone();
    let signed_in = app.store.write(move |tx| {
        let now = clock.now();
        let stored = recognise_in(tx, &directory, &person, now)?;
        let session = StoredSession {
            digest: ticket_digest,
            user_seq: stored.user_seq,
            created_at: now,
            last_seen_at: now,
            at_provider: Some(signed_in_at.session),
        };
        tx.insert_session(&session)?;
        let named = NamedUser { user_id: stored.user_id, user_name: stored.user_name };
        let event = EventDraft::about_organization(
            stored.org_id,
            Actor::User(named),
            EventKind::UserSignedIn,
            now,
        );
        tx.append((&event).into())?;
        let user_seq = stored.user_seq;
        tx.after_commit(move || {
            // Somebody new is there by now.
            if let Some(user) = directory.user(user_seq) {
                sessions.insert(session, user, signed_in_at.id_token);
            }
        });
        Ok::<_, WriteError<NotRecognised>>(user_seq)
    });
    let user_seq = signed_in.await.map_err(NotRecognised::from)?;
    Ok((user(app, user_seq)?, ticket))
}

/// Ends the sessions that a logout token names. A second time it ends none: somebody may have
/// signed in again meanwhile.
///
/// # Errors
/// A failure of the store.
pub async fn end_sessions(app: &App, provider: &Provider, logout: Logout) -> Result<(), Failure> {
    // Assertions of the same issuer have ids of their own.
    let token = digest(&format!("logout {}", provider.issuer()), &logout.jti);
    let ended = EndedSessions {
        issuer: provider.issuer().to_owned(),
        subject: logout.subject,
        session_id: logout.session_id,
    };
    let (sessions, clock) = (Arc::clone(&app.sessions), app.clock.clone());
    let done = app.store.write(move |tx| {
        if tx.accept_assertion(token, logout.expires_at, clock.now())? {
            let digests = tx.end_sessions(&ended)?;
            tx.after_commit(move || {
                info!(
                    n_sessions = digests.len(),
                    issuer = ended.issuer,
                    "a provider ends sessions"
                );
                for digest in digests {
                    sessions.remove(&digest);
                }
            });
        }
        Ok::<_, WriteError<Failure>>(())
    });
    Ok(done.await?)
}
