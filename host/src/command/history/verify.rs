//! `exportgate history verify`: reads the whole history again, and compares it with the stored
//! tree, the last signed checkpoint, and one that somebody kept.

use std::{fs, path::PathBuf};

use clap::Args;
use exportgate_core::{checkpoint::VerifierKey, id::OrgId};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::checkpoint_key;
use crate::cli::output::printable;
use crate::cli::{Failure, Global, Output};
use crate::command::{DEFAULT_ORGANIZATION, snapshot::Snapshot};
use crate::verify::{Kept, Verified, n_events, verify};

pub const HELP: &str = "What lies in the data folder can be rewritten as a whole by whoever holds \
                        all of it, the key too. Only a checkpoint that was kept elsewhere shows \
                        that: `exportgate history checkpoint > FILE`.\n\nExit code 0: nothing was \
                        changed or removed; 1: something was, and the first event that differs is \
                        named.";

/// What to compare with.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A signed checkpoint that was kept
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// The organization of that checkpoint
    #[arg(long, value_name = "ORG", default_value = DEFAULT_ORGANIZATION)]
    org: String,
    /// Check signatures with this verifier key, in place of the data folder's
    #[arg(long, value_name = "KEY", requires = "checkpoint")]
    verifier_key: Option<String>,
    /// Configuration file, in place of DIR/exportgate.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    n_events: u64,
    organizations: Vec<Verified>,
}

/// Verifies the database itself, or, while a host holds it, a copy that the host makes.
pub fn run(args: &VerifyArgs, global: &Global) -> Result<(), Failure> {
    let output = Output::new(global.json);
    let given = args.verifier_key.as_deref().map(VerifierKey::parse).transpose();
    let given = given.map_err(Failure::usage)?;
    let note = args.checkpoint.as_ref().map(|file| {
        fs::read_to_string(file).map_err(|error| {
            Failure::failed(format!("the checkpoint `{}` cannot be read: {error}", file.display()))
        })
    });
    let note = note.transpose()?;
    let own = checkpoint_key::load(&global.data).map_err(Failure::failed)?;
    if own.is_none() && given.is_none() && note.is_some() {
        return Err(Failure::failed(format!(
            "there is no `{}` in the data folder, so the checkpoint's signature cannot be checked; \
             name the key with `--verifier-key`",
            checkpoint_key::KEY_NAME
        )));
    }
    let key_of = |org_id: &str| match (&given, &own) {
        (Some(given), _) if org_id == args.org => Some(given.clone()),
        (_, Some(own)) => {
            let org_id = OrgId::parse(org_id).ok()?;
            Some(own.verifier(&own.origin(&org_id)))
        }
        _ => None,
    };
    let kept = note.as_deref().map(|note| Kept { note, org_id: &args.org });
    let snapshot = Snapshot::take(global, args.config.as_deref())?;
    let unreadable = |error| snapshot.unreadable(error);
    let connection = snapshot.open()?;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let template = "{bar:40} {pos}/{len} events, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_length(n_events(&connection).map_err(unreadable)?);
    let verified = verify(&connection, &key_of, kept.as_ref(), &mut |n| bar.set_position(n));
    bar.finish_and_clear();
    let organizations = verified.map_err(unreadable)?;
    if kept.is_some() && !organizations.iter().any(|one| one.org_id == args.org) {
        return Err(Failure::failed(format!(
            "the checkpoint is not that of a history here: nobody of organization `{}` is known",
            args.org
        )));
    }
    tell(&output, organizations)
}

fn tell(output: &Output, organizations: Vec<Verified>) -> Result<(), Failure> {
    let holds = organizations.iter().all(|one| one.problems.is_empty());
    let refused = organizations.iter().find_map(|one| one.checkpoint_refused.clone());
    let ok = holds && refused.is_none();
    if output.is_json() {
        let n_events = organizations.iter().map(|one| one.n_events).sum();
        output.document(&Report { ok, n_events, organizations })?;
    } else {
        for one in &organizations {
            let removed = match one.n_removed {
                0 => String::new(),
                n => format!(", of {n} the digest only, as `keep_days` says"),
            };
            let found = if one.problems.is_empty() { "holds" } else { "DOES NOT HOLD" };
            output.line(&printable(&format!(
                "the history of `{}` {found}: {} events{removed}, root {}",
                one.org_id, one.n_events, one.root
            )))?;
            for problem in &one.problems {
                output.line(&printable(&format!("  {problem}")))?;
            }
            if let Some(first) = one.first_difference {
                output.line(&format!("  the first difference is at event {first}"))?;
            }
        }
    }
    match refused {
        None if holds => return Ok(()),
        Some(refused) if holds => {
            return Err(Failure::failed(format!("the given checkpoint proves nothing: {refused}")));
        }
        _ => {}
    }
    Err(Failure::failed(
        "the history was changed behind the host's back; keep the database as it is, it is evidence",
    ))
}
