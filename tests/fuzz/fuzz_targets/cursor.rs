//! Gives inputs to the oracle `cursor`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::host::cursor::check(data) {
        panic!("{wrong}");
    }
});
