//! Debian's Rust compiler for the web, unpacked without root, for machines without rustup.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::process;

/// The compiler, its libraries, the linker, and the sources of the standard library, which
/// Debian does not ship compiled for this target.
const PACKAGES: [&str; 5] =
    ["rustc-web", "libstd-rust-web-dev", "rust-web-src", "libllvm22", "lld-22"];

/// Libraries that the compiler needs and that a small machine may lack. Fetched with the rest
/// because asking which are there takes longer.
const LIBRARIES: [&str; 4] = ["libz3-4", "libedit2", "libbsd0", "libmd0"];

/// An unpacked tool chain.
pub struct Unpacked {
    folder: PathBuf,
}

impl Unpacked {
    /// The tool chain in `folder`, fetched from Debian's archive when it is not there yet.
    ///
    /// # Errors
    ///
    /// When this is not a Debian machine or the archive does not have the packages.
    pub fn find_or_fetch(folder: &Path) -> anyhow::Result<Self> {
        let unpacked = Self { folder: folder.to_path_buf() };
        // The last thing written: a fetch that broke off is started anew.
        let complete = folder.join("complete");
        if complete.is_file() {
            return Ok(unpacked);
        }
        let _ = fs::remove_dir_all(unpacked.root());
        unpacked.fetch().context("cannot fetch Debian's Rust compiler for the web")?;
        ensure!(unpacked.rustc().is_file(), "Debian's packages hold no `usr/bin/rustc`");
        fs::write(&complete, "")
            .with_context(|| format!("cannot write `{}`", complete.display()))?;
        Ok(unpacked)
    }

    fn fetch(&self) -> anyhow::Result<()> {
        let packages = self.folder.join("packages");
        let _ = fs::remove_dir_all(&packages);
        fs::create_dir_all(&packages)?;
        let standard_library = standard_library_package()?;
        process::run(
            Command::new("apt-get")
                .current_dir(&packages)
                .args(["download", "--quiet", &standard_library])
                .args(PACKAGES)
                .args(LIBRARIES),
        )?;
        for package in fs::read_dir(&packages)? {
            let package = package?.path();
            process::run(Command::new("dpkg").arg("-x").arg(&package).arg(self.root()))?;
        }
        // The packages are 140 MB that nobody needs again.
        fs::remove_dir_all(&packages)?;
        Ok(())
    }

    fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    fn rustc(&self) -> PathBuf {
        self.root().join("usr/bin/rustc")
    }

    /// Where cargo puts what this compiler makes.
    pub fn target_folder(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// The sources of the standard library, as the compiler names them.
    pub fn standard_library(&self) -> anyhow::Result<PathBuf> {
        let link = self.root().join("usr/lib/rustlib/src/rust");
        fs::canonicalize(&link).with_context(|| format!("cannot find `{}`", link.display()))
    }

    /// Makes `cargo` use this compiler and build the standard library with it.
    pub fn equip(&self, cargo: &mut Command) {
        let libraries =
            self.root().join("usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH));
        super::build_standard_library(cargo);
        cargo.env("RUSTC", self.rustc()).env("LD_LIBRARY_PATH", libraries).env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
            self.root().join("usr/lib/llvm-22/bin/wasm-ld"),
        );
    }
}

/// The package with the native standard library, whose name holds the compiler's version.
fn standard_library_package() -> anyhow::Result<String> {
    let dependencies =
        process::output(Command::new("apt-cache").args(["depends", "libstd-rust-web-dev"]))?;
    dependencies
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|name| name.starts_with("libstd-rust-web-"))
        .map(str::to_owned)
        .context("`apt-cache depends libstd-rust-web-dev` names no standard library")
}
