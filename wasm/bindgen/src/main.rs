//! Writes what JavaScript needs of a browser module: the glue, the module made smaller by what only
//! the glue's maker reads, and the TypeScript types. `cargo xtask browser` runs it.

mod types;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use wasm_bindgen_cli_support::Bindgen;

/// The stem of every file that is written.
const NAME: &str = "exportgate_core";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [form, module, folder] = arguments.as_slice() else {
        bail!("usage: exportgate-bindgen web|bundler MODULE FOLDER");
    };
    write(form, module, folder)
        .with_context(|| format!("cannot make a browser module of `{}`", module.display()))
}

fn write(form: &Path, module: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut bindgen = Bindgen::new();
    match form.to_str() {
        // The glue fetches and starts the module itself.
        Some("web") => bindgen.web(true)?,
        // The glue takes a module that others started: for wasm2js.
        Some("bundler") => bindgen.bundler(true)?,
        _ => bail!("there is no form `{}`", form.display()),
    };
    bindgen.input_path(module).out_name(NAME).typescript(true);
    // Whoever loads the module says where it is: a bundler must not go looking for it.
    bindgen.omit_default_module_path(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    let mut output = bindgen.generate_output()?;
    output.emit(folder)?;
    let declarations = folder.join(format!("{NAME}.d.ts"));
    let glue = output.ts().context("no types were made for the glue")?;
    std::fs::write(&declarations, format!("{}\n{glue}", types::declarations()))
        .with_context(|| format!("cannot write `{}`", declarations.display()))
}
