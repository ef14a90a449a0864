//! Gives inputs to the oracle `event`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(wrong) = exportgate_oracles::event::check(data) {
        panic!("{wrong}");
    }
});
