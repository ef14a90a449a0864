//! `exportgate check`: reads the whole database and tells whether every invariant holds.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    check,
    cli::{CheckArgs, Failure, Global, Output},
    command::snapshot::Snapshot,
};

/// Checks the database itself, or, while a host holds it, a copy that the host makes.
///
/// # Errors
/// When an invariant does not hold, or the database cannot be read.
pub fn run(args: CheckArgs, global: &Global) -> Result<(), Failure> {
    let output = Output::new(global.json);
    let report = read(&Snapshot::take(global, args.config.as_deref())?)?;
    if output.is_json() {
        output.document(&report)?;
    } else {
        for problem in &report.problems {
            output.line(problem)?;
        }
        output.line(&format!(
            "{}: {} tokens and {} events read, {} problems",
            if report.ok { "every invariant holds" } else { "NOT every invariant holds" },
            report.n_tokens,
            report.n_events,
            report.problems.len(),
        ))?;
    }
    if report.ok {
        return Ok(());
    }
    Err(Failure::failed("the database does not hold what it should; keep it and restore a backup"))
}

fn read(snapshot: &Snapshot) -> Result<check::Report, Failure> {
    let connection = snapshot.open()?;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {eta} left") {
        bar.set_style(style);
    }
    let report = check::check(&connection, &mut |n_read, n_rows| {
        bar.set_length(n_rows);
        bar.set_position(n_read);
    });
    bar.finish_and_clear();
    report.map_err(|error| snapshot.unreadable(error))
}
