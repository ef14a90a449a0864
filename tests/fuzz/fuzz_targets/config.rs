//! Gives inputs to the oracle `config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::host::config::check(data) {
        panic!("{wrong}");
    }
});
