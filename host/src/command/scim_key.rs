//! `exportgate scim-key …`: the operator gives a directory, such as Entra ID or Okta, the key with
//! which it provisions people over SCIM, and takes it away.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::{DEFAULT_ORGANIZATION, organization};
use crate::cli::client::{Answer, Client};
use crate::cli::output::{Output, printable, shell_word, table};
use crate::cli::{Failure, Global};

/// What to do with SCIM keys.
#[derive(Debug, Subcommand)]
pub enum ScimKeyCommand {
    /// Add a SCIM key and print it, this once
    Add(ScimKeyArgs),
    /// List SCIM keys, also revoked ones
    List {
        /// Only this organization
        #[arg(long, value_name = "ORG")]
        org: Option<String>,
    },
    /// Revoke a SCIM key: it stops working at once
    Revoke(ScimKeyArgs),
}

/// Which key is meant.
#[derive(Debug, Args, Serialize)]
pub struct ScimKeyArgs {
    /// The directory's name, such as `entra`
    #[arg(value_name = "NAME")]
    name: String,
    /// The organization whose people the directory provisions
    #[arg(long = "org", value_name = "ORG", default_value = DEFAULT_ORGANIZATION)]
    org_id: String,
}

#[derive(Deserialize)]
struct Added {
    service_id: String,
    name: String,
    org_id: String,
    key: String,
}

#[derive(Deserialize)]
struct ScimKey {
    service_id: String,
    name: String,
    org_id: String,
    created_at: String,
    revoked_at: Option<String>,
}

/// Runs `exportgate scim-key …`.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn run(command: ScimKeyCommand, global: &Global) -> Result<(), Failure> {
    let client = Client::operator(global)?;
    let out = Output::new(global.json);
    match command {
        ScimKeyCommand::Add(args) => {
            let is_new = !out.is_json() && !organization::is_known(&client, &args.org_id)?;
            added(&out, &client.post(&["v1", "operator", "scim-keys"], &[], Some(&args))?)?;
            if is_new {
                out.note(&printable(&format!(
                    "organization `{}` has nobody yet; if that is mistyped: exportgate scim-key \
                     revoke --org {} {}",
                    args.org_id,
                    shell_word(&args.org_id),
                    shell_word(&args.name)
                )));
            }
            Ok(())
        }
        ScimKeyCommand::List { org } => list(&client, &out, org.as_deref()),
        ScimKeyCommand::Revoke(args) => {
            let path = ["v1", "operator", "scim-keys", &args.name, "revoke"];
            let query = [("org_id", Some(args.org_id.as_str()))];
            revoked(&out, &client.post(&path, &query, None::<&()>)?)
        }
    }
}

fn added(out: &Output, answer: &Answer) -> Result<(), Failure> {
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let added: Added = answer.parse()?;
    out.note(&printable(&format!(
        "added SCIM key `{}` (id {}, organization `{}`); this is it, shown only now:",
        added.name, added.service_id, added.org_id
    )));
    out.line(&printable(&added.key))?;
    out.note(
        "The directory sends it as `Authorization: Bearer KEY` to /scim/v2 of this host's public \
         address; Entra ID calls it the secret token.",
    );
    Ok(())
}

fn revoked(out: &Output, answer: &Answer) -> Result<(), Failure> {
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let key: ScimKey = answer.parse()?;
    out.line(&printable(&format!(
        "revoked SCIM key `{}` of organization `{}`; it no longer works",
        key.name, key.org_id
    )))
}

fn list(client: &Client, out: &Output, org: Option<&str>) -> Result<(), Failure> {
    let mut rows = Vec::new();
    client.pages(&["v1", "operator", "scim-keys"], &[("org_id", org)], None, |page| {
        for item in page.items {
            if out.is_json() {
                out.raw(&item)?;
                continue;
            }
            let key: ScimKey = serde_json::from_str(item.get()).map_err(Failure::failed)?;
            rows.push([
                key.name,
                key.org_id,
                key.created_at,
                key.revoked_at.unwrap_or_else(|| "no".to_owned()),
                key.service_id,
            ]);
        }
        Ok(())
    })?;
    if out.is_json() {
        return Ok(());
    }
    out.line(&table(["NAME", "ORGANIZATION", "CREATED", "REVOKED", "ID"], rows))
}
