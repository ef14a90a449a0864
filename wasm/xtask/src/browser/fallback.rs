//! Makes the plain JavaScript form: binaryen's wasm2js for the module, and glue that suits it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};

use super::NAME;
use crate::paths::Paths;
use crate::{npm, process};

/// How the glue knows whether a view of the memory is still one.
const CHECK: &str = ".byteLength === 0)";

/// What the web form has beside the functions, so that either form can stand for the other.
const START: &str = "
// Here is nothing to fetch: the functions work at once.
export function initSync() {
    return wasm;
}
export default async function init() {
    return wasm;
}
";

/// Turns the bundler form in `folder` into plain JavaScript.
///
/// # Errors
///
/// When a tool fails, or when the glue is not as it was when this was written.
pub fn make(paths: &Paths, folder: &Path) -> anyhow::Result<()> {
    let module = folder.join(format!("{NAME}_bg.wasm"));
    super::optimize(paths, &module)?;
    let script = folder.join(format!("{NAME}_bg.wasm.js"));
    let mut wasm2js = npm::binaryen(paths, "wasm2js");
    process::run(wasm2js.arg("-Oz").arg(&module).arg("-o").arg(&script))?;
    let mut minify = npm::esbuild(paths);
    minify.arg(&script).args(["--minify", "--format=esm", "--log-level=warning"]);
    process::run(minify.arg(format!("--outfile={}", script.display())).arg("--allow-overwrite"))?;
    change(&folder.join(format!("{NAME}_bg.js")), with_growing_memory)?;
    change(&folder.join(format!("{NAME}.js")), |entry| {
        let fetched = format!("\"./{NAME}_bg.wasm\"");
        ensure!(entry.matches(&fetched).count() == 1, "the entry imports something else");
        Ok(entry.replace(&fetched, &format!("\"./{NAME}_bg.wasm.js\"")) + START)
    })
}

fn change(file: &Path, patch: impl FnOnce(&str) -> anyhow::Result<String>) -> anyhow::Result<()> {
    let problem = || format!("cannot patch `{}`", file.display());
    let patched = patch(&fs::read_to_string(file).with_context(problem)?).with_context(problem)?;
    fs::write(file, patched).with_context(problem)
}

/// Has the glue notice that the memory has grown.
///
/// A memory of WebAssembly detaches its old buffer when it grows, and the glue looks for that. The
/// one of wasm2js leaves the old buffer as it was, so the glue would go on with it and read
/// garbage. Compared are the buffers themselves.
fn with_growing_memory(glue: &str) -> anyhow::Result<String> {
    let mut patched = String::new();
    let mut n_patched = 0;
    for line in glue.lines() {
        let views = "if (cached";
        if let (Some(at), true) = (line.find(views), line.contains("Memory0 === null ||")) {
            let name = line.get(at + "if (".len()..).and_then(|rest| rest.split(' ').next());
            let name = name.context("a view of the memory has no name")?;
            ensure!(
                line.ends_with(&format!("{CHECK} {{")) || line.contains(".buffer.detached"),
                "this check of a view is new: {line}"
            );
            let indent = line.get(..at).unwrap_or_default();
            patched += &format!(
                "{indent}if ({name} === null || {name}.buffer !== wasm.memory.buffer) {{\n"
            );
            n_patched += 1;
        } else {
            patched += line;
            patched.push('\n');
        }
    }
    let n_views = glue
        .lines()
        .filter(|line| line.starts_with("let cached") && line.ends_with("Memory0 = null;"));
    let (n_views, n_buffers) = (n_views.count(), glue.matches("(wasm.memory.buffer").count());
    ensure!(
        n_patched > 0 && n_patched == n_views && n_patched == n_buffers,
        "{n_patched} of {n_views} views are patched, {n_buffers} are made"
    );
    Ok(patched)
}

#[cfg(test)]
mod tests {
    use super::with_growing_memory;

    const GLUE: &str = "let cachedBytesMemory0 = null;
function bytes() {
    if (cachedBytesMemory0 === null || cachedBytesMemory0.byteLength === 0) {
        cachedBytesMemory0 = new Uint8Array(wasm.memory.buffer);
    }
    return cachedBytesMemory0;
}
";

    #[test]
    fn the_glue_compares_buffers() {
        let patched = with_growing_memory(GLUE).unwrap();
        assert!(patched.contains("cachedBytesMemory0.buffer !== wasm.memory.buffer) {"));
        assert!(!patched.contains("byteLength"));
    }

    #[test]
    fn glue_that_has_changed_is_refused() {
        for other in [
            GLUE.replace(".byteLength === 0", ".length === 0"),
            GLUE.replace("cachedBytesMemory0 === null || ", ""),
            GLUE.replace("let cached", "let kept"),
            format!("{GLUE}const other = new Uint8Array(wasm.memory.buffer);\n"),
            String::new(),
        ] {
            assert!(with_growing_memory(&other).is_err(), "{other}");
        }
    }
}
