//! How wasmtime compiles and runs the engine: one file for `build.rs` and the host, because an
//! artifact compiled ahead of time loads only under the settings it was compiled with.

/// How much memory an instance can have, in bytes; the operator may give it less. A decision needs
/// 1 MiB; the rest is for the longest documents of the rare operations.
pub const MEMORY_LIMIT: u32 = 16 << 20;

/// The settings that compilation and execution share.
pub fn config() -> wasmtime::Config {
    let mut config = wasmtime::Config::new();
    // A call that does not come to its end is stopped: see `ticker.rs`.
    config.epoch_interruption(true);
    // Address space for the memory that an instance may have, not the usual 4 GiB each: the host
    // also starts where address space is limited, and a memory never moves.
    config.memory_reservation(MEMORY_LIMIT.into());
    config.memory_may_move(false);
    // What the engine does not use, it cannot stumble over.
    config.wasm_memory64(false);
    config.wasm_multi_memory(false);
    config.wasm_relaxed_simd(false);
    config
}
