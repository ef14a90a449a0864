//! Knows where log lines go and what they look like.

use std::fmt::{self as text, Write as _};
use std::io::{self, IsTerminal};

use thiserror::Error;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{FormatFields, Writer, debug_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::{LogConfig, LogFormat, LogLevel};

/// The target of every message of ours begins so.
const OURS: &str = "exportgate";

/// Something in this process logs already.
#[derive(Debug, Error)]
#[error("logging cannot start a second time")]
pub struct AlreadyStarted;

/// Sends the log to standard error, from now on and for the whole process. `json` asks for JSON
/// lines whatever the configuration says: `serve --json`.
///
/// A JSON line has `timestamp`, `level`, `target`, `message`, and each field under its own name.
/// Libraries are heard at `warn` and above: their lower levels may show what they work with.
///
/// # Errors
/// [`AlreadyStarted`]
pub fn start(config: &LogConfig, json: bool) -> Result<(), AlreadyStarted> {
    let colours = io::stderr().is_terminal();
    subscriber(config, json, colours, io::stderr).try_init().map_err(|_| AlreadyStarted)
}

fn subscriber<W>(config: &LogConfig, json: bool, colours: bool, writer: W) -> impl SubscriberInitExt
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match config.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let filter = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(OURS, level);
    let lines = fmt::layer().with_writer(writer);
    let lines = if json || config.format == LogFormat::Json {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
    } else {
        lines.with_ansi(colours).fmt_fields(fields()).boxed()
    };
    tracing_subscriber::registry().with(lines.with_filter(filter))
}

/// The fields of a line for people. Some quote what strangers said, which begins no line of its own
/// and steers no terminal.
fn fields() -> impl for<'w> FormatFields<'w> {
    debug_fn(|line, field, value| {
        if field.name() != "message" {
            write!(line, "{}=", field.name())?;
        }
        write!(Visible(line), "{value:?}")
    })
    .delimited(" ")
}

/// Writes control characters as Rust does in its literals.
struct Visible<'l, 'w>(&'l mut Writer<'w>);

impl text::Write for Visible<'_, '_> {
    fn write_str(&mut self, words: &str) -> text::Result {
        words.chars().try_for_each(|it| match it {
            // Also what some programs take for the end of a line.
            '\u{2028}' | '\u{2029}' => write!(self.0, "{}", it.escape_unicode()),
            _ if it.is_control() => write!(self.0, "{}", it.escape_default()),
            _ => self.0.write_char(it),
        })
    }
}

#[cfg(test)]
mod tests;
