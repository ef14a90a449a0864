use super::*;

#[test]
fn names_are_compared_without_case() {
    let name = Name::parse("Änne@Example.com").unwrap();
    for same in ["Änne@Example.com", "ÄNNE@EXAMPLE.COM", "änne@example.com"] {
        assert!(name.matches(same), "{same}");
    }
    for other in ["Anne@Example.com", "Änne@Example.co", "Änne@Example.com ", ""] {
        assert!(!name.matches(other), "{other}");
    }
    assert_eq!(name.folded(), "änne@example.com");
}

#[test]
fn what_http_basic_cannot_carry_is_no_name() {
    for bad in ["", " ", "a:b", "a\n", " a", "a ", "a\u{202e}b", &"x".repeat(129)] {
        assert!(Name::parse(bad).is_err(), "{bad:?}");
    }
    assert!(Name::parse(&"ü".repeat(128)).is_ok());
}

#[test]
fn a_name_is_shown_as_it_was_given_and_debugged_with_its_edges() {
    let name = Name::parse("Änne \"A\"").unwrap();
    assert_eq!(name.as_str(), "Änne \"A\"");
    assert_eq!(alloc::format!("{name}"), "Änne \"A\"");
    assert_eq!(alloc::format!("{name:?}"), "\"Änne \\\"A\\\"\"");
}

#[test]
fn names_that_differ_in_more_than_case_are_two() {
    let [anna, same, other] = ["anna", "ANNA", "anne"].map(|text| Name::parse(text).unwrap());
    assert!(anna == same && anna != other);
}
