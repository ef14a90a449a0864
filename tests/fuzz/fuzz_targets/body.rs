//! Gives inputs to the oracle `body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::host::body::check(data) {
        panic!("{wrong}");
    }
});
