//! Builds what the SFDX project takes from elsewhere in the workspace: the core as a static resource,
//! what it shares with the page as a module, and the texts as custom labels.

use std::process::Command;

use crate::{browser, npm, paths::Paths, process, text};

/// Makes the generated parts of `wasm/salesforce`, so that it can be deployed.
///
/// # Errors
///
/// When Node is missing, a package cannot be fetched, or the sources do not build.
pub fn build(paths: &Paths) -> anyhow::Result<()> {
    browser::build(paths, browser::Scope::Pages)?;
    text::for_page(paths)?;
    text::for_lightning(paths)?;
    npm::install(&paths.salesforce)?;
    let mut bundle = Command::new("npm");
    process::run(bundle.current_dir(&paths.salesforce).args(["run", "--silent", "build"]))
}

/// The component with jest, then in a real browser against the host that was built before.
///
/// # Errors
///
/// When a test fails.
pub fn test(paths: &Paths) -> anyhow::Result<()> {
    build(paths)?;
    for script in ["check", "test", "test:browser"] {
        let mut npm = Command::new("npm");
        process::run(npm.current_dir(&paths.salesforce).args(["run", "--silent", script]))?;
    }
    Ok(())
}
