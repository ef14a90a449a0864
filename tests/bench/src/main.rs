//! Measures what things cost, against floors and peers in the same run, and tells which goals are
//! met. `cargo xtask bench` builds what it needs and runs it; `README.md` beside tells how to read
//! the table.

mod cores;
mod seed;
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
    /// The validation routes against bare handlers
    Validation,
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

    /// So long is a turn.
    const fn seconds(self) -> u32 {
        if self.quick { 1 } else { 3 }
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
    let mut results = Results::default();
    if wanted(Part::Validation) {
        validation::measure(effort, &mut results)?;
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
