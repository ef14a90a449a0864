//! The engine: runs the component that decides, within limits, and refuses when it fails.
//!
//! The component is compiled ahead of time and embedded by `build.rs`. It imports nothing, so an
//! answer depends on the arguments alone. Each thread keeps an instance and uses it again; one
//! that traps or passes its deadline is thrown away, the call is an [`EngineError`], and the next
//! call gets a fresh instance.

use std::sync::Arc;

use exportgate_core::time::Timestamp;
use exportgate_core::validate_export::{Facts, Reason};
use exportgate_core::wire::Verb;
use wasmtime::WasmBacktrace;
use wasmtime::component::{Component, Linker};

use crate::config::EngineConfig;

mod config;
mod contract;
mod instance;
mod limits;
mod ticker;

#[cfg(test)]
mod tests;

use instance::with_instance;
use limits::Limits;
use ticker::Ticker;

/// The component, compiled for this machine by this very build.
static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/engine.cwasm"));

/// SHA-256 of the component in hexadecimal: the same sources give the same one everywhere.
pub const SHA256: &str = env!("ENGINE_SHA256");

/// The least memory that is enough for the longest document of any operation, in MiB.
pub const SMALLEST_MEMORY_MIB: u32 = 4;

/// The most memory that an instance can be given, in MiB: what the component is compiled for.
pub const LARGEST_MEMORY_MIB: u32 = config::MEMORY_LIMIT >> 20;

/// How many functions of a trap's trace are told, the innermost first.
const TOLD_FUNCTIONS: usize = 8;

/// Makes every decision of the host. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

/// What all clones and all threads of an engine share.
struct Shared {
    engine: wasmtime::Engine,
    component: contract::EnginePre<Limits>,
    /// Bytes of an instance's memory at the most.
    memory_limit: usize,
    /// When a call is stopped.
    deadline_ticks: u64,
    _ticker: Ticker,
}

/// Why the engine gave no answer. Each means that nothing is allowed and nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The embedded component does not run here.
    #[error("cannot start the engine: {0}")]
    Unusable(String),
    /// The component trapped, passed its deadline, or wanted too much memory.
    #[error("the engine stopped: {0}")]
    Trapped(String),
    /// The input is not a document that the operation reads: a mistake of the host.
    #[error("the engine cannot read the document: {0}")]
    Unreadable(String),
}

impl Engine {
    /// The engine that this host was built with, within the default limits.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unusable`] when this machine lacks what the host was built for.
    pub fn embedded() -> Result<Self, EngineError> {
        Self::within(&EngineConfig::default())
    }

    /// The engine that this host was built with, within the limits that its operator chose.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unusable`] when this machine lacks what the host was built for.
    pub fn within(limits: &EngineConfig) -> Result<Self, EngineError> {
        #[expect(
            unsafe_code,
            reason = "loading native code is sound if wasmtime made it and nobody changed it: \
                      these bytes were compiled by this build with this wasmtime and are part of \
                      this program, so whoever can change them can change the program"
        )]
        // SAFETY: see the reason above.
        unsafe {
            Self::load(EMBEDDED, limits)
        }
    }

    /// SHA-256 of the component in hexadecimal: what `--version --verbose`, `/readyz` and the
    /// history say about who decided. The same sources give the same digest on every machine.
    #[must_use]
    pub const fn sha256(&self) -> &'static str {
        SHA256
    }

    /// Decides whether an export may run now. Takes less than half a microsecond and allocates nothing, except
    /// for a thread's first call.
    ///
    /// # Errors
    ///
    /// [`EngineError::Trapped`]; the export must not run.
    pub fn decide(
        &self,
        facts: Facts,
        revoked_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Reason, EngineError> {
        let reason = with_instance(&self.shared, |instance| {
            instance.exports.exportgate_engine_validation().call_decide(
                &mut instance.store,
                contract::facts(facts),
                revoked_at.map(Timestamp::unix_seconds),
                expires_at.map(Timestamp::unix_seconds),
                now.unix_seconds(),
            )
        })
        .map_err(|error| trapped(&error))?;
        Ok(contract::reason(reason))
    }

    /// Runs a rare operation: a JSON document in, a JSON document out.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unreadable`] when `input` is not the operation's document,
    /// [`EngineError::Trapped`] when the component failed; nothing may be written then.
    pub fn run(&self, verb: Verb, input: &str) -> Result<String, EngineError> {
        // The contract's name for a document hides that a borrowed text would do.
        let input = &input.to_owned();
        with_instance(&self.shared, |instance| {
            let exports = instance.exports.exportgate_engine_operations();
            exports.call_run(&mut instance.store, verb.as_str(), input)
        })
        .map_err(|error| trapped(&error))?
        .map_err(EngineError::Unreadable)
    }

    /// Loads a component that was compiled ahead of time.
    ///
    /// # Safety
    ///
    /// `precompiled` must come unchanged from wasmtime's compiler: it is native code.
    #[expect(unsafe_code, reason = "hands the promise on to its callers, which can give it")]
    unsafe fn load(precompiled: &[u8], limits: &EngineConfig) -> Result<Self, EngineError> {
        let unusable = |error: wasmtime::Error| EngineError::Unusable(format!("{error:#}"));
        let engine = wasmtime::Engine::new(&config::config()).map_err(unusable)?;
        // SAFETY: the caller promises it.
        let component =
            unsafe { Component::deserialize(&engine, precompiled) }.map_err(unusable)?;
        // An empty linker: a component that imports anything is refused here.
        let component = Linker::new(&engine).instantiate_pre(&component).map_err(unusable)?;
        let component = contract::EnginePre::new(component).map_err(unusable)?;
        let ticker = Ticker::start(engine.clone())
            .map_err(|error| EngineError::Unusable(error.to_string()))?;
        let mib = limits.maximum_memory_mib.min(LARGEST_MEMORY_MIB);
        Ok(Self {
            shared: Arc::new(Shared {
                engine,
                component,
                memory_limit: usize::try_from(mib << 20).unwrap_or(usize::MAX),
                deadline_ticks: ticker::ticks(limits.deadline),
                _ticker: ticker,
            }),
        })
    }
}

/// The error for the log: the cause and where in the component, without arguments.
fn trapped(error: &wasmtime::Error) -> EngineError {
    let mut text = error.root_cause().to_string();
    if let Some(trace) = error.downcast_ref::<WasmBacktrace>() {
        let functions: Vec<&str> =
            trace.frames().iter().filter_map(|f| f.func_name()).take(TOLD_FUNCTIONS).collect();
        if !functions.is_empty() {
            text.push_str(" in ");
            text.push_str(&functions.join(" < "));
        }
    }
    EngineError::Trapped(text)
}
