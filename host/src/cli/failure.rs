//! Knows the exit codes and how a failure is told on standard error.

use std::fmt::Display;
use std::io::Write;

use crate::cli::output::printable;
use crate::cli::problem::Problem;

/// Something went wrong that no rule decided.
pub const EXIT_FAILED: u8 = 1;
/// The command line, the environment or the input cannot be understood.
pub const EXIT_USAGE: u8 = 2;
/// A rule of the host (or of the secret's form) says no.
pub const EXIT_REFUSED: u8 = 3;
/// There is no host where one was looked for.
pub const EXIT_UNREACHABLE: u8 = 4;
/// What a shell reports for a process that SIGPIPE ended: 128 + 13.
const EXIT_PIPE_CLOSED: u8 = 141;

/// Why a command ended without success; each case has its own exit code.
#[derive(Debug)]
pub enum Failure {
    /// Failed for a reason that this sentence tells.
    Failed(String),
    /// Wrong usage that clap cannot see.
    Usage(String),
    /// The host answered with a problem, or a rule that needs no host refused.
    Refused(Box<Problem>),
    /// The answer has been printed and it is no; nothing is left to say.
    Denied,
    /// No host answers; the sentence says what to do.
    Unreachable(String),
    /// Whoever read our standard output has gone.
    PipeClosed,
}

impl Failure {
    /// A failure without a code.
    pub fn failed(sentence: impl Display) -> Self {
        Self::Failed(sentence.to_string())
    }

    /// A mistake in the words or the environment that the command was given.
    pub fn usage(sentence: impl Display) -> Self {
        Self::Usage(sentence.to_string())
    }

    /// A refusal by a rule that was decided here, without a host.
    pub fn refused(code: &str, detail: impl Display) -> Self {
        Self::Refused(Box::new(Problem::local(code, &detail.to_string())))
    }

    /// A host that does not answer.
    pub fn unreachable(sentence: impl Display) -> Self {
        Self::Unreachable(sentence.to_string())
    }

    /// What the process tells the shell.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => EXIT_FAILED,
            Self::Usage(_) => EXIT_USAGE,
            Self::Refused(problem) if problem.is_refusal() => EXIT_REFUSED,
            Self::Refused(_) => EXIT_FAILED,
            Self::Denied => EXIT_REFUSED,
            Self::Unreachable(_) => EXIT_UNREACHABLE,
            Self::PipeClosed => EXIT_PIPE_CLOSED,
        }
    }

    /// Writes the failure to standard error: words, or for `json` the problem document.
    pub fn tell(&self, json: bool) {
        if let Some(text) = self.text(json) {
            // Nobody is left to hear it when standard error fails.
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    fn text(&self, json: bool) -> Option<String> {
        match self {
            Self::Denied | Self::PipeClosed => None,
            Self::Refused(problem) if json => Some(problem.document()),
            Self::Refused(problem) => Some(problem.words()),
            Self::Failed(sentence) | Self::Usage(sentence) | Self::Unreachable(sentence) => {
                // Our sentences may have several lines; each of them may quote a stranger.
                let lines: Vec<_> = sentence.lines().map(printable).collect();
                Some(format!("error: {}", lines.join("\n")))
            }
        }
    }
}

#[cfg(test)]
mod tests;
