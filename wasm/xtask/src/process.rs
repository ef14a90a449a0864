//! Runs other programs: says which, and turns an unhappy end into an error with name and code.

use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, bail};

/// Runs `command` with our own input and output.
///
/// # Errors
///
/// When it cannot be started or ends with another code than 0.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    eprintln!("$ {}", line(command));
    let status = command.status().with_context(|| cannot_start(command))?;
    succeeded(command, status)
}

/// Runs `command` silently and returns what it wrote to its output, without the last line break.
///
/// # Errors
///
/// As [`run`], and when the output is not UTF-8.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| cannot_start(command))?;
    succeeded(command, output.status)?;
    let text = String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` wrote something that is not text", line(command)))?;
    Ok(text.trim_end().to_owned())
}

fn succeeded(command: &Command, status: ExitStatus) -> anyhow::Result<()> {
    if status.success() {
        return Ok(());
    }
    // `status` reads "exit status: 101" or "signal: 9 (SIGKILL)".
    bail!("`{}` ended with {status}", line(command))
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`", command.get_program().display())
}

/// The command as a person would type it; good enough to read, not quoted for a shell.
fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().display().to_string()];
    words.extend(command.get_args().map(|argument| argument.display().to_string()));
    words.join(" ")
}
