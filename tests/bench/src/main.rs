//! Fills data folders and measures memory and start-up, until the bench suite has a command for it.

mod memory;
mod seed;

use std::path::PathBuf;

use anyhow::{Context as _, bail};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["fill", database, n_tokens, history @ ..] => {
            let started = std::time::Instant::now();
            let history =
                if history.is_empty() { seed::History::Told } else { seed::History::Untold };
            let n_tokens = n_tokens.parse().context("not a number")?;
            seed::fill(&PathBuf::from(database), n_tokens, history)?;
            println!("filled in {:.1} s", started.elapsed().as_secs_f64());
        }
        ["start", folder] => println!("{:?}", memory::start(&PathBuf::from(folder))?),
        _ => bail!("fill DATABASE N [untold] | start FOLDER"),
    }
    Ok(())
}
