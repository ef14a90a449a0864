//! The operator makes a one-time sign-in code for a person.

use exportgate_core::{code::Code, time::Timestamp};

use super::{Failure, manage_users::find};
use crate::{
    app::App,
    session::{SIGN_IN_CODE_SECS, Ticket},
    store::WriteError,
};
use exportgate_core::{id::OrgId, name::Name};

/// A code that becomes a session once.
pub struct SignInCode {
    /// The code itself.
    pub ticket: Ticket,
    /// The first instant at which it is no longer taken.
    pub expires_at: Timestamp,
}

impl SignInCode {
    /// A link that carries the code in its fragment: browsers do not send that part, so it does
    /// not reach any log.
    #[must_use]
    pub fn link(&self, public_url: &str) -> String {
        format!("{public_url}/#code={}", self.ticket.expose())
    }
}

/// Makes a code for an active user.
///
/// # Errors
/// `user.not_found`, `user.inactive`; a failure of the store.
pub async fn issue_sign_in_code(
    app: &App,
    org_id: &OrgId,
    user_name: &Name,
) -> Result<SignInCode, Failure> {
    let user = find(app, org_id, user_name)?;
    if !user.is_active() {
        let detail = format!(
            "the account of `{user_name}` is deactivated, so no code would let anybody in; \
             reactivate it first"
        );
        return Err(Failure::Refused(Code::UserInactive, detail));
    }
    let ticket = Ticket::generate()?;
    let now = app.clock.now();
    let expires_at = now.saturating_add_secs(SIGN_IN_CODE_SECS);
    let (digest, user_seq) = (ticket.digest(), user.user_seq);
    app.store
        .write(move |tx| {
            tx.insert_sign_in_code(digest, user_seq, expires_at, now)?;
            Ok::<_, WriteError<Failure>>(())
        })
        .await?;
    Ok(SignInCode { ticket, expires_at })
}
