//! Writes cases with the native core's answers, one JSON document a line, for programs that ask the
//! core in another form: `exportgate-cases SEED N`.

use std::{
    env,
    io::{self, BufWriter, Write as _},
    process::ExitCode,
};

use exportgate_oracles::documents::seeded;
use serde_json::json;

fn main() -> ExitCode {
    let numbers: Vec<u64> = env::args().skip(1).flat_map(|number| number.parse()).collect();
    let [seed, n_cases] = *numbers else {
        eprintln!("usage: exportgate-cases SEED N");
        return ExitCode::FAILURE;
    };
    match write(seed, n_cases) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the cases cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(seed: u64, n_cases: u64) -> io::Result<()> {
    let mut output = BufWriter::new(io::stdout().lock());
    for number in 0..n_cases {
        let (verb, input) = seeded(seed.wrapping_add(number));
        let case = match verb.run(&input) {
            Ok(answer) => json!({ "verb": verb.as_str(), "input": input, "answer": answer }),
            Err(error) => {
                json!({ "verb": verb.as_str(), "input": input, "error": error.to_string() })
            }
        };
        writeln!(output, "{case}")?;
    }
    output.flush()
}
