//! `exportgate history`: the operator reads an organization's history, and verifies it.

mod verify;

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::DEFAULT_ORGANIZATION;
use crate::cli::client::Client;
use crate::cli::output::{Output, table};
use crate::cli::{Failure, Global};

const ROUTE: [&str; 3] = ["v1", "operator", "history"];
/// So many events are shown where nobody says; a terminal holds no more at a glance.
const DEFAULT_LIMIT: usize = 50;

/// What to do with the history.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HistoryArgs {
    #[command(subcommand)]
    command: Option<HistoryCommand>,
    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Debug, Subcommand)]
enum HistoryCommand {
    /// Read the whole history again and tell whether anything was changed or removed
    #[command(after_help = verify::HELP)]
    Verify(verify::VerifyArgs),
    /// Print the signed checkpoint of the history; keep it to verify against later
    Checkpoint {
        /// The organization
        #[arg(long, value_name = "ORG", default_value = DEFAULT_ORGANIZATION)]
        org: String,
    },
}

/// Which events to read.
#[derive(Debug, Args)]
struct ReadArgs {
    /// The organization
    #[arg(long, value_name = "ORG", default_value = DEFAULT_ORGANIZATION)]
    org: String,
    /// From this date or instant on
    #[arg(long, value_name = "DATE|INSTANT")]
    from: Option<String>,
    /// Until the end of this date, or before this instant
    #[arg(long, value_name = "DATE|INSTANT")]
    to: Option<String>,
    /// Only events of this kind, such as token.created
    #[arg(long)]
    kind: Option<String>,
    /// Only events about this user
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// Only events about this token
    #[arg(long, value_name = "ID")]
    token_id: Option<String>,
    /// At most so many of the newest events [default: 50]
    #[arg(long, value_name = "N", conflicts_with_all = ["all", "csv"])]
    limit: Option<usize>,
    /// Everything that matches, not the newest events only
    #[arg(long)]
    all: bool,
    /// Everything that matches as CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// What the table shows of an event.
#[derive(Deserialize)]
struct Event {
    sequence: u64,
    at: String,
    kind: String,
    actor: Actor,
    label: Option<String>,
    owner: Option<Named>,
    reason: Option<String>,
    details: Map<String, Value>,
}

#[derive(Deserialize)]
struct Actor {
    kind: String,
    user_name: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    user_name: String,
}

/// Runs `exportgate history …`.
///
/// # Errors
/// What the host refuses, that it cannot be reached, or a history that does not verify.
pub fn run(args: HistoryArgs, global: &Global) -> Result<(), Failure> {
    match args.command {
        Some(HistoryCommand::Verify(args)) => verify::run(&args, global),
        Some(HistoryCommand::Checkpoint { org }) => checkpoint(&org, global),
        None => read(&args.read, global),
    }
}

fn checkpoint(org: &str, global: &Global) -> Result<(), Failure> {
    let client = Client::operator(global)?;
    let out = Output::new(global.json);
    let [one, two, three] = ROUTE;
    let answer = client.get(&[one, two, three, "checkpoint"], &[("org_id", Some(org))])?;
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    #[derive(Deserialize)]
    struct Signed {
        checkpoint: String,
        verifier_key: String,
    }
    let signed: Signed = answer.parse()?;
    out.note(&format!("verifier key: {}", signed.verifier_key));
    out.bytes(signed.checkpoint.as_bytes())
}

fn read(args: &ReadArgs, global: &Global) -> Result<(), Failure> {
    let client = Client::operator(global)?;
    let out = Output::new(global.json);
    let query = [
        ("org_id", Some(args.org.as_str())),
        ("from", args.from.as_deref()),
        ("to", args.to.as_deref()),
        ("kind", args.kind.as_deref()),
        ("user_id", args.user_id.as_deref()),
        ("token_id", args.token_id.as_deref()),
    ];
    if args.csv {
        return client.stream(&ROUTE, &query, "text/csv", |part| out.bytes(part));
    }
    let limit = (!args.all).then(|| args.limit.unwrap_or(DEFAULT_LIMIT));
    let (mut rows, mut more) = (Vec::new(), false);
    client.pages(&ROUTE, &query, limit, |page| {
        more = page.has_next;
        for item in page.items {
            if out.is_json() {
                out.raw(&item)?;
                continue;
            }
            let event = serde_json::from_str(item.get()).map_err(Failure::failed)?;
            rows.push(row(event));
        }
        Ok(())
    })?;
    if out.is_json() {
        return Ok(());
    }
    let header = ["EVENT", "AT", "KIND", "ACTOR", "OWNER", "LABEL", "DETAILS"];
    out.line(&table(header, rows))?;
    if more && args.limit.is_none() {
        out.note("There are older events; `--all` shows them, `--limit N` that many.");
    }
    Ok(())
}

fn row(event: Event) -> [String; 7] {
    let mut details = Vec::new();
    details.extend(event.reason);
    if let (Some(old), Some(new)) = (event.details.get("old"), event.details.get("new")) {
        tell_change(old, new, &mut details);
    } else {
        for (name, value) in &event.details {
            tell(name, value, &mut details);
        }
    }
    [
        event.sequence.to_string(),
        event.at,
        event.kind,
        event.actor.user_name.unwrap_or(event.actor.kind),
        event.owner.map(|owner| owner.user_name).unwrap_or_default(),
        event.label.unwrap_or_default(),
        details.join(", "),
    ]
}

/// `name old to new` for each member that differs.
fn tell_change(old: &Value, new: &Value, details: &mut Vec<String>) {
    let shown = |value: &Value| if value.is_null() { "none".to_owned() } else { value.to_string() };
    let members = new.as_object().into_iter().flatten();
    for (name, value) in members.filter(|(name, _)| name.as_str() != "version") {
        let before = old.get(name).unwrap_or(&Value::Null);
        if before != value {
            details.push(format!("{name} {} to {}", shown(before), shown(value)));
        }
    }
}

/// `name value` for each value that there is, those of inner objects too.
fn tell(name: &str, value: &Value, details: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::String(text) => details.push(format!("{name} {text}")),
        Value::Object(inner) => {
            for (inner_name, value) in inner {
                tell(&format!("{name}.{inner_name}"), value, details);
            }
        }
        value => details.push(format!("{name} {value}")),
    }
}
