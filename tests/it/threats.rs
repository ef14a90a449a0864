//! THREATS.md names places and tests; this finds out whether they exist.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// Where tests are.
const FOLDERS: [&str; 8] = [
    "core",
    "host/src",
    "tests",
    "wasm/src",
    "wasm/xtask/src/supply",
    "wasm/web/tests",
    "wasm/web/core-tests",
    "wasm/salesforce/tests",
];

#[test]
fn every_place_and_every_test_that_the_threats_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("THREATS.md")).unwrap();
    let tests = tests_of(&root);
    let missing = missing(&page, &root, &tests);
    assert!(missing.is_empty(), "THREATS.md names what is not there: {missing:#?}");
    assert!(rows(&page).count() > 20, "the table is read");

    let planted =
        "| a | S | b | 1.1.1 | `host/src/nowhere.rs` | `no_such_test`, `debug_does_not_show_it` |";
    assert_eq!(self::missing(planted, &root, &tests), ["host/src/nowhere.rs", "no_such_test"]);
    assert_eq!(self::missing("| 1.1.1 | nothing | none | none |", &root, &tests).len(), 1);
}

fn missing<'p>(page: &'p str, root: &Path, tests: &HashSet<String>) -> Vec<&'p str> {
    let mut missing = Vec::new();
    for row in rows(page) {
        let [.., places, named] = row.as_slice() else { panic!("a row without cells: {row:?}") };
        let is_empty = quoted(places).chain(quoted(named)).next().is_none();
        missing.extend(is_empty.then_some("a place and a test"));
        missing.extend(quoted(places).filter(|place| !root.join(place).is_file()));
        missing.extend(quoted(named).filter(|name| !tests.contains(*name)));
    }
    missing
}

/// The cells of the tables' rows, without their heads.
fn rows(page: &str) -> impl Iterator<Item = Vec<&str>> {
    page.lines()
        .filter(|line| line.starts_with("| "))
        .filter(|line| !["| Threat ", "| Requirements "].iter().any(|head| line.starts_with(head)))
        .map(|line| line.trim_matches('|').split(" | ").collect())
}

/// What stands between grave accents.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The names of all tests: of functions in Rust, titles in TypeScript.
fn tests_of(root: &Path) -> HashSet<String> {
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| root.join(folder)).collect();
    let mut names = HashSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("node_modules") && !path.ends_with("target") {
                    folders.push(path);
                }
                continue;
            }
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => {
                    let source = fs::read_to_string(&path).unwrap();
                    names.extend(functions(&source));
                    names.extend(stories(&source));
                    names.extend(parts_of_kits(&source));
                }
                Some("ts" | "js" | "mjs") => {
                    names.extend(titles(&fs::read_to_string(&path).unwrap()));
                }
                _ => {}
            }
        }
    }
    names
}

/// Functions that an attribute makes tests.
fn functions(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.starts_with("#[ignore") {
            is_test = false;
        } else if let Some(rest) = line.strip_prefix("fn ").or(line.strip_prefix("async fn "))
            && std::mem::take(&mut is_test)
        {
            names.extend(rest.split(['(', '<']).next().map(str::to_owned));
        }
    }
    names
}

/// Stories that are told through both proxies.
fn stories(source: &str) -> Vec<String> {
    let told = source.split("through_both! {").skip(1);
    let told = told.filter_map(|rest| Some(rest.split_once('}')?.0));
    told.flat_map(|names| names.split(',')).map(|name| name.trim().to_owned()).collect()
}

/// What kits say that they did, such as `attack: matrix`.
fn parts_of_kits(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for kit in ["attack", "crash", "load", "powercut", "supply", "timing"] {
        let before = format!("\"{kit}: ");
        let said = source.split(&before).skip(1);
        let parts = said.filter_map(|rest| rest.split_once([':', '"', '{']));
        names.extend(parts.map(|(part, _)| format!("{kit}: {}", part.trim())));
    }
    names
}

fn titles(source: &str) -> Vec<String> {
    let ends = source.split("test('").skip(1);
    ends.filter_map(|rest| Some(rest.split_once('\'')?.0.to_owned())).collect()
}
