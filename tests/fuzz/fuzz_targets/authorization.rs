//! Gives inputs to the oracle `authorization`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::host::authorization::check(data) {
        panic!("{wrong}");
    }
});
