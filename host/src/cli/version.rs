//! Knows what `exportgate --version` tells.

use serde::Serialize;

use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::output::Output;

#[derive(Serialize)]
struct Version {
    version: &'static str,
    /// SHA-256 of the engine component, as `/readyz` shows it.
    engine: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rustc: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wasmtime: Option<&'static str>,
}

/// Prints the version; `verbose` also tells which engine decides and what it was built with.
pub(super) fn print(global: &Global, verbose: bool) -> Result<(), Failure> {
    let version = Version {
        version: env!("CARGO_PKG_VERSION"),
        engine: crate::engine::SHA256,
        // Set by the build script, where it knows them.
        rustc: option_env!("EXPORTGATE_RUSTC").filter(|_| verbose),
        wasmtime: option_env!("EXPORTGATE_WASMTIME").filter(|_| verbose),
    };
    let out = Output::new(global.json);
    if out.is_json() {
        return out.document(&version);
    }
    out.line(&format!("exportgate {}", version.version))?;
    if verbose {
        out.line(&format!("engine sha256 {}", version.engine))?;
    }
    for (name, value) in [("rustc", version.rustc), ("wasmtime", version.wasmtime)] {
        if let Some(value) = value {
            out.line(&format!("{name} {value}"))?;
        }
    }
    Ok(())
}
