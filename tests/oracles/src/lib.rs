//! What must hold for every input, judged by references that are written as plainly as possible.
//!
//! Each oracle takes bytes, makes an input of them and says what is wrong. `tests/fuzz` gives them
//! to libFuzzer, the tests here a slice of seeds; each oracle also has a control, a subject with
//! a planted mistake that it must see.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "these are tests: a panic is a finding"
)]

pub mod checkpoint;
pub mod choices;
pub mod decide;
pub mod documents;
pub mod event;
#[cfg(feature = "host")]
pub mod host;
pub mod instant;
pub mod proof;
pub mod secret;
pub mod words;

/// What an oracle found: nothing, or what does not hold.
pub type Verdict = Result<(), String>;

/// An oracle: its name, which is the fuzz target's, too, and the check of one input.
pub type Oracle = (&'static str, fn(&[u8]) -> Verdict);

/// Every oracle of the core. Those of the host are in `host::ALL`.
pub const ALL: &[Oracle] = &[
    ("checkpoint", checkpoint::check),
    ("decide", decide::check),
    ("documents", documents::check),
    ("event", event::check),
    ("instant", instant::check),
    ("proof", proof::check),
    ("secret", secret::check),
    ("words", words::check),
];

/// A case takes at most so many choices.
const N_BYTES: usize = 600;
/// So many seeds are tried in every run.
const N_CASES: u64 = 4_000;

/// Tries a slice of what `cargo xtask test fuzz` tries.
///
/// # Panics
///
/// When something does not hold.
pub fn check_slice(oracles: &[Oracle]) {
    for (name, check) in oracles {
        for seed in 0..N_CASES {
            check(&choices::bytes_of(seed, N_BYTES))
                .unwrap_or_else(|wrong| panic!("{name} {seed}: {wrong}"));
        }
    }
}

/// Checks that one of the seeds brings a planted mistake to light.
///
/// # Panics
///
/// When none does.
#[track_caller]
pub fn check_is_seen(judge: impl Fn(&[u8]) -> Verdict) {
    let seen = (0..N_CASES).any(|seed| judge(&choices::bytes_of(seed, N_BYTES)).is_err());
    assert!(seen, "the planted mistake was not seen");
}

/// Says what is wrong unless `good`.
fn hold(good: bool, wrong: impl FnOnce() -> String) -> Verdict {
    if good { Ok(()) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests;
