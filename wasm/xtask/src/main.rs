//! The project's own commands, run as `cargo xtask COMMAND`: what cargo alone cannot do.

mod bench;
mod browser;
mod demo;
mod engine;
mod environment;
mod fuzz;
mod machine;
mod mutants;
mod npm;
mod paths;
mod process;
mod salesforce;
mod supply;
mod test;
mod text;
mod toolchain;
mod web;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};

use crate::paths::Paths;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Exportgate's build commands", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the component that decides, target/engine/engine.wasm
    Engine,
    /// Build the module that pages load, target/browser
    Browser {
        /// The one for the corpus, which has every verb, target/browser/corpus
        #[arg(long)]
        corpus: bool,
    },
    /// Build the page that the host serves, wasm/web/dist
    Web,
    /// Build what the SFDX project takes from elsewhere, so that wasm/salesforce can be deployed
    Salesforce,
    /// Build everything as it ships, target/release/exportgate
    Build,
    /// Tell the story of one token with a real host and a real export
    Demo {
        /// End after the story, with exit code 0 when it went as told
        #[arg(long)]
        once: bool,
        /// Folder to work in, in place of a temporary one
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Measure what things cost, against floors and peers in the same run; `-- --help` tells more
    Bench {
        /// Three minutes in place of all there is
        #[arg(long)]
        quick: bool,
        /// Options of the bench program itself
        #[arg(last = true)]
        options: Vec<String>,
    },
    /// Run every test of the project; installs what is missing
    Test {
        /// Only these tests
        suite: Option<test::Suite>,
        #[command(flatten)]
        effort: test::Effort,
        #[command(flatten)]
        fuzz: fuzz::Effort,
    },
}

fn main() -> ExitCode {
    match run(&Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> anyhow::Result<()> {
    let paths = Paths::of_this_workspace()?;
    match task {
        Task::Engine => engine::build(&paths),
        Task::Browser { corpus } => {
            let scope = if *corpus { browser::Scope::Corpus } else { browser::Scope::Pages };
            browser::build(&paths, scope)
        }
        Task::Web => web::build(&paths),
        Task::Salesforce => salesforce::build(&paths),
        Task::Build => build(&paths),
        Task::Demo { once, data } => {
            build(&paths)?;
            machine::curl()?;
            demo::run(&paths, data.clone(), *once)
        }
        Task::Bench { quick, options } => bench::run(&paths, *quick, options),
        Task::Test { suite, effort, fuzz } => {
            effort.check(*suite)?;
            fuzz.check(*suite)?;
            match suite {
                None => test::run(&paths),
                Some(suite) => test::alone(&paths, *suite, effort, fuzz),
            }
        }
    }
}

/// Builds the programs of the workspace; `host/build.rs` has engine and page built on the way.
fn build(paths: &Paths) -> anyhow::Result<()> {
    let mut cargo = Command::new(environment::cargo());
    cargo.current_dir(&paths.root).args([
        "build",
        "--release",
        "--package",
        "exportgate-host",
        "--package",
        "exportgate-tests",
        "--package",
        "exportgate-crash",
        "--package",
        "exportgate-attack",
        "--package",
        "exportgate-oracles",
        "--bins",
    ]);
    environment::without_outer_cargo(&mut cargo);
    process::run(&mut cargo)
}
