//! What `exportgate service` and `exportgate scim-key` have in common: a program gets a key for one
//! organization, and loses it again.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{DEFAULT_ORGANIZATION, organization};
use crate::cli::client::Client;
use crate::cli::output::{Output, printable, shell_word, table};
use crate::cli::{Failure, Global};

/// What the keys are for, and what their holders are called.
pub(super) struct Keys {
    /// The last part of their address below `/v1/operator`.
    pub path: &'static str,
    pub command: &'static str,
    /// What has a key, and the key itself where that has been named.
    pub holder: &'static str,
    pub key: &'static str,
    /// How a key is sent.
    pub use_of_it: &'static str,
}

/// Whose key is meant.
#[derive(Debug, Args, Serialize)]
pub struct Holder {
    /// Its name, such as `nginx` for a service or `entra` for a directory
    #[arg(value_name = "NAME")]
    name: String,
    /// The organization that it works for
    #[arg(long = "org", value_name = "ORG", default_value = DEFAULT_ORGANIZATION)]
    org_id: String,
}

/// Whose keys are listed.
#[derive(Debug, Args)]
pub struct Listed {
    /// Only this organization
    #[arg(long, value_name = "ORG")]
    org: Option<String>,
}

#[derive(Deserialize)]
struct Added {
    service_id: String,
    name: String,
    org_id: String,
    key: String,
}

#[derive(Deserialize)]
struct Known {
    service_id: String,
    name: String,
    org_id: String,
    created_at: String,
    revoked_at: Option<String>,
}

impl Keys {
    /// Makes a key and prints it.
    ///
    /// # Errors
    /// What the host refuses, or that it cannot be reached.
    pub fn add(&self, holder: &Holder, global: &Global) -> Result<(), Failure> {
        let client = Client::operator(global)?;
        let out = Output::new(global.json);
        let is_new = !out.is_json() && !organization::is_known(&client, &holder.org_id)?;
        let answer = client.post(&["v1", "operator", self.path], &[], Some(holder))?;
        if out.is_json() {
            return out.raw(&answer.document()?);
        }
        let added: Added = answer.parse()?;
        out.note(&printable(&format!(
            "added {} `{}` (id {}, organization `{}`); this is {}, shown only now:",
            self.holder, added.name, added.service_id, added.org_id, self.key
        )));
        out.line(&printable(&added.key))?;
        out.note(self.use_of_it);
        if is_new {
            out.note(&printable(&format!(
                "organization `{}` has nobody yet; if that is mistyped: exportgate {} revoke --org \
                 {} {}",
                holder.org_id,
                self.command,
                shell_word(&holder.org_id),
                shell_word(&holder.name)
            )));
        }
        Ok(())
    }

    /// Prints whose keys there are, also revoked ones.
    ///
    /// # Errors
    /// What the host refuses, or that it cannot be reached.
    pub fn list(&self, listed: &Listed, global: &Global) -> Result<(), Failure> {
        let client = Client::operator(global)?;
        let out = Output::new(global.json);
        let mut rows = Vec::new();
        let query = [("org_id", listed.org.as_deref())];
        client.pages(&["v1", "operator", self.path], &query, None, |page| {
            for item in page.items {
                if out.is_json() {
                    out.raw(&item)?;
                    continue;
                }
                let known: Known = serde_json::from_str(item.get()).map_err(Failure::failed)?;
                rows.push([
                    known.name,
                    known.org_id,
                    known.created_at,
                    known.revoked_at.unwrap_or_else(|| "no".to_owned()),
                    known.service_id,
                ]);
            }
            Ok(())
        })?;
        if out.is_json() {
            return Ok(());
        }
        out.line(&table(["NAME", "ORGANIZATION", "CREATED", "REVOKED", "ID"], rows))
    }

    /// Takes a key away.
    ///
    /// # Errors
    /// What the host refuses, or that it cannot be reached.
    pub fn revoke(&self, holder: &Holder, global: &Global) -> Result<(), Failure> {
        let client = Client::operator(global)?;
        let out = Output::new(global.json);
        let path = ["v1", "operator", self.path, &holder.name, "revoke"];
        let query = [("org_id", Some(holder.org_id.as_str()))];
        let answer = client.post(&path, &query, None::<&()>)?;
        if out.is_json() {
            return out.raw(&answer.document()?);
        }
        let known: Known = answer.parse()?;
        out.line(&printable(&format!(
            "revoked {} `{}` of organization `{}`; {} no longer works",
            self.holder, known.name, known.org_id, self.key
        )))
    }
}
