//! Gives inputs to the oracle `decide`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::decide::check(data) {
        panic!("{wrong}");
    }
});
