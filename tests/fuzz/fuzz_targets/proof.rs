//! Gives inputs to the oracle `proof`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::proof::check(data) {
        panic!("{wrong}");
    }
});
