//! Gives inputs to the oracle `words`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::words::check(data) {
        panic!("{wrong}");
    }
});
