use super::*;

#[test]
fn identifiers_are_short_ascii_words() {
    for good in ["default", "00D5g000004XyZaEAK", "tok_a-B", "a", &"x".repeat(64)] {
        assert_eq!(OrgId::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "a b", "ä", "a/b", "a\0", "..", "%20", &"x".repeat(65)] {
        assert_eq!(OrgId::parse(bad), Err(MalformedId), "{bad}");
    }
}

#[test]
fn random_identifiers_keep_all_their_bits() {
    assert_eq!(TokenId::from_random([0; 16]).as_str(), "tok_0000000000000000000000");
    assert_eq!(TokenId::from_random([255; 16]).as_str(), "tok_7n42DGM5Tflk9n8mt7Fhc7");
    assert_ne!(UserId::from_random([1; 16]), UserId::from_random([2; 16]));
}
