//! `exportgate scim-key …`: the operator gives a directory, such as Entra ID or Okta, the key with
//! which it provisions people over SCIM, and takes it away.

use clap::Subcommand;

use super::key::{Holder, Keys, Listed};
use crate::cli::{Failure, Global};

const SCIM_KEYS: Keys = Keys {
    path: "scim-keys",
    command: "scim-key",
    holder: "SCIM key",
    key: "it",
    use_of_it: "The directory sends it as `Authorization: Bearer KEY` to /scim/v2 of this host's \
                public address; Entra ID calls it the secret token.",
};

/// What to do with SCIM keys.
#[derive(Debug, Subcommand)]
pub enum ScimKeyCommand {
    /// Add a SCIM key and print it, this once
    Add(Holder),
    /// List SCIM keys, also revoked ones
    List(Listed),
    /// Revoke a SCIM key: it stops working at once
    Revoke(Holder),
}

/// Runs `exportgate scim-key …`.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn run(command: &ScimKeyCommand, global: &Global) -> Result<(), Failure> {
    match command {
        ScimKeyCommand::Add(directory) => SCIM_KEYS.add(directory, global),
        ScimKeyCommand::List(listed) => SCIM_KEYS.list(listed, global),
        ScimKeyCommand::Revoke(directory) => SCIM_KEYS.revoke(directory, global),
    }
}
