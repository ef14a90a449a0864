//! What a cargo that was started by cargo must not inherit: `host/build.rs` reads this file too.

use std::ffi::OsString;
use std::process::Command;

/// Variables of these names say how the person or the machine wants every cargo to run, so a
/// nested one follows them as well: where crates come from, how output looks, how many jobs.
const KEPT: [&str; 8] = [
    "CARGO_BUILD_JOBS",
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
    "CARGO_SOURCE_",
    "CARGO_TERM_",
];

/// Variables that a build script gets from cargo or that aim at the outer build's target: flags
/// for another machine's code generator, clippy in the place of rustc, a shared job server.
const DROPPED: [&str; 12] = [
    "DEBUG",
    "HOST",
    "MAKEFLAGS",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "TARGET",
];

/// Names rustup's tool chain of what ships, where the outer cargo belongs to another one: a fuzzer
/// needs a nightly compiler, but engine and page are the same bytes however they were reached.
pub const TOOLCHAIN: &str = "EXPORTGATE_TOOLCHAIN";

/// The cargo that runs us, or the one of the search path.
pub fn cargo() -> OsString {
    // Then the one of the search path is rustup's, and `without_outer_cargo` tells it which to run.
    let ours = std::env::var_os("CARGO").filter(|_| std::env::var_os(TOOLCHAIN).is_none());
    ours.unwrap_or_else(|| "cargo".into())
}

/// Takes from `command` what describes the outer build, so that the nested one gives the same
/// bytes however it was reached.
pub fn without_outer_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let of_cargo = name.starts_with("CARGO") || name.starts_with("DEP_");
        let kept = KEPT.iter().any(|kept| name.starts_with(kept));
        if DROPPED.contains(&name) || (of_cargo && !kept) {
            command.env_remove(name);
        }
    }
    if let Some(toolchain) = std::env::var_os(TOOLCHAIN) {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
}
