//! Equal sources give equal bytes in every folder: whoever doubts the component or the browser
//! module of a release builds it again and compares.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};

use crate::{browser, engine, paths::Paths};

/// What ships and is compiled for WebAssembly.
const BROWSER_FILES: [&str; 4] = [
    "exportgate_core_bg.wasm",
    "exportgate_core.js",
    "fallback/exportgate_core_bg.wasm.js",
    "fallback/exportgate_core_bg.js",
];

/// Builds both in this folder and in the copy, and compares.
///
/// # Errors
///
/// When something cannot be built, or bytes differ.
pub fn test(paths: &Paths, copy: &Paths) -> anyhow::Result<()> {
    for paths in [paths, copy] {
        engine::build(paths)?;
        browser::build(paths, browser::Scope::Pages)?;
    }
    compare("the component", &paths.engine, &copy.engine)?;
    for file in BROWSER_FILES {
        compare(file, &paths.browser.join(file), &copy.browser.join(file))?;
    }
    Ok(())
}

fn compare(what: &str, here: &Path, there: &Path) -> anyhow::Result<()> {
    let digest = |file: &Path| -> anyhow::Result<String> {
        let bytes = fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        Ok(hex::encode(Sha256::digest(bytes)))
    };
    let (here, there) = (digest(here)?, digest(there)?);
    ensure!(here == there, "{what} differs: {here} in this folder, {there} in another");
    println!("supply: same bytes: {what} in two folders, sha256 {here}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::compare;

    #[test]
    fn one_other_byte_or_a_file_that_is_not_there_is_told() {
        let folder = std::env::temp_dir().join(format!("exportgate-bytes-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let [here, there] = ["here", "there"].map(|name| folder.join(name));
        fs::write(&here, b"\0asm1").unwrap();
        assert!(compare("the component", &here, &there).is_err());
        fs::write(&there, b"\0asm2").unwrap();
        let error = compare("the component", &here, &there).unwrap_err().to_string();
        assert!(error.starts_with("the component differs: "), "{error}");
        fs::write(&there, b"\0asm1").unwrap();
        compare("the component", &here, &there).unwrap();
        fs::remove_dir_all(folder).unwrap();
    }
}
