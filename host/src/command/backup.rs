//! `exportgate backup FILE`: the running host writes a consistent copy of its database.

use std::path::{self, PathBuf};

use clap::{Args, ValueHint};
use serde::Deserialize;

use crate::cli::client::{Answer, BACKUP_TIME, Client};
use crate::cli::output::{Output, printable};
use crate::cli::{Failure, Global};

/// Where to.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write; it must not exist yet
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

#[derive(Deserialize)]
struct Written {
    file: String,
    n_bytes: u64,
}

/// Runs `exportgate backup`.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn run(args: &BackupArgs, global: &Global) -> Result<(), Failure> {
    // The host runs in a folder of its own; a relative path would mean something else there.
    let file = path::absolute(&args.file).map_err(Failure::usage)?;
    let Some(file) = file.to_str() else {
        return Err(Failure::usage("the file's path is not UTF-8"));
    };
    let out = Output::new(global.json);
    let answer = request(file, global)?;
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let written: Written = answer.parse()?;
    out.line(&printable(&format!("wrote {} ({} bytes)", written.file, written.n_bytes)))
}

/// Asks the running host for a copy of its database in `file`, an absolute path.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn request(file: &str, global: &Global) -> Result<Answer, Failure> {
    let client = Client::operator(global)?.patient(BACKUP_TIME);
    let body = serde_json::json!({ "file": file });
    let spinner = Output::new(global.json).spinner("the host copies its database");
    let answer = client.post(&["v1", "operator", "backups"], &[], Some(&body));
    spinner.finish_and_clear();
    answer
}
