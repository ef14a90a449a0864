//! What a line looks like, and which lines there are.

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::*;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lines(config: LogConfig, json: bool) -> Vec<String> {
    let written = Written::default();
    let writer = written.clone();
    let guard = subscriber(&config, json, false, move || writer.clone()).set_default();
    tracing::info!(target: "exportgate_host::net", n_times = 3, "told to stop");
    tracing::debug!(target: "exportgate_host::net", "detail");
    tracing::info!(target: "rustls", "what a library does");
    tracing::warn!(target: "rustls", "what a library warns of");
    drop(guard);
    let bytes = written.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn text_lines_tell_level_and_fields_and_libraries_only_warn() {
    let lines = lines(LogConfig::default(), false);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].ends_with("  INFO exportgate_host::net: told to stop n_times=3"), "{lines:?}");
    assert!(lines[1].contains("what a library warns of"), "{lines:?}");
}

#[test]
fn json_lines_have_stable_names() {
    for (config, json) in [
        (LogConfig::default(), true),
        (LogConfig { format: LogFormat::Json, ..LogConfig::default() }, false),
    ] {
        let lines = lines(config, json);
        let line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["target"], "exportgate_host::net");
        assert_eq!(line["message"], "told to stop");
        assert_eq!(line["n_times"], 3);
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }
}

#[test]
fn the_level_is_that_of_the_configuration() {
    let n_lines = |level| lines(LogConfig { level, ..LogConfig::default() }, false).len();
    assert_eq!([LogLevel::Error, LogLevel::Warn, LogLevel::Debug].map(n_lines), [0, 1, 3]);
}

/// What strangers say stays in its field: it begins no line of its own, and steers no terminal.
#[test]
fn what_a_line_quotes_cannot_pass_for_a_line() {
    let hostile = "no\r\n2026-01-01T00:00:00Z ERROR forged\u{1b}[2J\u{7}\u{9b}31m\u{2028}more";
    for format in [LogFormat::Text, LogFormat::Json] {
        let written = Written::default();
        let writer = written.clone();
        let config = LogConfig { format, ..LogConfig::default() };
        let guard = subscriber(&config, false, false, move || writer.clone()).set_default();
        tracing::warn!(target: "exportgate_host::net", error = %hostile, url = ?hostile, "quoted");
        tracing::warn!(target: "exportgate_host::net", said = hostile, "quoted: {hostile}");
        drop(guard);
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<_> = text.split_terminator('\n').collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        match format {
            LogFormat::Text => {
                let breaks = |it: char| it.is_control() || it == '\u{2028}';
                assert!(!lines.concat().contains(breaks), "{lines:?}");
                assert!(
                    lines[0]
                        .contains(r"quoted error=no\r\n2026-01-01T00:00:00Z ERROR forged\u{1b}")
                );
            }
            LogFormat::Json => {
                let line: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
                assert_eq!(line["error"], hostile);
            }
        }
    }
}
