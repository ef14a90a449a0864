use alloc::{format, string::ToString};

use proptest::prelude::*;

use super::*;

fn sample() -> Secret {
    let random: [u8; SECRET_RANDOM_BYTES] = core::array::from_fn(|i| i as u8);
    Secret::generate(SecretKind::AccessToken, &random).unwrap()
}

#[test]
fn a_generated_secret_has_the_published_form() {
    let secret = sample();
    assert_eq!(secret.expose(), "egt_0123456789ABCDEFGHIJKLMNOPQRSTUV1jTRGd");
    assert_eq!(secret.hint().as_str(), "STUV");
    assert_eq!(
        format!("{:?}", secret.digest()),
        hex::encode(Sha256::digest(secret.expose().as_bytes()))
    );
}

#[test]
fn debug_does_not_show_it() {
    assert_eq!(format!("{:?}", sample()), "Secret(egt_…)");
}

#[test]
fn the_two_values_beyond_base62_are_rejected_not_folded() {
    let random = [[62u8, 63, 126, 255].as_slice(), &[10; 32]].concat();
    let secret = Secret::generate(SecretKind::ServiceKey, &random).unwrap();
    assert!(secret.expose().starts_with(&format!("egs_{}", "A".repeat(32))));
    assert_eq!(
        Secret::generate(SecretKind::ServiceKey, &random[..35]).err(),
        Some(TooFewRandomBytes)
    );
}

#[test]
fn one_wrong_character_anywhere_is_noticed() {
    let good = sample().expose().to_string();
    for place in 0..good.len() {
        for wrong in ['0', 'z', '-', '+'] {
            let mut text = good.clone();
            text.replace_range(place..=place, &wrong.to_string());
            let read = Secret::parse(SecretKind::AccessToken, &text);
            assert_eq!(read.is_ok(), text == good, "{text}");
        }
    }
}

#[test]
fn inspection_tells_a_typing_error_from_another_text() {
    let good = sample().expose().to_string();
    let inspection = inspect(&good);
    assert!(inspection.form && inspection.checksum);
    assert_eq!(inspection.hint.as_deref(), Some("STUV"));
    let typo = good.replace('5', "6");
    assert!(inspect(&typo).form && !inspect(&typo).checksum);
    assert_eq!(inspect("egs_").kind, Some(SecretKind::ServiceKey));
    assert_eq!(inspect("egp_").kind, Some(SecretKind::ScimKey));
    assert!(!inspect("egs_").form);
    let multibyte = format!("egt_{}", "é".repeat(19));
    assert_eq!(multibyte.len(), SECRET_LENGTH);
    assert!(!inspect(&multibyte).form);
}

#[test]
fn a_secret_inside_another_text_is_seen() {
    let secret = sample();
    assert!(contains_secret(&format!("/x?access_token={}&y", secret.expose())));
    assert!(!contains_secret("/v1/tokens/egt_short"));
    for kind in SecretKind::ALL {
        let key = Secret::generate(kind, &[7; SECRET_RANDOM_BYTES]).unwrap();
        assert!(contains_secret(&format!("/x?key={}", key.expose())), "{kind:?}");
    }
}

proptest! {
    #[test]
    fn what_is_generated_is_read_back_byte_for_byte(random in any::<[u8; SECRET_RANDOM_BYTES]>()) {
        let secret = Secret::generate(SecretKind::AccessToken, &random).unwrap();
        let read = Secret::parse(SecretKind::AccessToken, secret.expose()).unwrap();
        prop_assert_eq!(read.expose(), secret.expose());
        prop_assert!(read.digest() == secret.digest());
        prop_assert!(Secret::parse(SecretKind::ServiceKey, secret.expose()).is_err());
    }

    #[test]
    fn inspection_and_parser_agree_on_any_text(text in "(egt_|egs_)?[0-9A-Za-z_+ ]{0,45}") {
        let parses = [SecretKind::AccessToken, SecretKind::ServiceKey]
            .into_iter()
            .any(|kind| Secret::parse(kind, &text).is_ok());
        prop_assert_eq!(inspect(&text).checksum, parses);
    }
}

#[test]
fn the_checksum_is_that_of_zlib() {
    // CRC-32 of "123456789" is 0xCBF43926 (the check value of ISO-HDLC): 3421780262.
    assert_eq!(checksum_of(b"123456789"), *b"3jZRME");
}

#[test]
fn kinds_have_the_names_that_programs_read_and_a_secret_knows_its_own() {
    assert_eq!(
        SecretKind::ALL.map(SecretKind::as_str),
        ["access_token", "service_key", "scim_key"]
    );
    for kind in SecretKind::ALL {
        let secret = Secret::generate(kind, &[7; SECRET_RANDOM_BYTES]).unwrap();
        assert_eq!(secret.kind(), kind);
    }
}

#[test]
fn digests_and_hints_are_those_that_were_stored_or_others() {
    let secret = sample();
    let stored = SecretDigest::from_bytes(*secret.digest().as_bytes());
    assert_eq!(stored, secret.digest());
    assert_ne!(SecretDigest::from_bytes([0; 32]), secret.digest());
    assert_eq!(Hint::parse("STUV"), Some(secret.hint()));
    assert_eq!(format!("{:?}", secret.hint()), "STUV");
    for wrong in ["", "STU", "STUVW", "STU-", "é12"] {
        assert_eq!(Hint::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_text_of_a_secrets_form_is_seen_only_with_prefix_alphabet_and_length() {
    let letters = "a".repeat(38);
    assert!(contains_secret(&format!("egt_{letters}")));
    for other in [format!("egx_{letters}"), format!("egt_{}", "a".repeat(37)), letters.clone()] {
        assert!(!contains_secret(&other), "{other}");
        assert!(!inspect(&other).form, "{other}");
    }
    for place in 4..42 {
        let mut text = format!("egt_{letters}");
        text.replace_range(place..=place, "-");
        assert!(!contains_secret(&text) && !inspect(&text).form, "{text}");
        assert_eq!(inspect(&text).hint, None);
    }
}
