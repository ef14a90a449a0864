//! Builds the component that decides: core module by cargo, component by wit-component.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};
use wit_component::{ComponentEncoder, DecodedWasm};

use crate::paths::Paths;
use crate::toolchain::{TARGET, Toolchain};
use crate::{environment, process};

/// The profile of `Cargo.toml` for WebAssembly: small and without unwinding.
pub const PROFILE: &str = "wasm";

/// Builds `target/engine/engine.wasm` and says its size and digest.
///
/// # Errors
///
/// When no tool chain is to be had, the sources do not compile, or the component imports
/// something.
pub fn build(paths: &Paths) -> anyhow::Result<()> {
    let toolchain = Toolchain::find(paths)?;
    let module_file = compile(paths, &toolchain)?;
    let module = fs::read(&module_file)
        .with_context(|| format!("cannot read `{}`", module_file.display()))?;
    let component = componentize(&module)?;
    ensure_no_imports(&component)?;
    let changed = write_if_changed(&paths.engine, &component)?;
    println!(
        "{}: {} bytes, sha256 {}{}",
        paths.engine.strip_prefix(&paths.root).unwrap_or(&paths.engine).display(),
        component.len(),
        hex::encode(Sha256::digest(&component)),
        if changed { "" } else { " (unchanged)" },
    );
    Ok(())
}

/// Compiles the core module and returns where it lies.
fn compile(paths: &Paths, toolchain: &Toolchain) -> anyhow::Result<PathBuf> {
    let target_folder = toolchain.target_folder(paths);
    let mut cargo = Command::new(environment::cargo());
    cargo
        .current_dir(&paths.root)
        .args(["build", "--quiet", "--package", "exportgate-wasm", "--features", "component"])
        .args(["--target", TARGET, "--profile", PROFILE])
        .arg("--target-dir")
        .arg(&target_folder);
    environment::without_outer_cargo(&mut cargo);
    let library = toolchain.published_library()?;
    cargo.env("CARGO_ENCODED_RUSTFLAGS", remapped_paths(paths, toolchain, &library)?);
    // The standard library's debug information is twelve times the engine. Function names stay,
    // so a trap's message says where it was.
    cargo.env("CARGO_PROFILE_WASM_STRIP", "debuginfo");
    toolchain.equip(&mut cargo);
    process::run(&mut cargo)?;
    Ok(target_folder.join(TARGET).join(PROFILE).join("exportgate_wasm.wasm"))
}

/// Flags that keep this machine's folders out of the panic messages in the component, so that
/// the same sources give the same bytes, and the same digest, in every folder. `library` is what the
/// sources of the standard library are called.
///
/// # Errors
///
/// When there is no compiler.
pub fn remapped_paths(
    paths: &Paths,
    toolchain: &Toolchain,
    library: &str,
) -> anyhow::Result<String> {
    let cargo_home = match std::env::var_os("CARGO_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => std::env::home_dir().context("cannot find the home folder")?.join(".cargo"),
    };
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let flags = [
        remap(&toolchain.standard_library()?, library),
        remap(&cargo_home, "/cargo"),
        remap(&paths.root, "/exportgate"),
    ];
    // Cargo takes flags one by one, parted by this character, in the encoded variable.
    Ok(flags.join("\x1f"))
}

/// Wraps the module into a component as its embedded description says. Without an adapter there
/// is nothing that could bring WASI in.
fn componentize(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(ComponentEncoder::encode)
        .context("cannot make a component of the engine's module")
}

/// The contract promises that a decision depends on its arguments alone.
fn ensure_no_imports(component: &[u8]) -> anyhow::Result<()> {
    let DecodedWasm::Component(resolve, world) =
        wit_component::decode(component).context("cannot read the component's contract")?
    else {
        anyhow::bail!("the engine is not a component");
    };
    let world = resolve.worlds.get(world).context("the component has no world")?;
    let imports: Vec<String> =
        world.imports.keys().map(|key| resolve.name_world_key(key)).collect();
    ensure!(imports.is_empty(), "the engine must import nothing, but imports {imports:?}");
    Ok(())
}

/// Writes `bytes` unless the file has them already; then its time stays, and nothing is built
/// again because of it. Says whether it wrote.
///
/// # Errors
///
/// When the file cannot be read or written.
pub fn write_if_changed(file: &Path, bytes: &[u8]) -> anyhow::Result<bool> {
    let problem = || format!("cannot write `{}`", file.display());
    match fs::read(file) {
        Ok(old) if old == bytes => return Ok(false),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(problem),
    }
    let folder = file.parent().with_context(problem)?;
    fs::create_dir_all(folder).with_context(problem)?;
    // Whoever reads meanwhile, another build for example, sees the old file or the new one.
    let unfinished = file.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&unfinished, bytes).with_context(problem)?;
    fs::rename(&unfinished, file).with_context(problem)?;
    Ok(true)
}
