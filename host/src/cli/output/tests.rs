//! Knows that nothing a stranger wrote reaches a terminal as a command.

use super::{one_line, printable, shell_word, table};

#[test]
fn controls_and_turns_of_direction_are_written_out() {
    assert_eq!(printable("a\x1b[31mb"), "a\\u{1b}[31mb");
    assert_eq!(printable("a\nb\tc\rd\0"), "a\\nb\\tc\\rd\\u{0}");
    assert_eq!(
        printable("\u{202e}evil\u{2066}\u{200f}\u{9b}"),
        "\\u{202e}evil\\u{2066}\\u{200f}\\u{9b}"
    );
}

#[test]
fn ordinary_text_of_any_language_stays() {
    for text in ["Power BI: sales (2027)", "Übersicht", "продажи", "売上", "👩‍💻", "\\"]
    {
        assert_eq!(printable(text), text);
    }
}

#[test]
fn a_table_has_one_line_per_row_whatever_the_cells_hold() {
    let rows = vec![
        ["a".to_owned(), "x\ny".to_owned()],
        [String::new(), "\x1b]0;title\x07".to_owned()],
        ["x".repeat(80), "end".to_owned()],
    ];
    let text = table(["ONE", "TWO"], rows);
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.starts_with("ONE "), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
}

#[test]
fn a_document_of_several_lines_becomes_one_with_the_same_meaning() {
    let text = one_line("{\r\n \"a\": \"x\\ny\"\n}\n");
    assert_eq!(text.lines().count(), 1);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value, serde_json::json!({ "a": "x\ny" }));
}

#[test]
fn a_word_for_the_shell_means_what_it_was() {
    for (text, word) in [
        ("anna", "anna"),
        ("anna@example.org", "anna@example.org"),
        ("Zoë", "Zoë"),
        ("Anna B", "'Anna B'"),
        ("it's", "'it'\\''s'"),
        ("$(x)", "'$(x)'"),
        ("-x", "-- -x"),
        ("", "''"),
    ] {
        assert_eq!(shell_word(text), word, "{text}");
    }
}
