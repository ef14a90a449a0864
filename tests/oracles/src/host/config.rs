//! The configuration: a setting means the same in the file and in the environment, and whatever
//! stands in a file, mistakes are told, each in one line.

use std::{cell::OnceCell, ffi::OsString, fs};

use exportgate_host::config::{Config, ConfigErrors, Overrides};
use serde_json::Value;
use tempfile::TempDir;

use crate::{Verdict, choices::Choices, hold};

/// Settings of one value. Paths of files mean another place in a file.
const SETTINGS: &[&str] = &[
    "http.listen",
    "http.public_url",
    "http.management_listen",
    "http.trusted_proxies",
    "http.behind_tls_proxy",
    "store.url",
    "history.audit",
    "history.keep_days",
    "engine.maximum_memory_mib",
    "engine.deadline_millis",
    "log.format",
    "log.level",
];

/// Values that are good for one of them, or nearly.
const TEXTS: &[&str] = &[
    "127.0.0.1:8080",
    "127.0.0.1:0",
    "[::1]:1",
    "0.0.0.0:80",
    "localhost:1",
    "1.2.3.4",
    "https://e.example",
    "http://e.example:8080/",
    "https://e.example/path",
    "ftp://x",
    "10.0.0.0/8",
    "10.0.0.1/8",
    "::/0",
    "sqlite:a.db",
    "sqlite:",
    "postgres:x",
    "strict",
    "gathered",
    "STRICT",
    "json",
    "text",
    "info",
    "trace",
    "warn",
    "",
    " ",
    "a\nb",
    "ü\u{1b}[31m",
    "\"",
    "'",
    "\\",
    "# x",
];

const NUMBERS: &[i64] =
    &[0, 1, 3, 4, 16, 17, 99, 100, 1000, 36_500, 36_501, 60_000, 60_001, -1, i64::MIN, i64::MAX];

const PIECES: &[&str] = &[
    "[http]\n",
    "[store]\n",
    "[log]\n",
    "[[issuer]]\n",
    "[[oidc]]\n",
    "[issuer]\n",
    "[htp]\n",
    "listen",
    "level",
    "issuer",
    "name",
    "org_id",
    "formt",
    "http.listen",
    "public_key_file",
    " = ",
    "=",
    "\n",
    "\n",
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "{",
    "}",
    ",",
    "1",
    "1.5",
    "true",
    "1979-05-27",
    "0x1f",
    "99999999999999999999",
    "\"x\"\n",
    "\"default\"\n",
    "\"https://i.example\"\n",
    "ü",
    "\0",
    "\\",
    "#",
];

/// Judges the host's reader.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    judge(data, read)
}

/// As the host reads a file beside an environment.
///
/// # Errors
///
/// The mistakes in them.
pub fn read(file: &str, environment: &[(OsString, OsString)]) -> Result<Config, ConfigErrors> {
    thread_local! {
        static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
    }
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| TempDir::new().expect("a folder"));
        let path = folder.path().join("exportgate.toml");
        fs::write(&path, file).expect("a file can be written");
        let environment = environment.iter().cloned();
        Config::load_with(folder.path(), Some(&path), Overrides::default(), environment)
    })
}

/// Compares what is read from a file with what is read from an environment.
///
/// # Errors
///
/// When something does not hold.
pub fn judge(
    data: &[u8],
    read: impl Fn(&str, &[(OsString, OsString)]) -> Result<Config, ConfigErrors>,
) -> Verdict {
    let mut choices = Choices::new(data);
    if choices.once_in(3) {
        let n_pieces = choices.below(30);
        let file: String = (0..n_pieces).map(|_| choices.one_of(PIECES)).collect();
        return told_in_lines(&file, read(&file, &[]).err());
    }
    let (mut file, mut environment) = (String::new(), Vec::new());
    for setting in SETTINGS {
        if !choices.once_in(4) {
            continue;
        }
        let value = value(setting, &mut choices);
        // A text of JSON is one of TOML, too.
        file += &format!("{setting} = {value}\n");
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name = format!("EXPORTGATE_{}", setting.replace('.', "_").to_uppercase());
        environment.push((OsString::from(name), OsString::from(text)));
    }
    let (of_file, of_environment) = (read(&file, &[]), read("", &environment));
    let same = match (&of_file, &of_environment) {
        (Ok(one), Ok(other)) => one == other,
        (Err(one), Err(other)) => one.0.len() == other.0.len(),
        _ => false,
    };
    hold(same, || format!("{file}is {of_file:?} and {of_environment:?}"))?;
    told_in_lines(&file, of_file.err())?;
    told_in_lines(&file, of_environment.err())
}

fn value(setting: &str, choices: &mut Choices<'_>) -> Value {
    let is_list = setting == "http.trusted_proxies";
    let is_number =
        setting.ends_with("_days") || setting.ends_with("_mib") || setting.ends_with("_millis");
    match choices.byte() % 4 {
        0 | 1 if is_list => (0..choices.below(4)).map(|_| choices.one_of(TEXTS)).collect(),
        0 | 1 if is_number => choices.one_of(NUMBERS).into(),
        0 | 1 if setting == "http.behind_tls_proxy" => choices.once_in(2).into(),
        // A text in a list's place is a list in the environment, and a mistake in a file.
        _ if is_list => Value::Array(vec![choices.one_of(TEXTS).into()]),
        _ => choices.one_of(TEXTS).into(),
    }
}

/// A mistake is one sentence in one line, and moves no terminal's cursor.
fn told_in_lines(file: &str, errors: Option<ConfigErrors>) -> Verdict {
    let Some(ConfigErrors(errors)) = errors else { return Ok(()) };
    hold(!errors.is_empty(), || format!("{file:?} is refused without a reason"))?;
    let good = |error: &String| !error.is_empty() && !error.chars().any(char::is_control);
    hold(errors.iter().all(good), || format!("{file:?} is told as {errors:?}"))
}
