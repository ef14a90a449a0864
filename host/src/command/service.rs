//! `exportgate service …`: the operator adds, lists and revokes export services.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::{DEFAULT_ORGANIZATION, organization};
use crate::cli::client::{Answer, Client};
use crate::cli::output::{Output, printable, shell_word, table};
use crate::cli::{Failure, Global};

/// What to do with export services.
#[derive(Debug, Subcommand)]
pub enum ServiceCommand {
    /// Add an export service and print its key, this once
    Add(ServiceArgs),
    /// List export services, also revoked ones
    List {
        /// Only this organization
        #[arg(long, value_name = "ORG")]
        org: Option<String>,
    },
    /// Revoke a service: its key stops working at once
    Revoke(ServiceArgs),
}

/// Which service is meant.
#[derive(Debug, Args, Serialize)]
pub struct ServiceArgs {
    /// The service's name, such as `nginx`
    #[arg(value_name = "NAME")]
    name: String,
    /// The organization whose tokens the service validates
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
struct Service {
    service_id: String,
    name: String,
    org_id: String,
    created_at: String,
    revoked_at: Option<String>,
}

/// Runs `exportgate service …`.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn run(command: ServiceCommand, global: &Global) -> Result<(), Failure> {
    let client = Client::operator(global)?;
    let out = Output::new(global.json);
    match command {
        ServiceCommand::Add(args) => {
            let is_new = !out.is_json() && !organization::is_known(&client, &args.org_id)?;
            added(&out, &client.post(&["v1", "operator", "services"], &[], Some(&args))?)?;
            if is_new {
                out.note(&printable(&format!(
                    "organization `{}` has nobody yet; if that is mistyped: exportgate service \
                     revoke --org {} {}",
                    args.org_id,
                    shell_word(&args.org_id),
                    shell_word(&args.name)
                )));
            }
            Ok(())
        }
        ServiceCommand::List { org } => list(&client, &out, org.as_deref()),
        ServiceCommand::Revoke(args) => {
            let path = ["v1", "operator", "services", &args.name, "revoke"];
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
        "added export service `{}` (id {}, organization `{}`); this is its key, shown only now:",
        added.name, added.service_id, added.org_id
    )));
    out.line(&printable(&added.key))?;
    out.note(
        "A proxy sends it as `X-Exportgate-Service: KEY`; a program that asks \
         /v1/exports/validate sends `Authorization: Bearer KEY`.",
    );
    Ok(())
}

fn revoked(out: &Output, answer: &Answer) -> Result<(), Failure> {
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let service: Service = answer.parse()?;
    out.line(&printable(&format!(
        "revoked export service `{}` of organization `{}`; its key no longer works",
        service.name, service.org_id
    )))
}

fn list(client: &Client, out: &Output, org: Option<&str>) -> Result<(), Failure> {
    let mut rows = Vec::new();
    client.pages(&["v1", "operator", "services"], &[("org_id", org)], None, |page| {
        for item in page.items {
            if out.is_json() {
                out.raw(&item)?;
                continue;
            }
            let service: Service = serde_json::from_str(item.get()).map_err(Failure::failed)?;
            rows.push([
                service.name,
                service.org_id,
                service.created_at,
                service.revoked_at.unwrap_or_else(|| "no".to_owned()),
                service.service_id,
            ]);
        }
        Ok(())
    })?;
    if out.is_json() {
        return Ok(());
    }
    out.line(&table(["NAME", "ORGANIZATION", "CREATED", "REVOKED", "ID"], rows))
}
