//! Gives inputs to the oracle `documents`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::documents::check(data) {
        panic!("{wrong}");
    }
});
