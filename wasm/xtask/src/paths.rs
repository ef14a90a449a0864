//! Where things lie in the workspace.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The folders and files that the tasks read and write.
pub struct Paths {
    /// The workspace, where `Cargo.toml` and `Cargo.lock` are.
    pub root: PathBuf,
    /// The finished component. `host/build.rs` embeds it.
    pub engine: PathBuf,
    /// The finished browser modules.
    pub browser: PathBuf,
    /// The page's texts.
    pub text: PathBuf,
    /// What page and Lightning component have in common.
    pub shared: PathBuf,
    /// The SFDX project.
    pub salesforce: PathBuf,
    /// The npm workspace.
    pub web: PathBuf,
    /// Target folder of what is compiled for WebAssembly, apart from the native one: the native
    /// build waits for this one while it holds its own folder's lock.
    pub wasm_target: PathBuf,
    /// The unpacked Debian tool chain, on machines where rustup cannot fetch.
    pub wasm_toolchain: PathBuf,
}

impl Paths {
    /// The workspace from whose sources this xtask was built, wherever it is started.
    ///
    /// # Errors
    ///
    /// When the sources have moved since.
    pub fn of_this_workspace() -> anyhow::Result<Self> {
        // Set by `cargo run`; the built-in path serves whoever starts the program itself.
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package
            .ancestors()
            .nth(2)
            .map(Path::to_path_buf)
            .filter(|root| root.join("Cargo.lock").is_file())
            .with_context(|| {
                format!("`{}` is not in an Exportgate workspace any more", package.display())
            })?;
        Ok(Self::of(root))
    }

    /// The workspace in this folder.
    pub fn of(root: PathBuf) -> Self {
        let target = root.join("target");
        Self {
            engine: target.join("engine").join("engine.wasm"),
            browser: target.join("browser"),
            text: target.join("text"),
            shared: root.join("wasm").join("shared"),
            salesforce: root.join("wasm").join("salesforce"),
            web: root.join("wasm").join("web"),
            wasm_target: target.join("wasm"),
            wasm_toolchain: target.join("wasm-toolchain"),
            root,
        }
    }

    /// What is deployed to Salesforce.
    pub fn lightning(&self) -> PathBuf {
        self.salesforce.join("force-app").join("main").join("default")
    }
}
