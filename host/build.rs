//! Embeds engine and page: has xtask build both, compiles the component ahead of time, says its
//! digest.
//!
//! So `cargo build --release` works from a clean clone, and the host needs no compiler for
//! WebAssembly inside (10 MB and half of the build time).

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use sha2::{Digest as _, Sha256};

#[path = "src/engine/config.rs"]
mod config;
#[path = "../wasm/xtask/src/environment.rs"]
mod environment;
#[path = "build/page.rs"]
mod page;

/// What engine and page are made from, and what makes them, relative to the workspace.
const SOURCES: [&str; 17] = [
    "Cargo.lock",
    "Cargo.toml",
    "core/Cargo.toml",
    "core/src",
    "wasm/Cargo.toml",
    "wasm/bindgen",
    "wasm/shared",
    "wasm/src",
    "wasm/web/build",
    "wasm/web/index.html",
    "wasm/web/package-lock.json",
    "wasm/web/src",
    "wasm/web/tsconfig.json",
    "wasm/web/vite.config.ts",
    "wasm/wit",
    "wasm/xtask/Cargo.toml",
    "wasm/xtask/src",
];

/// A component of the engine's type that does what the engine never should, for the tests.
const MISBEHAVING: &str = "src/engine/tests/misbehaving.wat";

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let workspace = package.parent().ok_or("the host is not in a workspace")?;
    let out = PathBuf::from(env::var("OUT_DIR")?);

    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build/page.rs");
    println!("cargo:rerun-if-changed=src/engine/config.rs");
    println!("cargo:rerun-if-changed={MISBEHAVING}");
    for source in SOURCES {
        println!("cargo:rerun-if-changed={}", workspace.join(source).display());
    }

    xtask(workspace, "engine")?;
    xtask(workspace, "web")?;
    page::embed(&workspace.join("wasm/web/dist"), &out)?;
    let engine = fs::read(workspace.join("target/engine/engine.wasm"))?;
    println!("cargo:rustc-env=ENGINE_SHA256={}", hex::encode(Sha256::digest(&engine)));

    let compiler = compiler()?;
    fs::write(out.join("engine.cwasm"), compiler.precompile_component(&engine)?)?;

    // Compiled here and not by the tests: they then run the same wasmtime that ships, without a
    // compiler, and nobody waits for a second build of it.
    let text = fs::read_to_string(package.join(MISBEHAVING))?;
    fs::write(out.join("misbehaving.cwasm"), compiler.precompile_component(text.as_bytes())?)?;
    let text = text.replace(";; (start $for-ever)", "(start $for-ever)");
    fs::write(out.join("never-starting.cwasm"), compiler.precompile_component(text.as_bytes())?)?;
    Ok(())
}

/// Runs an xtask, which does next to nothing when its work is fresh. Its target folder is its own,
/// since the outer cargo holds the lock of the other.
fn xtask(workspace: &Path, task: &str) -> Result<(), Box<dyn Error>> {
    let mut xtask = Command::new(environment::cargo());
    xtask.current_dir(workspace).args(["run", "--quiet", "--package", "xtask"]);
    xtask.args(["--target-dir", "target/xtask", "--", task]);
    environment::without_outer_cargo(&mut xtask);
    let output = xtask.output()?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("`cargo xtask {task}` ended with {}:\n{words}", output.status).into())
}

/// A compiler for the machine that the host is built for. Naming the target keeps this machine's
/// newer instructions out, so the host starts on every machine of its kind.
fn compiler() -> Result<wasmtime::Engine, Box<dyn Error>> {
    let mut config = config::config();
    config.target(&env::var("TARGET")?)?;
    Ok(wasmtime::Engine::new(&config)?)
}
