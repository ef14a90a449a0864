//! Knows every command and option of `exportgate`, and which function runs each of them.

pub mod address;
mod args;
pub mod client;
pub mod expiry;
pub mod failure;
pub mod output;
mod problem;
pub mod secret_input;
pub mod session;
pub mod socket;
#[cfg(test)]
mod tests;
mod version;

pub use args::{CheckArgs, Global, RestoreArgs, ServeArgs};
pub use failure::Failure;
pub use output::Output;
pub use problem::Problem;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::command;

/// Access tokens for data exports: runs the host, and speaks to one.
#[derive(Debug, Parser)]
#[command(
    name = "exportgate",
    bin_name = "exportgate",
    disable_version_flag = true,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a rule, \
                  4 host cannot be reached."
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    /// Print the version
    #[arg(short = 'V', long)]
    version: bool,
    /// With --version: also the engine's SHA-256 and what it was built with
    #[arg(short, long, requires = "version")]
    verbose: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What the first word of the command line asks for.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run the host
    #[command(after_help = crate::config::help::text())]
    Serve(ServeArgs),
    /// Add, list and change people (as operator)
    #[command(subcommand)]
    User(command::user::UserCommand),
    /// Print a one-time sign-in code and link, valid 10 minutes (as operator)
    SignInCode(command::sign_in_code::SignInCodeArgs),
    /// Add, list and revoke export services (as operator)
    #[command(subcommand)]
    Service(command::service::ServiceCommand),
    /// Add, list and revoke the keys of directories that provision people over SCIM (as operator)
    #[command(subcommand)]
    ScimKey(command::scim_key::ScimKeyCommand),
    /// Show, preview, change and apply the policy (as operator)
    #[command(subcommand)]
    Policy(command::policy::PolicyCommand),
    /// Read the history, and verify that nothing of it was changed or removed (as operator)
    History(command::history::HistoryArgs),
    /// Sign in with a code or link that the operator gave you
    SignIn(command::sign_in::SignInArgs),
    /// End your session, on the host and here
    SignOut,
    /// Create, list, rename and revoke your access tokens
    #[command(subcommand)]
    Token(command::token::TokenCommand),
    /// Ask the host whether the secret on standard input may fetch an export
    #[command(after_help = command::validate::HELP)]
    Validate(command::validate::ValidateArgs),
    /// Tell, without any host, whether the secret on standard input is well formed
    #[command(after_help = "Exit code 0: form and checksum are right; 3: they are not.")]
    Inspect,
    /// Copy the database consistently while the host runs (as operator)
    Backup(command::backup::BackupArgs),
    /// Put a backup in place of the data folder's database; no host may be running
    Restore(RestoreArgs),
    /// Read the whole database and tell whether every invariant holds
    Check(CheckArgs),
    /// Print completions for a shell
    Completions(command::completions::CompletionsArgs),
    /// Print the manual page
    Man,
    /// Serve bare handlers, for benches
    #[command(hide = true)]
    BenchFloor(command::bench_floor::BenchFloorArgs),
}

/// Runs the command line of this process and gives its exit code.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(run_with(std::env::args_os()))
}

/// The clap tree, for completions and the manual page.
#[must_use]
pub fn tree() -> clap::Command {
    Cli::command()
}

/// Parses and runs `words` (the program's name first); the result is the exit code.
fn run_with(words: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output, mistakes to standard error; a reader that went
            // away changes neither.
            let _ = error.print();
            return if error.use_stderr() { failure::EXIT_USAGE } else { 0 };
        }
    };
    let Cli { global, version, verbose, command } = cli;
    let outcome = match command {
        _ if version => version::print(&global, verbose),
        Some(command) => run(command, &global),
        None => {
            let mistake = Cli::command()
                .error(ErrorKind::MissingSubcommand, "a command is missing; `--help` lists them");
            let _ = mistake.print();
            return failure::EXIT_USAGE;
        }
    };
    match outcome {
        Ok(()) => 0,
        Err(failure) => {
            failure.tell(global.json);
            failure.exit_code()
        }
    }
}

/// Every command on one page.
fn run(command: Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => command::serve::run(args, global),
        Command::User(args) => command::user::run(args, global),
        Command::SignInCode(args) => command::sign_in_code::run(&args, global),
        Command::Service(args) => command::service::run(&args, global),
        Command::ScimKey(args) => command::scim_key::run(&args, global),
        Command::Policy(args) => command::policy::run(args, global),
        Command::History(args) => command::history::run(args, global),
        Command::SignIn(args) => command::sign_in::run(&args, global),
        Command::SignOut => command::sign_out::run(global),
        Command::Token(args) => command::token::run(args, global),
        Command::Validate(args) => command::validate::run(&args, global),
        Command::Inspect => command::inspect::run(global),
        Command::Backup(args) => command::backup::run(&args, global),
        Command::Restore(args) => command::restore::run(args, global),
        Command::Check(args) => command::check::run(args, global),
        Command::Completions(args) => command::completions::run(&args, global),
        Command::Man => command::man::run(global),
        Command::BenchFloor(args) => command::bench_floor::run(args, global),
    }
}
