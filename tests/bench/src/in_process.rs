//! Reads what criterion measured inside the process, and judges it.

use std::{fs, path::Path};

use anyhow::Context as _;
use serde_json::Value;

use crate::table::{Goal, Results, number};

/// Where criterion writes, seen from the workspace.
const FOLDER: &str = "target/criterion/validation";
/// Steps of a validation, and how the table calls them.
const STEPS: [(&str, &str); 3] = [
    ("parse", "a secret is read"),
    ("digest", "its digest"),
    ("decide_native", "a native decision"),
];

/// Adds what `cargo bench` measured before.
///
/// # Errors
/// It did not run.
pub fn report(results: &mut Results) -> anyhow::Result<()> {
    for (step, what) in STEPS {
        results.figure(format!("in the process: {what}"), nanos(step)?, "ns");
    }
    let (native, through) = (nanos("decide_native")?, nanos("decide_wasmtime")?);
    let from = format!("{} ns, native {} ns", number(through), number(native));
    let what = "a decision through wasmtime: above a native one";
    results.judged(what, (through - native) / 1e3, "µs", Goal::AtMost(1.0), from);
    let mut look_up = |n_tokens, nanos| {
        results.figure(format!("a look-up among {n_tokens} tokens"), nanos, "ns");
    };
    look_up("10 k", nanos("find_10000")?);
    look_up("1 M", nanos("find_1000000")?);
    // Only where criterion was asked for them.
    if let Ok(nanos) = nanos("find_10000000") {
        look_up("10 M", nanos);
    }
    Ok(())
}

fn nanos(step: &str) -> anyhow::Result<f64> {
    let path = Path::new(FOLDER).join(step).join("new/estimates.json");
    let text = fs::read_to_string(&path).with_context(|| {
        format!("`cargo bench -p exportgate-bench` left no `{}`", path.display())
    })?;
    let estimates: Value = serde_json::from_str(&text)?;
    let median = estimates.pointer("/median/point_estimate").and_then(Value::as_f64);
    median.context("no estimate")
}
