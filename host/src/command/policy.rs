//! `exportgate policy …`: the operator reads, previews, changes and applies an organization's
//! policy.

use clap::{Args, Subcommand};
use exportgate_core::wire::PolicyRecord;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::DEFAULT_ORGANIZATION;
use crate::cli::client::{Answer, Client};
use crate::cli::output::{Output, printable, table};
use crate::cli::{Failure, Global};

const ROUTE: [&str; 3] = ["v1", "operator", "policy"];
/// In the place of a number: no limit.
const NONE: &str = "none";

/// What to do with the policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show the policy and what it means
    Show(Organization),
    /// Change the policy for new tokens; what is not named stays
    Set(Wish),
    /// Tell which existing tokens would end earlier, and when; changes nothing
    Preview(PreviewArgs),
    /// Apply the maximum expiry period to existing tokens, as the preview shows
    Apply(ApplyArgs),
}

/// Whose policy.
#[derive(Debug, Args)]
pub struct Organization {
    /// The organization
    #[arg(long, value_name = "ORG", default_value = DEFAULT_ORGANIZATION)]
    org: String,
}

/// Settings that shall hold.
#[derive(Debug, Args)]
pub struct Wish {
    /// No new token may expire later than so many days after its creation: 1 to 3650, or none
    #[arg(long, value_name = "DAYS|none", value_parser = limit, allow_hyphen_values = true)]
    maximum_expiry_days: Option<Limit>,
    /// Whether a token without a date expires at the latest allowed instant
    #[arg(long, value_name = "true|false")]
    automatic_expiration: Option<bool>,
    /// How many active tokens a user may have: 1 to 1000, or none
    #[arg(long, value_name = "N|none", value_parser = limit, allow_hyphen_values = true)]
    maximum_active_tokens: Option<Limit>,
    #[command(flatten)]
    organization: Organization,
}

/// What to preview.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    #[command(flatten)]
    wish: Wish,
    /// How many days have to pass before any token ends: 0 to 365
    #[arg(long, value_name = "DAYS", default_value_t = 7, allow_negative_numbers = true)]
    notice_days: i64,
}

/// How to apply.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// How many days have to pass before any token ends: 0 to 365
    #[arg(long, value_name = "DAYS", default_value_t = 7, allow_negative_numbers = true)]
    notice_days: i64,
    #[command(flatten)]
    organization: Organization,
}

/// A number, or none; whether it is within its range is for the host to say.
type Limit = Option<i64>;

fn limit(text: &str) -> Result<Limit, String> {
    if text == NONE {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| format!("write a whole number, or `{NONE}`"))
}

/// A policy as the host tells it.
#[derive(Deserialize)]
struct Policy {
    maximum_expiry_days: Option<i64>,
    automatic_expiration: bool,
    maximum_active_tokens: Option<i64>,
    version: u64,
    updated_at: Option<String>,
    updated_by: Option<Changer>,
}

#[derive(Deserialize)]
struct Changer {
    kind: String,
    user_name: Option<String>,
}

#[derive(Serialize)]
struct PreviewRequest {
    #[serde(flatten)]
    policy: PolicyRecord,
    notice_days: i64,
}

#[derive(Serialize)]
struct ApplyRequest {
    notice_days: i64,
}

#[derive(Deserialize)]
struct Preview {
    new_tokens: String,
    n_active: u64,
    n_ending_earlier: u64,
    n_ending_earlier_in_use: u64,
    ending_earlier: Vec<EndingEarlier>,
}

#[derive(Deserialize)]
struct EndingEarlier {
    token_id: String,
    label: String,
    owner: Owner,
    old_expires_at: Option<String>,
    new_expires_at: String,
    last_used_at: Option<String>,
    uses_per_week: f64,
}

#[derive(Deserialize)]
struct Owner {
    user_name: String,
}

#[derive(Deserialize)]
struct Applied {
    n_changed: u64,
}

