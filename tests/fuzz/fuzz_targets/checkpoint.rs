//! Gives inputs to the oracle `checkpoint`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::checkpoint::check(data) {
        panic!("{wrong}");
    }
});
