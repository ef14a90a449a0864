//! Gives inputs to the oracle `secret`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::secret::check(data) {
        panic!("{wrong}");
    }
});
