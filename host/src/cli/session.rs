//! Knows where a user's sessions are kept between commands: one private file, a session per host.

mod file;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use self::file::{SessionError, SessionFile};

use crate::cli::address::Address;
use crate::cli::failure::Failure;

/// Told to a user who has no session.
pub const NOT_SIGNED_IN: &str = "you are not signed in; use `exportgate sign-in CODE` with a code \
                                 that the operator prints with `exportgate sign-in-code NAME`";

/// Told beside the host's own words to a user whose session is over.
pub const SIGN_IN_AGAIN: &str = "the operator prints a code with `exportgate sign-in-code NAME`; \
                                 then use `exportgate sign-in CODE`";

/// One session, as good as a password while it lasts.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// The session cookie's value.
    pub cookie: String,
    /// Whose session it is; Power BI asks for this name.
    pub user_name: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Session of `{}`", self.user_name)
    }
}

/// The host that `url` (or else the environment, or the last sign-in) means, and the session
/// there. Without one the host is asked all the same: whether it is there, and what a missing
/// credential means, is for the host to say.
///
/// # Errors
/// When the session file cannot be read, or the address is none.
pub fn current(url: Option<&str>) -> Result<(Address, Option<Session>), Failure> {
    let mut kept = SessionFile::of_user()?.read()?;
    let address = Address::choose(url, kept.last_url.as_deref())?;
    let session = kept.sessions.remove(&address.origin());
    Ok((address, session))
}

/// The host that `url`, the environment or the last sign-in means, for commands that need no
/// session: a damaged or unreadable session file does not stop them.
///
/// # Errors
/// [`Failure::Usage`] when the address cannot be read.
pub fn address(url: Option<&str>) -> Result<Address, Failure> {
    let last = SessionFile::of_user().and_then(|file| file.read()).ok().and_then(|k| k.last_url);
    Address::choose(url, last.as_deref())
}

/// The user's configuration folder: `EXPORTGATE_CONFIG_HOME`, else `exportgate` in
/// `XDG_CONFIG_HOME` (which counts only when absolute, as its specification says), else in
/// `.config` of the home folder.
fn configuration_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|path| !path.as_os_str().is_empty());
    set("EXPORTGATE_CONFIG_HOME")
        .or_else(|| {
            set("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).map(|p| p.join("exportgate"))
        })
        .or_else(|| set("HOME").map(|home| home.join(Path::new(".config/exportgate"))))
}

#[cfg(test)]
mod tests;
