//! Builds the module that pages load: once as WebAssembly, once as plain JavaScript for places that
//! block WebAssembly, both with the same functions and types.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::engine::{PROFILE, remapped_paths, write_if_changed};
use crate::paths::Paths;
use crate::toolchain::{TARGET, Toolchain};
use crate::{environment, npm, process};

mod fallback;
mod stamp;

/// The stem of every file; `wasm/bindgen` knows it, too.
const NAME: &str = "exportgate_core";

/// What a page may load at most for the module and its glue, compressed.
const MAXIMUM_BROTLI_BYTES: u64 = 60_000;

/// Which functions a module has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those that pages need: what ships.
    Pages,
    /// Also every verb by its name, for the corpus.
    Corpus,
}

/// Builds both forms into `target/browser`, or for the corpus into `target/browser/corpus`, unless
/// they are fresh.
///
/// # Errors
///
/// When a tool is not to be had, the sources do not compile, the glue cannot be patched any more,
/// or what ships is too big.
pub fn build(paths: &Paths, scope: Scope) -> anyhow::Result<()> {
    let (folder, feature) = match scope {
        Scope::Pages => (paths.browser.clone(), "browser"),
        Scope::Corpus => (paths.browser.join("corpus"), "corpus"),
    };
    let files = [
        "package.json".to_owned(),
        format!("{NAME}.js"),
        format!("{NAME}_bg.wasm"),
        format!("{NAME}.d.ts"),
        format!("fallback/{NAME}.js"),
        format!("fallback/{NAME}_bg.js"),
        format!("fallback/{NAME}_bg.wasm.js"),
        format!("fallback/{NAME}.d.ts"),
    ];
    // Two that build at one time would take each other's unfinished files away.
    let alone = File::create(paths.root.join("target/browser.lock")).context("no lock file")?;
    alone.lock().context("cannot wait for another build")?;
    let stamp = stamp::Stamp::new(&folder, &files);
    let inputs = stamp::inputs(paths)?;
    if stamp.is_fresh(&inputs)? {
        println!("{}: fresh", shown(paths, &folder));
    } else {
        npm::install(&paths.web)?;
        let toolchain = Toolchain::find_with_sources(paths)?;
        let unfinished = paths.root.join("target").join("browser-unfinished");
        let _ = fs::remove_dir_all(&unfinished);
        for (form, flags) in [("web", None), ("bundler", Some("-Ctarget-cpu=mvp"))] {
            let module = compile(paths, &toolchain, form, feature, flags)?;
            bind(paths, form, &module, &unfinished.join(form))?;
        }
        let (web, bundler) = (unfinished.join("web"), unfinished.join("bundler"));
        optimize(paths, &web.join(format!("{NAME}_bg.wasm")))?;
        fallback::make(paths, &bundler)?;
        fs::copy(web.join(format!("{NAME}.d.ts")), bundler.join(format!("{NAME}.d.ts")))
            .context("cannot copy the types")?;
        // So that Node, too, knows what the scripts are.
        fs::write(web.join("package.json"), "{ \"type\": \"module\" }\n")
            .context("cannot write `package.json`")?;
        for file in &files {
            let from = match file.strip_prefix("fallback/") {
                Some(file) => bundler.join(file),
                None => web.join(file),
            };
            let bytes = fs::read(&from).with_context(|| format!("no `{}`", from.display()))?;
            write_if_changed(&folder.join(file), &bytes)?;
        }
        let _ = fs::remove_dir_all(&unfinished);
        stamp.set(&inputs)?;
    }
    measure(paths, &folder, scope)
}

