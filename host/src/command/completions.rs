//! `exportgate completions SHELL`: a script that lets a shell complete our words.

use clap::Args;
use clap_complete::Shell;
use serde::Serialize;

use crate::cli::output::Output;
use crate::cli::{Failure, Global, tree};

/// For which shell.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Serialize)]
struct Completions {
    shell: String,
    script: String,
}

/// Runs `exportgate completions`.
///
/// # Errors
/// When standard output does not take the script.
pub fn run(args: &CompletionsArgs, global: &Global) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut tree(), "exportgate", &mut script);
    let out = Output::new(global.json);
    if out.is_json() {
        let script = String::from_utf8(script).map_err(Failure::failed)?;
        return out.document(&Completions { shell: args.shell.to_string(), script });
    }
    out.bytes(&script)
}
