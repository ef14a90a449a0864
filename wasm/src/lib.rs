//! The map of the doors through which WebAssembly hosts reach `exportgate-core`.
//!
//! | Door | Feature | Who enters | File |
//! |---|---|---|---|
//! | 1 | `component` | the host's wasmtime, through `wit/engine.wit` | `component.rs` |
//! | 2 | `browser` | the page and the Lightning component, through wasm-bindgen | `browser.rs` |
//!
//! A door translates and nothing else: every rule is in the core, so that all doors give the
//! same answers. One artifact opens one door; without features, as in a native build of the
//! workspace, both are closed and this crate is empty. `cargo xtask engine`
//! builds door 1, `cargo xtask browser` door 2.

#[cfg(feature = "browser")]
mod browser;
#[cfg(feature = "component")]
mod component;
