//! Finds a compiler for WebAssembly: the one at hand, one rustup can complete, or Debian's.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::paths::Paths;
use crate::{environment, process};

mod debian;

/// The target without any system: what it cannot import it cannot reach.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Names the tool chain to use instead of the first that works: `rustup` or `debian`.
const CHOICE: &str = "EXPORTGATE_WASM_TOOLCHAIN";

/// A compiler that can make code for [`TARGET`].
pub enum Toolchain {
    /// The compiler of the native build has the target's standard library.
    Installed,
    /// Debian's compiler, unpacked into a folder of ours, builds the standard library itself.
    Debian(debian::Unpacked),
}

impl Toolchain {
    /// The first of: target at hand, target fetched by rustup, Debian's compiler.
    ///
    /// # Errors
    ///
    /// When none is to be had; the text says what to install.
    pub fn find(paths: &Paths) -> anyhow::Result<Self> {
        let choice = std::env::var(CHOICE).unwrap_or_default();
        match choice.as_str() {
            "" | "rustup" | "debian" => {}
            other => bail!("{CHOICE} is `{other}`, but must be `rustup` or `debian`"),
        }
        let mut obstacles = Vec::new();
        if choice != "debian" {
            match installed_or_added() {
                Ok(()) => return Ok(Self::Installed),
                Err(obstacle) => obstacles.push(format!("{obstacle:#}")),
            }
        }
        if choice != "rustup" {
            match debian::Unpacked::find_or_fetch(&paths.wasm_toolchain) {
                Ok(unpacked) => return Ok(Self::Debian(unpacked)),
                Err(obstacle) => obstacles.push(format!("{obstacle:#}")),
            }
        }
        bail!(
            "install the Rust target with `rustup target add {TARGET}` and try again \
             (tried in vain: {})",
            obstacles.join("; ")
        )
    }

    /// As [`Toolchain::find`], with the sources of the standard library, so that it can be built
    /// for a page: without what a panic would say, and for machines of ten years ago.
    ///
    /// # Errors
    ///
    /// As [`Toolchain::find`], and when there are no sources.
    pub fn find_with_sources(paths: &Paths) -> anyhow::Result<Self> {
        let toolchain = Self::find(paths)?;
        let sources = toolchain.standard_library()?.join("library/std/Cargo.toml");
        if !sources.is_file() && matches!(toolchain, Self::Installed) {
            let added = process::run(Command::new("rustup").args(["component", "add", "rust-src"]));
            if let Err(obstacle) = added {
                bail!(
                    "install the sources of Rust's standard library with `rustup component add \
                     rust-src` and try again (tried in vain: {obstacle:#})"
                );
            }
        }
        ensure!(sources.is_file(), "there is no `{}`", sources.display());
        Ok(toolchain)
    }

    /// Where cargo puts what this compiler makes. Compilers do not share a folder, or each would
    /// build everything again after the other.
    pub fn target_folder(&self, paths: &Paths) -> PathBuf {
        match self {
            Self::Installed => paths.wasm_target.clone(),
            Self::Debian(unpacked) => unpacked.target_folder(),
        }
    }

    /// The sources of the standard library as the compiler names them.
    ///
    /// # Errors
    ///
    /// When the compiler does not run.
    pub fn standard_library(&self) -> anyhow::Result<PathBuf> {
        match self {
            Self::Installed => Ok(sysroot()?.join("lib/rustlib/src/rust")),
            Self::Debian(unpacked) => unpacked.standard_library(),
        }
    }

    /// What the standard library that comes with the compiler calls its sources. Where they are
    /// installed, the compiler puts their folder in the place of that name; the bytes must not
    /// depend on it.
    ///
    /// # Errors
    ///
    /// When the compiler does not run.
    pub fn published_library(&self) -> anyhow::Result<String> {
        match self {
            Self::Installed => Ok(format!("/rustc/{}", commit()?)),
            // Built from its sources every time.
            Self::Debian(_) => Ok("/rust".to_owned()),
        }
    }

    /// Makes `cargo` use this compiler.
    pub fn equip(&self, cargo: &mut Command) {
        match self {
            Self::Installed => {}
            Self::Debian(unpacked) => unpacked.equip(cargo),
        }
    }

    /// Makes `cargo` use this compiler, and build the standard library, too, as small as it can.
    pub fn equip_with_sources(&self, cargo: &mut Command) {
        self.equip(cargo);
        if matches!(self, Self::Installed) {
            build_standard_library(cargo);
        }
        cargo.arg("-Zbuild-std-features=optimize_for_size");
    }
}

/// Makes `cargo` build the standard library with this compiler, which is a stable one.
fn build_standard_library(cargo: &mut Command) {
    cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
}

/// Has rustup add the target unless the compiler has it.
fn installed_or_added() -> anyhow::Result<()> {
    let library = sysroot()?.join("lib/rustlib").join(TARGET).join("lib");
    if library.is_dir() {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["target", "add", TARGET]))?;
    if library.is_dir() {
        return Ok(());
    }
    bail!("rustup added the target to another compiler than the one in use")
}

/// The commit of which the compiler was made that cargo takes by itself.
fn commit() -> anyhow::Result<String> {
    let mut rustc = Command::new("rustc");
    environment::without_outer_cargo(rustc.arg("-vV"));
    let said = process::output(&mut rustc).context("cannot find the Rust compiler")?;
    let commit = said.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    commit.map(str::to_owned).context("the Rust compiler does not say of which commit it is")
}

/// The folder of the compiler that cargo takes by itself.
fn sysroot() -> anyhow::Result<PathBuf> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "sysroot"]);
    environment::without_outer_cargo(&mut rustc);
    process::output(&mut rustc).map(PathBuf::from).context("cannot find the Rust compiler")
}
