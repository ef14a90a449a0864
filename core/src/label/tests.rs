use super::*;

#[track_caller]
fn check_codes(text: &str, expected: &[Code]) {
    let codes: Vec<Code> = match Label::parse(text, "/label") {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.into_iter().map(|mistake| mistake.code).collect(),
    };
    assert_eq!(codes, expected, "{text:?}");
}

#[test]
fn labels_are_trimmed_and_judged() {
    check_codes("Sales dashboard", &[]);
    check_codes("  <b>markup</b> is text \u{1f680} ", &[]);
    check_codes(&"ü".repeat(80), &[]);
    check_codes(&alloc::format!("  {}  ", "x".repeat(80)), &[]);
    check_codes("", &[Code::LabelEmpty]);
    check_codes(" \t\r\n\u{a0}\u{3000}", &[Code::LabelEmpty]);
    check_codes(&"x".repeat(81), &[Code::LabelTooLong]);
    for hidden in ["a\0b", "a\nb", "a\u{7f}b", "a\u{85}b", "a\u{202e}b", "a\u{2066}b", "\u{2069}"] {
        check_codes(hidden, &[Code::LabelControlCharacter]);
    }
    check_codes(&"\u{1}".repeat(90), &[Code::LabelTooLong, Code::LabelControlCharacter]);
}

#[test]
fn a_label_keeps_what_is_between_its_ends() {
    assert_eq!(Label::parse("  a  b ", "/label").unwrap().as_str(), "a  b");
}

#[test]
fn a_label_is_shown_as_it_is_and_debugged_with_its_edges() {
    let label = Label::parse(" a\"b ", "/label").unwrap();
    assert_eq!(alloc::format!("{label}"), "a\"b");
    assert_eq!(alloc::format!("{label:?}"), "\"a\\\"b\"");
}