/// Compiles the module of one form and returns where it lies.
///
/// The standard library is compiled with it: a panic is then a trap without a text, which makes
/// the module a fifth smaller, and the fallback needs it for an old processor anyway.
fn compile(
    paths: &Paths,
    toolchain: &Toolchain,
    form: &str,
    feature: &str,
    flags: Option<&str>,
) -> anyhow::Result<PathBuf> {
    let target_folder = toolchain.target_folder(paths).join(form);
    let mut cargo = Command::new(environment::cargo());
    cargo
        .current_dir(&paths.root)
        .args(["build", "--quiet", "--package", "exportgate-wasm", "--features", feature])
        .args(["--target", TARGET, "--profile", PROFILE])
        .arg("--target-dir")
        .arg(&target_folder);
    environment::without_outer_cargo(&mut cargo);
    let remapped = remapped_paths(paths, toolchain, "/rust")?;
    let mut all = vec![
        remapped.as_str(),
        "-Zunstable-options",
        "-Cpanic=immediate-abort",
        // Loops in the place of unrolled ones: a page hashes little.
        "--cfg=sha2_backend_soft=\"compact\"",
    ];
    all.extend(flags);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", all.join("\x1f"));
    cargo.env("CARGO_PROFILE_WASM_STRIP", "debuginfo").env("CARGO_PROFILE_WASM_OPT_LEVEL", "z");
    toolchain.equip_with_sources(&mut cargo);
    process::run(&mut cargo)?;
    Ok(target_folder.join(TARGET).join(PROFILE).join("exportgate_wasm.wasm"))
}

/// Has `wasm/bindgen` write glue and types.
fn bind(paths: &Paths, form: &str, module: &Path, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let mut cargo = Command::new(environment::cargo());
    cargo
        .current_dir(&paths.root)
        .args(["run", "--quiet", "--package", "exportgate-bindgen"])
        .args(["--target-dir", "target/xtask", "--", form])
        .args([module, folder]);
    environment::without_outer_cargo(&mut cargo);
    process::run(&mut cargo)
}

fn optimize(paths: &Paths, module: &Path) -> anyhow::Result<()> {
    let mut optimizer = npm::binaryen(paths, "wasm-opt");
    optimizer.args(["-Oz", "--converge", "--strip-producers", "--strip-target-features"]);
    process::run(optimizer.arg(module).arg("-o").arg(module))
}

/// Says the sizes, and refuses what is too big to ship.
fn measure(paths: &Paths, folder: &Path, scope: Scope) -> anyhow::Result<()> {
    let (glue, module) =
        (folder.join(format!("{NAME}.js")), folder.join(format!("{NAME}_bg.wasm")));
    let fallback = folder.join("fallback");
    let together = say_size(paths, &[module, glue])?;
    say_size(
        paths,
        &["_bg.wasm.js", "_bg.js", ".js"].map(|end| fallback.join(format!("{NAME}{end}"))),
    )?;
    ensure!(
        scope == Scope::Corpus || together <= MAXIMUM_BROTLI_BYTES,
        "the browser module has {together} bytes compressed, allowed are {MAXIMUM_BROTLI_BYTES}"
    );
    Ok(())
}

/// Says how big files are, each and together; returns the latter, compressed.
fn say_size(paths: &Paths, files: &[PathBuf]) -> anyhow::Result<u64> {
    const SCRIPT: &str = "
        const { brotliCompressSync } = require('node:zlib');
        for (const file of process.argv.slice(1)) {
            const bytes = require('node:fs').readFileSync(file);
            console.log(bytes.length, brotliCompressSync(bytes).length);
        }";
    let mut node = Command::new("node");
    let output = process::output(node.args(["--eval", SCRIPT, "--"]).args(files))?;
    let mut together = 0;
    for (file, line) in files.iter().zip(output.lines()) {
        let (raw, brotli) = line.split_once(' ').context("Node did not say a size")?;
        together += brotli.parse::<u64>().context("Node did not say a size")?;
        println!("{}: {raw} bytes, {brotli} brotli", shown(paths, file));
    }
    println!("together {together} brotli");
    Ok(together)
}

fn shown(paths: &Paths, path: &Path) -> String {
    path.strip_prefix(&paths.root).unwrap_or(path).display().to_string()
}
