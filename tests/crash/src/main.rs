//! Kills the host while clients use it, again and again, and proves that nothing acknowledged is
//! lost and nothing revoked is accepted: `cargo xtask test crash`. [`power`] does it with cuts of
//! the power: `cargo xtask test powercut`.

mod clients;
mod forged;
mod history;
mod judge;
mod kill;
mod load;
mod mutants;
mod power;
mod round;
mod stories;
mod world;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use exportgate_tests::planted::CAUGHT;

use crate::round::Campaign;

#[derive(Parser)]
#[command(about = "Kills the host while clients use it, and judges every answer")]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    instead: Option<Instead>,
    /// How often the host is killed
    #[arg(long, value_name = "N", default_value_t = 20)]
    rounds: u32,
    /// What the clients' choices and the moments of the kills come from; any when it is not given
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Then build hosts with planted mistakes, and catch each of them
    #[arg(long)]
    mutants: bool,
    /// Do not keep the folder of a host that was caught
    #[arg(long, hide = true)]
    forget: bool,
}

/// What else can be done to the host.
#[derive(Subcommand)]
enum Instead {
    /// Let the host live under mixed load: every answer is right, and its memory stays
    Load {
        /// So long
        #[arg(long, value_name = "N", default_value_t = 30)]
        minutes: u64,
        /// What the clients' choices come from; any when it is not given
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
        /// Then build hosts with planted mistakes, and catch each of them
        #[arg(long)]
        mutants: bool,
    },
    /// Tell the host the stories of a bad disk, a wrong clock and an old database
    Faults(stories::Arguments),
    /// Cut the power of the host's disk instead of killing the host
    Power(power::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let given = match &arguments.instead {
        Some(Instead::Load { seed, .. }) => *seed,
        Some(Instead::Power(power)) => power.seed,
        Some(Instead::Faults(_)) => None,
        None => arguments.seed,
    };
    let seed = given.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let kit = match &arguments.instead {
        Some(Instead::Load { .. }) => "load",
        Some(Instead::Power(_)) => "powercut",
        Some(Instead::Faults(_)) => stories::KIT,
        None => "crash",
    };
    let played = play(&arguments, &workspace, seed).and_then(|is_good| {
        match &arguments.instead {
            Some(Instead::Power(power)) if is_good && power.mutants => {
                mutants::run_power(&workspace, seed)?;
            }
            Some(Instead::Load { mutants: true, .. }) if is_good => {
                mutants::run_load(&workspace, seed)?;
            }
            Some(Instead::Faults(stories)) if is_good && stories.mutants => {
                mutants::run_stories(&workspace)?;
            }
            None if is_good && arguments.mutants => mutants::run(&workspace, seed)?,
            _ => {}
        }
        Ok(is_good)
    });
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("{kit}: the host was caught; again with `--seed {seed}`");
            ExitCode::from(CAUGHT)
        }
        Err(error) => {
            eprintln!("{kit}: {error:#}; again with `--seed {seed}`");
            ExitCode::FAILURE
        }
    }
}

/// Does to the host what was asked for, and tells whether all is well.
fn play(arguments: &Arguments, workspace: &Path, seed: u64) -> anyhow::Result<bool> {
    match &arguments.instead {
        Some(Instead::Load { minutes, .. }) => {
            let folder = tempfile::tempdir().context("a folder for the host")?;
            load::run(folder.path(), *minutes, seed)
        }
        Some(Instead::Power(power)) => power::run_all(power, seed),
        Some(Instead::Faults(stories)) => stories::run(workspace, stories),
        None => run(arguments, seed),
    }
}

/// Plays the rounds, and tells whether all is well.
fn run(arguments: &Arguments, seed: u64) -> anyhow::Result<bool> {
    let started = Instant::now();
    let folder = tempfile::tempdir().context("a folder for the host")?;
    let mut campaign = Campaign::start(folder.path(), seed)?;
    let mut n_rounds = 0;
    while n_rounds < arguments.rounds && campaign.findings.sentences.is_empty() {
        n_rounds += 1;
        campaign.round(n_rounds)?;
    }
    let is_good = campaign.findings.sentences.is_empty();
    let (counts, findings) = (campaign.counts(), campaign.findings.clone());
    println!(
        "crash: {n_rounds} rounds in {:.1} s, {} starts killed, too; seed {seed}",
        started.elapsed().as_secs_f64(),
        campaign.n_starts_killed,
    );
    println!(
        "crash: {} acknowledged writes ({} created, {} renamed, {} revoked), {} refused, {} unknown \
         ({} of their creations happened), {} validations",
        counts.acknowledged(),
        counts.created,
        counts.renamed,
        counts.revoked,
        counts.refused,
        counts.unknown,
        campaign.n_unknown_there,
        counts.validated,
    );
    println!(
        "crash: lost {}, wrongly accepted {}, unfounded {}",
        findings.lost, findings.accepted, findings.unfounded,
    );
    for sentence in &findings.sentences {
        println!("crash: {sentence}");
    }
    if is_good {
        let found = forged::check(&campaign.good)?;
        println!(
            "crash: forged records found {} of {} kinds, in {} histories",
            found.kinds,
            forged::FORGERIES.len(),
            found.histories,
        );
    } else {
        drop(campaign);
        if !arguments.forget {
            println!("crash: the host's folder is kept: `{}`", folder.keep().display());
        }
    }
    Ok(is_good)
}
