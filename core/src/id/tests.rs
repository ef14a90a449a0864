use proptest::prelude::*;

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

proptest! {
    #[test]
    fn a_token_id_is_the_number_that_it_was_made_of(random: [u8; ID_RANDOM_BYTES]) {
        let token_id = TokenId::from_random(random);
        prop_assert_eq!(TokenId::read_random(token_id.as_str()), Some(random));
        let mut place = [0; TOKEN_ID_LENGTH];
        prop_assert_eq!(TokenId::write_random(random, &mut place), token_id.as_str());
    }

    #[test]
    fn an_id_that_is_read_as_a_number_is_written_the_same(
        text in "tok_[0-9A-Za-z]{22}|tok_7n42DGM5Tflk9n8mt7Fh[a-d][0-9a-z]|[a-z_]{1,4}[0-9A-Za-z_-]{20,24}",
    ) {
        let mut place = [0; TOKEN_ID_LENGTH];
        if let Some(random) = TokenId::read_random(&text) {
            prop_assert_eq!(TokenId::write_random(random, &mut place), text);
        }
    }
}

#[test]
fn an_id_of_another_form_is_no_number() {
    for other in [
        "tok_",
        "tok_3",
        "tok_000000000000000000000",
        "tok_00000000000000000000000",
        "tok_7n42DGM5Tflk9n8mt7Fhc8",
        "tok_zzzzzzzzzzzzzzzzzzzzzz",
        "tok_000000000000000000000-",
        "usr_0000000000000000000000",
    ] {
        assert_eq!(TokenId::read_random(other), None, "{other}");
    }
    assert_eq!(TokenId::read_random("tok_7n42DGM5Tflk9n8mt7Fhc7"), Some([255; 16]));
}
