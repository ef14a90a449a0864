//! The stories of a bad disk, a wrong clock and an old database, as `tests/it` has them. They are
//! told with all other tests, too; here they are told alone, and to hosts with planted mistakes.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

/// What the kit calls itself.
pub const KIT: &str = "faults";
/// Where the stories are.
const ALL: [&str; 3] = ["faults::", "clock::", "rollback::"];
/// The choice of packages with which all tests are built, so that nothing is built anew.
const CHOICE: [&str; 9] = [
    "test",
    "--release",
    "--locked",
    "--workspace",
    "--exclude",
    "xtask",
    "--exclude",
    "exportgate-bindgen",
    "--test=it",
];

#[derive(clap::Args)]
pub struct Arguments {
    /// Then build hosts with planted mistakes, and catch each of them
    #[arg(long)]
    pub mutants: bool,
    /// Only these
    #[arg(long, hide = true, value_delimiter = ',')]
    stories: Vec<String>,
}

/// Tells the stories to the host, and whether all went well.
///
/// # Errors
///
/// When they cannot be told.
pub fn run(workspace: &Path, arguments: &Arguments) -> anyhow::Result<bool> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace).args(CHOICE).arg("--");
    match &arguments.stories[..] {
        [] => cargo.args(ALL),
        chosen => cargo.args(chosen),
    };
    let told = cargo.env("RUST_BACKTRACE", "0").stdin(Stdio::null()).output();
    let told = told.context("cannot start cargo")?;
    let said = String::from_utf8_lossy(&told.stdout);
    let count = count(&said).with_context(|| {
        format!("no story was told: {said}{}", String::from_utf8_lossy(&told.stderr))
    })?;
    ensure!(count.well + count.badly > 0, "there is no story of that name");
    println!("{KIT}: {} stories, {} ended badly", count.well + count.badly, count.badly);
    for sentence in complaints(&said) {
        println!("{KIT}: {sentence}");
    }
    ensure!(told.status.success() == (count.badly == 0), "cargo ended with {}", told.status);
    Ok(count.badly == 0)
}

#[derive(Debug, PartialEq, Eq)]
struct Count {
    well: u32,
    badly: u32,
}

/// Reads how many there were: `test result: FAILED. 36 passed; 3 failed; …`.
fn count(said: &str) -> Option<Count> {
    let result = said.lines().find_map(|line| line.strip_prefix("test result: "))?;
    let number = |word: &str| -> Option<u32> {
        let before = result.split_once(word)?.0;
        before.rsplit(' ').next()?.parse().ok()
    };
    Some(Count { well: number(" passed;")?, badly: number(" failed;")? })
}

/// Of each story that ended badly, its name and the sentence of its panic.
fn complaints(said: &str) -> Vec<String> {
    let sections = said.split("\n---- ").skip(1);
    let named = sections.filter_map(|section| section.split_once(" stdout ----"));
    let sentences = named.map(|(name, text)| {
        let panic = text.split_once(" panicked at ").map_or(text, |(_, panic)| panic);
        let lines = panic.lines().take_while(|line| !line.starts_with("note: "));
        let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
        format!("{name}: {}", words.join(" "))
    });
    sentences.collect()
}

#[cfg(test)]
mod tests {
    use super::{Count, complaints, count};

    const SAID: &str = "
running 2 tests
test clock::a ... ok
test clock::b ... FAILED

failures:

---- clock::b stdout ----
/readyz was asked

thread 'clock::b' (7) panicked at tests/it/clock.rs:41:9:
assertion `left == right` failed
  left: 422
 right: 201
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    clock::b

test result: FAILED. 12 passed; 1 failed; 0 ignored; 0 measured; 227 filtered out; finished in 35.55s
";

    #[test]
    fn what_cargo_says_is_read() {
        assert_eq!(count(SAID), Some(Count { well: 12, badly: 1 }));
        assert_eq!(count("error: could not compile"), None);
        let sentence = "clock::b: tests/it/clock.rs:41:9: assertion `left == right` failed \
                        left: 422 right: 201";
        assert_eq!(complaints(SAID), [sentence]);
    }
}
