//! Knows the opportunities as CSV (RFC 4180): UTF-8, a heading, lines that end in CR LF.

use sha2::{Digest as _, Sha256};

use super::entity_set::{EntitySet, OPPORTUNITIES, PAGE_ROWS};

/// The CSV in pieces of a few hundred kilobytes, so that nobody holds all of it in memory.
pub fn pieces() -> impl Iterator<Item = String> + Send + 'static {
    let set = &OPPORTUNITIES;
    let starts = (0..set.n_rows).step_by(usize::try_from(PAGE_ROWS).unwrap_or(1));
    std::iter::once(heading(set)).chain(starts.map(|first| {
        let mut piece = String::new();
        for number in first..set.n_rows.min(first + PAGE_ROWS) {
            write_record(&mut piece, &(set.row)(number));
        }
        piece
    }))
}

/// SHA-256 of the whole CSV in hexadecimal digits: what a faithful copy must have.
pub fn digest() -> String {
    let mut hash = Sha256::new();
    pieces().for_each(|piece| hash.update(piece));
    hex::encode(hash.finalize())
}

fn heading(set: &EntitySet) -> String {
    let names: Vec<_> = set.properties.iter().map(|property| property.name).collect();
    names.join(",") + "\r\n"
}

fn write_record(csv: &mut String, cells: &[super::value::Value]) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            csv.push(',');
        }
        cell.write_csv(csv);
    }
    csv.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::super::value::Value;
    use super::*;

    #[test]
    fn quotation_marks_line_breaks_and_commas_are_quoted() {
        let mut record = String::new();
        let cells = [
            Value::Text("a \"b\",\r\nc".into()),
            Value::Null,
            Value::Text("".into()),
            Value::Cents(-5),
        ];
        write_record(&mut record, &cells);
        assert_eq!(record, "\"a \"\"b\"\",\r\nc\",,\"\",-0.05\r\n");
    }

    #[test]
    fn the_csv_is_the_same_at_every_run() {
        assert_eq!(digest(), digest());
    }
}