/// Runs `exportgate policy …`.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn run(command: PolicyCommand, global: &Global) -> Result<(), Failure> {
    let client = Client::operator(global)?;
    let out = Output::new(global.json);
    match command {
        PolicyCommand::Show(organization) => {
            show(&out, &client.get(&ROUTE, &organization.query())?)
        }
        PolicyCommand::Set(wish) => {
            let query = wish.organization.query();
            let current: Policy = client.get(&ROUTE, &query)?.parse()?;
            let seen = format!("\"{}\"", current.version);
            let client = client.with_header("if-match", &seen)?;
            show(&out, &client.send(Method::PUT, &ROUTE, &query, Some(&wish.over(&current)))?)
        }
        PolicyCommand::Preview(args) => {
            let query = args.wish.organization.query();
            let current: Policy = client.get(&ROUTE, &query)?.parse()?;
            let (policy, notice_days) = (args.wish.over(&current), args.notice_days);
            let request = PreviewRequest { policy, notice_days };
            preview(&out, &client.post(&with("preview"), &query, Some(&request))?)
        }
        PolicyCommand::Apply(args) => {
            let query = args.organization.query();
            let request = ApplyRequest { notice_days: args.notice_days };
            let answer = client.post(&with("apply-to-existing"), &query, Some(&request))?;
            if out.is_json() {
                return out.raw(&answer.document()?);
            }
            let Applied { n_changed } = answer.parse()?;
            out.line(&match n_changed {
                0 => "no existing token ends earlier by that".to_owned(),
                1 => "1 existing token ends earlier now".to_owned(),
                n => format!("{n} existing tokens end earlier now"),
            })
        }
    }
}

fn with(last: &'static str) -> [&'static str; 4] {
    let [one, two, three] = ROUTE;
    [one, two, three, last]
}

impl Organization {
    fn query(&self) -> [(&'static str, Option<&str>); 1] {
        [("org_id", Some(&self.org))]
    }
}

impl Wish {
    /// The wished settings, the others as they are.
    fn over(&self, current: &Policy) -> PolicyRecord {
        PolicyRecord {
            maximum_expiry_days: self.maximum_expiry_days.unwrap_or(current.maximum_expiry_days),
            automatic_expiration: self.automatic_expiration.unwrap_or(current.automatic_expiration),
            maximum_active_tokens: self
                .maximum_active_tokens
                .unwrap_or(current.maximum_active_tokens),
        }
    }
}

fn show(out: &Output, answer: &Answer) -> Result<(), Failure> {
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let policy: Policy = answer.parse()?;
    let number = |limit: Option<i64>| limit.map_or_else(|| NONE.to_owned(), |n| n.to_string());
    let changed = match (policy.updated_at, policy.updated_by) {
        (Some(at), Some(by)) => format!("{at} by {}", by.user_name.unwrap_or(by.kind)),
        _ => "never".to_owned(),
    };
    let rows = [
        ("maximum expiry period in days", number(policy.maximum_expiry_days)),
        ("automatic expiration", if policy.automatic_expiration { "on" } else { "off" }.to_owned()),
        ("active tokens per user", number(policy.maximum_active_tokens)),
        ("version", policy.version.to_string()),
        ("changed", changed),
    ];
    out.line(&table(
        ["SETTING", "VALUE"],
        rows.map(|(name, value)| [name.to_owned(), value]).into(),
    ))
}

fn preview(out: &Output, answer: &Answer) -> Result<(), Failure> {
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let preview: Preview = answer.parse()?;
    out.line(&printable(&preview.new_tokens))?;
    let Preview { n_active, n_ending_earlier, n_ending_earlier_in_use, .. } = preview;
    out.line(&match (n_active, n_ending_earlier) {
        (0, _) => "There is no active token that it could be applied to.".to_owned(),
        (_, 0) => format!("Applied to the {n_active} active tokens, none would end earlier."),
        _ => format!(
            "Applied to the {n_active} active tokens, {n_ending_earlier} would end earlier; \
             {n_ending_earlier_in_use} of those were used in the last 28 days."
        ),
    })?;
    if preview.ending_earlier.is_empty() {
        return Ok(());
    }
    let or_never = |at: Option<String>| at.unwrap_or_else(|| "never".to_owned());
    let rows = preview.ending_earlier.into_iter().map(|token| {
        [
            token.owner.user_name,
            token.label,
            or_never(token.old_expires_at),
            token.new_expires_at,
            or_never(token.last_used_at),
            format!("{:.1}", token.uses_per_week),
            token.token_id,
        ]
    });
    let header = ["OWNER", "LABEL", "ENDS NOW", "WOULD END", "LAST USED", "PER WEEK", "ID"];
    out.line(&table(header, rows.collect()))
}
