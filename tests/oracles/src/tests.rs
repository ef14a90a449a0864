//! A slice of what `cargo xtask test fuzz` tries, and a control for each oracle: a subject with a
//! planted mistake, which it must see.

use exportgate_core::{
    checkpoint::{Checkpoint, CheckpointKey, Refused},
    history::canonical_bytes,
    merkle::{Hash, verify},
    secret::{Secret, SecretKind},
    time::Timestamp,
    token::Status,
    validate_export::{Reason, decide},
    wire::Event,
};

use super::*;
use crate::choices::Choices;

#[test]
fn everything_holds_for_a_slice_of_seeds() {
    check_slice(ALL);
}

#[test]
fn a_secret_read_without_its_checksum_is_seen() {
    let read = |kind: SecretKind, text: &str| {
        let good = text.len() == 42 && text.starts_with(kind.prefix());
        (good && text[4..].bytes().all(|c| c.is_ascii_alphanumeric())).then(|| text.to_owned())
    };
    check_is_seen(|data| secret::judge_made(data, read));
}

#[test]
fn a_secret_read_without_its_alphabet_is_seen() {
    let read = |kind: SecretKind, text: &str| {
        // A `+` is taken for a digit, as `from_str_radix` would.
        let folded = Secret::parse(kind, text).ok().map(|it| it.expose().to_owned());
        folded.or_else(|| secret::is_checked(kind, text).then(|| text.to_owned()))
    };
    check_is_seen(|data| secret::judge_made(data, read));
}

#[test]
fn a_secret_that_is_trimmed_on_the_way_is_seen() {
    let read = |kind: SecretKind, text: &str| {
        Secret::parse(kind, text.trim()).ok().map(|it| it.expose().to_owned())
    };
    let text =
        format!("{} ", Secret::generate(SecretKind::AccessToken, &[9; 64]).unwrap().expose());
    assert!(secret::judge(&text, read).is_err());
}

#[test]
fn a_number_with_a_sign_is_seen() {
    let read = |text: &str| {
        let byte = u8::from_str_radix(text, 16).ok().filter(|_| text.len() == 2)?;
        Some(format!("{byte:02x}"))
    };
    assert!(words::judge_printed("byte", "+f", read).is_err());
    assert!(words::judge_printed("byte", "0f", read).is_ok());
    assert!(words::judge("byte", "zz", true, read).is_err());
}

#[test]
fn a_calendar_with_29_days_in_every_february_is_seen() {
    let read = |text: &str| {
        let wrong = text.replacen("-02-29", "-02-28", 1);
        Timestamp::parse(&wrong).ok().map(|it| (it.unix_seconds(), it.to_string()))
    };
    check_is_seen(|data| instant::judge_made(data, read));
}

#[test]
fn an_offset_that_is_forgotten_is_seen() {
    let read = |text: &str| {
        let zulu = format!("{}Z", text.get(..19)?);
        let instant = Timestamp::parse(text).and_then(|_| Timestamp::parse(&zulu)).ok()?;
        Some((instant.unix_seconds(), instant.to_string()))
    };
    check_is_seen(|data| instant::judge_made(data, read));
}

#[test]
fn an_event_whose_bytes_leave_something_out_is_seen() {
    let write = |event: &Event| canonical_bytes(&Event { owner: None, ..event.clone() }).ok();
    check_is_seen(|data| event::judge_made(data, write));
    // Sorted by length in place of UTF-16, or not at all.
    check_is_seen(|data| event::judge_made(data, |event| serde_json::to_vec(event).ok()));
}

#[test]
fn a_checkpoint_whose_size_has_a_sign_is_seen() {
    let verifier = CheckpointKey::from_seed(&[7; 32]).verifier(checkpoint::ORIGIN);
    let open = |note: &str| match verifier.open(note) {
        Err(Refused::Malformed) if note.contains("\n+") => {
            Ok(Checkpoint { origin: checkpoint::ORIGIN.into(), tree: empty_tree() })
        }
        other => other,
    };
    check_is_seen(|data| checkpoint::judge_text(&checkpoint::text(&mut Choices::new(data)), open));
}

fn empty_tree() -> verify::Tree {
    verify::Tree { size: 0, root: Hash::of_empty_tree() }
}

#[test]
fn verifiers_that_believe_too_much_are_seen() {
    let first_only = |leaf, index, tree, proof: &[Hash]| {
        verify::inclusion(leaf, index, tree, proof) || proof.len() > 5
    };
    check_is_seen(|data| proof::judge(data, first_only, verify::consistency));
    // The old root is not compared, so a past can be forged.
    let forgets = |old: verify::Tree, new: verify::Tree, proof: &[Hash]| {
        verify::consistency(old, new, proof) || (old.size == new.size && proof.is_empty())
    };
    check_is_seen(|data| proof::judge(data, verify::inclusion, forgets));
}

#[test]
fn a_verifier_that_believes_too_little_is_seen() {
    let never_last = |leaf, index, tree: verify::Tree, proof: &[Hash]| {
        index + 1 < tree.size && verify::inclusion(leaf, index, tree, proof)
    };
    check_is_seen(|data| proof::judge(data, never_last, verify::consistency));
}

#[test]
fn decisions_that_are_wrong_by_a_second_or_an_order_are_seen() {
    let a_second_late = |facts, revoked_at, expires_at: Option<Timestamp>, now| {
        decide(facts, revoked_at, expires_at.map(|end| end.saturating_add_secs(1)), now)
    };
    check_is_seen(|data| decide::judge(&mut Choices::new(data), a_second_late));
    let expired_first =
        |facts, revoked_at, expires_at, now| match decide(facts, revoked_at, expires_at, now) {
            Reason::Revoked if Status::at(now, None, expires_at) == Status::Expired => {
                Reason::Expired
            }
            other => other,
        };
    check_is_seen(|data| decide::judge(&mut Choices::new(data), expired_first));
}

#[test]
fn an_answer_that_hangs_on_how_the_document_is_written_is_seen() {
    check_is_seen(|data| {
        let (verb, text) = documents::case(&mut Choices::new(data));
        documents::judge(verb, &text, |verb, text| {
            if text.contains("\"more\"") { Some("{}".into()) } else { verb.run(text).ok() }
        })
    });
}
