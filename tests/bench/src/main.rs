//! Measures what things cost, against floors and peers in the same run, and tells which goals are
//! met. `cargo xtask bench` builds what it needs and runs it; `README.md` beside tells how to read
//! the table.

mod changes;
mod cores;
mod history;
mod in_process;
mod many;
mod memory;
mod peer;
mod seed;
mod slow_disk;
mod stage;
mod table;
mod validation;
mod wrk;

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

use crate::table::Results;

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "Measure what things cost, against floors and peers")]
struct Cli {
    /// Three minutes in place of all there is
    #[arg(long)]
    quick: bool,
    /// Only these parts
    #[arg(long, value_name = "PART")]
    only: Vec<Part>,
    /// Where the results are also written as JSON
    #[arg(long, value_name = "FILE", default_value = "target/bench/results.json")]
    json: PathBuf,
}

/// What can be measured alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Steps of a validation in the process, as `cargo bench` measured them before
    InProcess,
    /// The validation routes against bare handlers
    Validation,
    /// Creation and revocation against the disk
    Changes,
    /// The same where each sync takes 4 ms longer
    SlowDisk,
    /// Introspection against npm's oidc-provider
    Peer,
    /// Memory, start-up and validation with very many tokens
    Many,
    /// A history of a million events
    History,
}

/// How long is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    quick: bool,
}

impl Effort {
    /// With so many connections the validation routes are asked.
    const fn connections(self) -> &'static [u32] {
        if self.quick { &[16, 64] } else { &[1, 16, 64, 256] }
    }

    /// So many turns each side has.
    const fn n_turns(self) -> usize {
        if self.quick { 5 } else { 7 }
    }

    /// Beside that with ten thousand, stores of so many tokens.
    const fn stores(self) -> &'static [u64] {
        if self.quick { &[1_000_000] } else { &[1_000_000, 10_000_000] }
    }

    /// So long is a turn.
    const fn seconds(self) -> u32 {
        if self.quick { 1 } else { 2 }
    }
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let effort = Effort { quick: cli.quick };
    let wanted = |part: Part| cli.only.is_empty() || cli.only.contains(&part);
    // What three minutes have no room for, unless it is asked for.
    let wanted_at_length =
        |part: Part| cli.only.contains(&part) || (cli.only.is_empty() && !cli.quick);
    let mut results = Results::default();
    if wanted(Part::InProcess) {
        in_process::report(&mut results)?;
    }
    if wanted(Part::Validation) {
        validation::measure(effort, &mut results)?;
    }
    if wanted(Part::Changes) {
        changes::measure(effort, &mut results)?;
    }
    if wanted_at_length(Part::SlowDisk) {
        slow_disk::measure(effort, &mut results)?;
    }
    if wanted(Part::Peer) {
        peer::measure(effort, &mut results)?;
    }
    if wanted(Part::Many) {
        many::measure(effort, &mut results)?;
    }
    if wanted_at_length(Part::History) {
        history::measure(effort, &mut results)?;
    }
    println!("{}", results.table());
    let text = serde_json::to_string_pretty(&results)?;
    if let Some(folder) = cli.json.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&cli.json, text).with_context(|| format!("cannot write `{}`", cli.json.display()))?;
    println!("{} goals missed; as JSON in {}", results.n_missed(), cli.json.display());
    Ok(())
}
