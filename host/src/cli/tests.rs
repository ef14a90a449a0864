//! Knows what the command line takes and which exit codes it gives without a host.

use std::ffi::OsString;

use clap::Parser;

use super::{Cli, Command, run_with, tree};

fn run(words: &[&str]) -> u8 {
    run_with(std::iter::once("exportgate").chain(words.iter().copied()).map(OsString::from))
}

/// Without printing what clap would say.
#[track_caller]
fn exit_code_of_parsing(words: &[&str]) -> i32 {
    let words = std::iter::once("exportgate").chain(words.iter().copied());
    Cli::try_parse_from(words).unwrap_err().exit_code()
}

fn parsed(words: &[&str]) -> Cli {
    Cli::try_parse_from(std::iter::once("exportgate").chain(words.iter().copied())).unwrap()
}

#[test]
fn the_tree_is_consistent() {
    tree().debug_assert();
}

#[test]
fn global_options_are_taken_before_between_and_after_the_words() {
    for words in [
        ["--data", "d", "--json", "--url", "http://h", "user", "list"].as_slice(),
        &["user", "--data", "d", "--json", "--url", "http://h", "list"],
        &["user", "list", "--data", "d", "--json", "--url", "http://h"],
        &["--json", "user", "--data=d", "list", "--url=http://h"],
    ] {
        let global = parsed(words).global;
        assert_eq!(global.data.to_str(), Some("d"), "{words:?}");
        assert_eq!(global.url.as_deref(), Some("http://h"), "{words:?}");
        assert!(global.json, "{words:?}");
    }
}

#[test]
fn wrong_usage_is_2_and_help_is_0() {
    for words in [
        ["nonsense"].as_slice(),
        &["user"],
        &["user", "add"],
        &["user", "add", "ada", "--role", "boss"],
        &["user", "set-role", "ada", "boss"],
        &["token", "create"],
        &["token", "create", "x", "--expires", "soon"],
        &["token", "list", "--limit", "0"],
        &["token", "list", "--status", "late"],
        &["serve", "--listen", "8080"],
        &["completions", "tcl"],
        &["--verbose"],
    ] {
        assert_eq!(exit_code_of_parsing(words), 2, "{words:?}");
    }
    for words in [["--help"].as_slice(), &["help", "token"], &["validate", "--help"]] {
        assert_eq!(exit_code_of_parsing(words), 0, "{words:?}");
    }
}

#[test]
fn help_of_serve_names_the_settings() {
    let mut tree = tree();
    let serve = tree.find_subcommand_mut("serve").unwrap();
    let help = serve.render_long_help().to_string();
    for word in ["exportgate.toml", "EXPORTGATE_<SECTION>_<KEY>", "[http]", "trusted_proxies"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[test]
fn no_command_at_all_is_wrong_usage() {
    assert_eq!(run(&[]), 2);
    assert_eq!(run(&["--json"]), 2);
}

#[test]
fn a_host_that_is_not_there_is_4() {
    assert_eq!(run(&["user", "list", "--data", "/nonexistent/folder"]), 4);
    let long = format!("/nonexistent/{}", "x".repeat(150));
    assert_eq!(run(&["user", "list", "--data", &long]), 4);
}

#[test]
fn the_version_is_told_without_a_command_and_beside_one() {
    assert_eq!(run(&["--version"]), 0);
    assert_eq!(run(&["--version", "--verbose", "--json"]), 0);
    assert_eq!(run(&["-V", "-v"]), 0);
}

#[test]
fn serve_takes_names_and_addresses_to_listen_on() {
    for text in ["127.0.0.1:8080", "[::1]:0", "localhost:0"] {
        let Some(Command::Serve(args)) = parsed(&["serve", "--listen", text]).command else {
            panic!("`{text}` is not taken");
        };
        assert!(args.listen.unwrap().ip().is_loopback(), "{text}");
    }
}
