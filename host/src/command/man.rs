//! `exportgate man`: one manual page with every command, made from the same tree that parses.

use std::io::{self, Write};

use clap_mangen::Man;
use serde::Serialize;

use crate::cli::output::Output;
use crate::cli::{Failure, Global, tree};
use crate::config;

/// What clap cannot know.
const CLOSING: &str = "\
.SH EXIT STATUS
.TP\n0\nDone.
.TP\n1\nFailed.
.TP\n2\nWrong usage.
.TP\n3\nRefused by a rule; the code is printed.
.TP\n4\nThe host cannot be reached.
.SH ENVIRONMENT
.TP\nEXPORTGATE_DATA\nThe data folder, as \\-\\-data.
.TP\nEXPORTGATE_URL\nThe host's address, as \\-\\-url.
.TP\nEXPORTGATE_SERVICE_KEY\nThe service key for \\fBexportgate validate\\fR.
.TP\nEXPORTGATE_CONFIG_HOME\nThe folder that keeps sessions, before XDG_CONFIG_HOME.
.SH FILES
.TP\n~/.config/exportgate/sessions.json\nThe user's sessions, mode 0600.
.TP\nDIR/exportgate.sock\nThe operator's socket in the data folder.
.TP\nDIR/exportgate.toml\nThe host's configuration.
";

#[derive(Serialize)]
struct Page {
    page: String,
}

/// Runs `exportgate man`.
///
/// # Errors
/// When standard output does not take the page.
pub fn run(global: &Global) -> Result<(), Failure> {
    let mut page = Vec::new();
    write_page(&mut page).map_err(Failure::failed)?;
    let out = Output::new(global.json);
    if out.is_json() {
        let page = String::from_utf8(page).map_err(Failure::failed)?;
        return out.document(&Page { page });
    }
    out.bytes(&page)
}

fn write_page(page: &mut Vec<u8>) -> io::Result<()> {
    let mut tree = tree().version(env!("CARGO_PKG_VERSION"));
    tree.build();
    let man = Man::new(tree.clone()).manual("Exportgate");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    page.write_all(b".SH COMMANDS\n")?;
    write_commands(&tree, page)?;
    page.write_all(b".SH CONFIGURATION\n")?;
    for (heading, text) in config::help::paragraphs() {
        if !heading.is_empty() {
            writeln!(page, ".TP\n{}", roff(&heading))?;
        }
        writeln!(page, "{}", roff(&text))?;
    }
    page.write_all(CLOSING.as_bytes())
}

/// Every command that does something, with its own options; global ones stand above.
fn write_commands(parent: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    for command in parent.get_subcommands().filter(|command| command.get_name() != "help") {
        if command.has_subcommands() {
            write_commands(command, page)?;
            continue;
        }
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        writeln!(page, ".SS {}", roff(usage))?;
        if let Some(about) = command.get_about() {
            writeln!(page, "{}.", roff(&about.to_string()))?;
        }
        for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
            let Some(help) = argument.get_help().filter(|_| argument.get_id() != "help") else {
                continue;
            };
            writeln!(page, ".TP\n\\fB{}\\fR", roff(argument.to_string().trim()))?;
            writeln!(page, "{}", roff(&help.to_string()))?;
        }
    }
    Ok(())
}

/// Takes their meaning from the characters that roff gives one.
fn roff(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    // A dot or quote that begins a line would be a request.
    if escaped.starts_with(['.', '\'']) { format!("\\&{escaped}") } else { escaped }
}
