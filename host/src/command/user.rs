//! `exportgate user …`: the operator adds, lists and changes people through the local socket.

use clap::{Args, Subcommand, ValueEnum};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::{DEFAULT_ORGANIZATION, organization};
use crate::cli::client::{Answer, Client};
use crate::cli::output::{Output, printable, shell_word, table};
use crate::cli::{Failure, Global};

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person
    Add(AddArgs),
    /// List people, also those who are not active
    List {
        /// Only this organization
        #[arg(long, value_name = "ORG")]
        org: Option<String>,
    },
    /// Take access away: sessions and tokens stop working at once
    Deactivate(Person),
    /// Give access back; tokens that have not ended work again
    Reactivate(Person),
    /// Make somebody a user or an administrator
    SetRole {
        /// Who.
        #[command(flatten)]
        person: Person,
        /// The new role
        #[arg(value_name = "ROLE")]
        role: Role,
    },
}

/// The person added.
#[derive(Debug, Args, Serialize)]
pub struct AddArgs {
    /// The user name, which Power BI also asks for
    #[arg(value_name = "NAME")]
    user_name: String,
    /// The name that pages show
    #[arg(long, value_name = "TEXT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// Mail address
    #[arg(long, value_name = "EMAIL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// What the person may do
    #[arg(long, default_value = "user")]
    role: Role,
    /// The organization that the person belongs to
    #[arg(long = "org", value_name = "ORG", default_value = DEFAULT_ORGANIZATION)]
    org_id: String,
}

/// Who is meant.
#[derive(Debug, Args)]
pub struct Person {
    /// The user name
    #[arg(value_name = "NAME")]
    user_name: String,
    /// The organization that the person belongs to
    #[arg(long, value_name = "ORG", default_value = DEFAULT_ORGANIZATION)]
    org: String,
}

/// The roles of DOMAIN.md, section 2.
#[derive(Debug, Clone, Copy, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Creates and revokes own tokens
    User,
    /// Also sets the policy and reads everybody's history
    Administrator,
}

/// What the table shows of a person.
#[derive(Deserialize)]
struct User {
    user_name: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    org_id: String,
    role: String,
    active: bool,
}

/// Runs `exportgate user …`.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn run(command: UserCommand, global: &Global) -> Result<(), Failure> {
    let client = Client::operator(global)?;
    let out = Output::new(global.json);
    match command {
        UserCommand::Add(args) => {
            let answer = client.post(&["v1", "operator", "users"], &[], Some(&args))?;
            tell(&out, &answer, "added")?;
            out.note(&format!(
                "to let them in: exportgate sign-in-code {}",
                meant(&args.user_name, &args.org_id)
            ));
            Ok(())
        }
        UserCommand::List { org } => list(&client, &out, org.as_deref()),
        UserCommand::Deactivate(person) => {
            watching_administrators(&client, &out, &person.org, || {
                tell(&out, &change(&client, &person, "deactivate")?, "deactivated")
            })
        }
        UserCommand::Reactivate(person) => {
            tell(&out, &change(&client, &person, "reactivate")?, "reactivated")
        }
        UserCommand::SetRole { person, role } => {
            let path = ["v1", "operator", "users", &person.user_name, "role"];
            let query = [("org_id", Some(person.org.as_str()))];
            let body = serde_json::json!({ "role": role });
            watching_administrators(&client, &out, &person.org, || {
                tell(&out, &client.send(Method::PUT, &path, &query, Some(&body))?, "changed")
            })
        }
    }
}

fn change(client: &Client, person: &Person, verb: &str) -> Result<Answer, Failure> {
    let path = ["v1", "operator", "users", &person.user_name, verb];
    client.post(&path, &[("org_id", Some(person.org.as_str()))], None::<&()>)
}

/// Makes a change, and says so when it took the organization its last administrator: that is
/// allowed, and seldom meant.
fn watching_administrators(
    client: &Client,
    out: &Output,
    org: &str,
    change: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    if out.is_json() {
        return change();
    }
    let had_one = organization::has_administrator(client, org)?;
    change()?;
    if had_one && !organization::has_administrator(client, org)? {
        out.note(&printable(&format!(
            "organization `{org}` has no active administrator now; \
             `exportgate user set-role NAME administrator` makes one"
        )));
    }
    Ok(())
}

/// A person as words of a command line that can be copied.
fn meant(user_name: &str, org: &str) -> String {
    let name = shell_word(user_name);
    if org == DEFAULT_ORGANIZATION { name } else { format!("--org {} {name}", shell_word(org)) }
}

fn tell(out: &Output, answer: &Answer, done: &str) -> Result<(), Failure> {
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let user: User = answer.parse()?;
    let state = if user.active { "active" } else { "not active" };
    out.line(&printable(&format!(
        "{done} `{}` ({}, {state}, organization `{}`)",
        user.user_name, user.role, user.org_id
    )))
}

fn list(client: &Client, out: &Output, org: Option<&str>) -> Result<(), Failure> {
    let mut rows = Vec::new();
    client.pages(&["v1", "operator", "users"], &[("org_id", org)], None, |page| {
        for item in page.items {
            if out.is_json() {
                out.raw(&item)?;
                continue;
            }
            let user: User = serde_json::from_str(item.get()).map_err(Failure::failed)?;
            let active = if user.active { "yes" } else { "no" };
            rows.push([
                user.user_name,
                user.role,
                active.to_owned(),
                user.org_id,
                user.display_name.unwrap_or_default(),
                user.email.unwrap_or_default(),
            ]);
        }
        Ok(())
    })?;
    if out.is_json() {
        return Ok(());
    }
    let header = ["USER NAME", "ROLE", "ACTIVE", "ORGANIZATION", "DISPLAY NAME", "EMAIL"];
    out.line(&table(header, rows))
}
