//! Cargo's own companions, each in its pinned version, in a folder of ours.

use std::path::PathBuf;
use std::process::Command;

use crate::{environment, paths::Paths, process};

/// A program that cargo installs.
pub struct Tool {
    /// The crate, which is the program's name, too.
    pub name: &'static str,
    /// The version that was tried.
    pub version: &'static str,
}

impl Tool {
    /// Where the program lies; installed if it is not there.
    ///
    /// # Errors
    ///
    /// When it cannot be installed.
    pub fn find_or_install(&self, paths: &Paths) -> anyhow::Result<PathBuf> {
        // Each version in a folder of its own, so that another one is installed anew.
        let folder =
            paths.root.join("target/tools").join(format!("{}-{}", self.name, self.version));
        let program = folder.join("bin").join(self.name);
        if !program.is_file() {
            let mut cargo = Command::new(environment::cargo());
            cargo.args(["install", self.name, "--version", self.version, "--locked", "--quiet"]);
            cargo.arg("--root").arg(&folder);
            environment::without_outer_cargo(&mut cargo);
            process::run(&mut cargo)?;
        }
        Ok(program)
    }
}
