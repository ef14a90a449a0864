//! The bills of materials of host and page, in CycloneDX: what an auditor feeds to a scanner.

use std::collections::HashSet;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{environment, paths::Paths, process};

use super::tool::Tool;

const CARGO_CYCLONEDX: Tool = Tool { name: "cargo-cyclonedx", version: "0.5.9" };
/// Under which the tool writes, beside the package's `Cargo.toml`.
const STEM: &str = "exportgate.cdx";

/// Writes `target/supply/exportgate.cdx.json` and `page.cdx.json`, and looks whether they name every
/// crate of the host and every package of the page.
///
/// # Errors
///
/// When a tool fails, or something is missing.
pub fn write(paths: &Paths, copy: &Paths) -> anyhow::Result<()> {
    host(paths, copy)?;
    page(paths, copy)
}

fn host(paths: &Paths, copy: &Paths) -> anyhow::Result<()> {
    // In the copy: the tool writes beside every package of the workspace.
    let program = CARGO_CYCLONEDX.find_or_install(paths)?;
    let mut cyclonedx = Command::new(program);
    environment::without_outer_cargo(&mut cyclonedx);
    cyclonedx.current_dir(&copy.root).args(["cyclonedx", "--format", "json", "--quiet"]);
    cyclonedx.args(["--target", "all", "--override-filename", STEM]);
    process::run(&mut cyclonedx)?;
    let text = fs::read_to_string(copy.root.join("host").join(format!("{STEM}.json")))
        .context("there is no bill of materials of the host")?;
    let named = named(&text)?;

    let mut tree = Command::new(environment::cargo());
    environment::without_outer_cargo(&mut tree);
    tree.current_dir(&copy.root).args(["tree", "--locked", "--package", "exportgate-host"]);
    tree.args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let tree = process::output(&mut tree)?;
    let mut n_crates = 0;
    for line in tree.lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let version = version.trim_start_matches('v');
        // Its own subject is no component of it.
        let is_listed =
            name == "exportgate-host" || named.contains(&(name.to_owned(), version.to_owned()));
        ensure!(is_listed, "the bill of materials lacks {name} {version}");
        n_crates += 1;
    }
    ensure!(n_crates > 100, "the crates' tree has only {n_crates} lines");
    let file = keep(paths, &format!("{STEM}.json"), &text)?;
    println!("supply: bill of materials: {n_crates} lines of the crates' tree, all named: {file}");
    Ok(())
}

fn page(paths: &Paths, copy: &Paths) -> anyhow::Result<()> {
    let mut npm = Command::new("npm");
    npm.current_dir(&copy.web).args(["sbom", "--sbom-format", "cyclonedx", "--omit", "dev"]);
    let text = process::output(npm.arg("--package-lock-only"))?;
    let named = named(&text)?;
    let package = fs::read_to_string(copy.web.join("package.json")).context("`package.json`")?;
    let package: Value = serde_json::from_str(&package).context("`package.json`")?;
    let wanted = package.get("dependencies").and_then(Value::as_object);
    let wanted = wanted.context("the page needs no package")?;
    for (name, version) in wanted {
        let version = version.as_str().unwrap_or_default().to_owned();
        ensure!(
            named.contains(&(name.clone(), version)),
            "the page's bill of materials lacks {name}"
        );
    }
    let file = keep(paths, "page.cdx.json", &text)?;
    println!("supply: bill of materials: {} packages of the page: {file}", named.len());
    Ok(())
}

/// Names and versions of what a bill lists.
fn named(bill: &str) -> anyhow::Result<HashSet<(String, String)>> {
    let bill: Value = serde_json::from_str(bill).context("the bill of materials")?;
    let listed = bill.get("components").and_then(Value::as_array);
    let word = |it: &Value, name| it.get(name).and_then(Value::as_str).map(str::to_owned);
    let listed = listed.context("a bill of materials without components")?.iter();
    Ok(listed.filter_map(|it| Some((word(it, "name")?, word(it, "version")?))).collect())
}

fn keep(paths: &Paths, name: &str, text: &str) -> anyhow::Result<String> {
    let file = paths.root.join("target/supply").join(name);
    fs::write(&file, text).with_context(|| format!("cannot write `{}`", file.display()))?;
    Ok(file.display().to_string())
}
