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
