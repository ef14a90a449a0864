//! Gives inputs to the oracle `instant`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::instant::check(data) {
        panic!("{wrong}");
    }
});
