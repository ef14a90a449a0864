//! Knows which addresses are taken, and which of several wins.

use super::Address;

#[test]
fn an_address_is_its_origin() {
    for (text, origin) in [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("HTTPS://Gate.Example.COM:443", "https://gate.example.com"),
        ("http://[::1]:9", "http://[::1]:9"),
    ] {
        assert_eq!(Address::parse(text).unwrap().origin(), origin, "{text}");
    }
}

#[test]
fn what_is_more_or_less_than_an_origin_is_wrong_usage() {
    for text in [
        "",
        "127.0.0.1:8080",
        "localhost:8080",
        "ftp://h",
        "file:///x",
        "http://u:p@h",
        "http://u@h",
        "http://h/v1",
        "http://h/?a",
        "http://h/#code=x",
    ] {
        assert_eq!(Address::parse(text).unwrap_err().exit_code(), 2, "{text}");
    }
}

#[test]
fn the_option_wins_over_the_variable_over_the_last_sign_in() {
    let chosen =
        |option, variable, last| Address::choose_from(option, variable, last).unwrap().origin();
    let (a, b, c) = (Some("http://a"), Some("http://b"), Some("http://c"));
    assert_eq!(chosen(a, b, c), "http://a");
    assert_eq!(chosen(None, b, c), "http://b");
    assert_eq!(chosen(None, None, c), "http://c");
    assert_eq!(chosen(None, None, None), "http://127.0.0.1:8080");
}

#[test]
fn a_sign_in_link_holds_address_and_code() {
    let (address, code) =
        Address::from_sign_in_link("https://gate:8443/#code=ABC-123").unwrap().unwrap();
    assert_eq!((address.origin().as_str(), code.as_str()), ("https://gate:8443", "ABC-123"));
    assert_eq!(Address::from_sign_in_link("ABC-123").unwrap(), None);
    assert!(Address::from_sign_in_link("https://gate/").is_err());
}

#[test]
fn only_plain_http_to_another_machine_is_open_to_listeners() {
    for text in ["http://127.0.0.1:1", "http://localhost", "http://[::1]", "https://gate"] {
        assert!(!Address::parse(text).unwrap().is_open_to_listeners(), "{text}");
    }
    for text in ["http://gate", "http://10.0.0.1:8080", "http://127.evil.example"] {
        assert!(Address::parse(text).unwrap().is_open_to_listeners(), "{text}");
    }
}
