//! Checkpoints, compared with Cloudflare's readers of the two C2SP formats: `signed_note` and
//! `tlog_tiles`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use exportgate_core::{
    checkpoint::{Checkpoint, CheckpointKey, Refused, VerifierKey},
    id::OrgId,
    merkle::{Hash, verify::Tree},
};
use signed_note::{Note, StandardVerifier, VerifierList};

fn key() -> CheckpointKey {
    CheckpointKey::from_seed(&[7; 32])
}

fn origin() -> String {
    key().origin(&OrgId::parse("default").unwrap())
}

fn checkpoint() -> Checkpoint {
    let tree = Tree { size: 1_234, root: Hash::of_leaf(b"x") };
    Checkpoint { origin: origin(), tree }
}

#[test]
fn a_note_has_exactly_this_form() {
    let note = key().sign(&checkpoint());
    assert_eq!(
        note,
        "exportgate/fe812c12f3ab4ce6/default\n\
         1234\n\
         PH6byTDck/AfppmF7yQtn56GHzxTVaokzl70tLinDMs=\n\
         \n\
         \u{2014} exportgate/fe812c12f3ab4ce6/default \
         49jBeNRPpDCb2Lrqp7udty3jOmypruus2CBZVIl9xp0laOaYhbM+UHHqGHbLI9O27US06aU62h8sXMg5iJ/8dO+LCAo=\n"
    );
}

#[test]
fn other_peoples_readers_read_our_checkpoints() {
    let note = key().sign(&checkpoint());
    let verifier = key().verifier(&origin()).to_string();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&verifier).unwrap())]);
    let theirs = Note::from_bytes(note.as_bytes()).unwrap();
    let (verified, unverified) = theirs.verify(&known).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    let read = tlog_tiles::checkpoint::Checkpoint::from_bytes(theirs.text()).unwrap();
    assert_eq!((read.origin(), read.size()), (origin().as_str(), 1_234));
    assert_eq!(read.hash().0, *checkpoint().tree.root.as_bytes());
}

#[test]
fn a_checkpoint_opens_with_its_key_only() {
    let note = key().sign(&checkpoint());
    let verifier = VerifierKey::parse(&key().verifier(&origin()).to_string()).unwrap();
    assert_eq!(verifier.open(&note), Ok(checkpoint()));
    // A witness signs on a line of its own, before or behind ours.
    let ours = note.rsplit_once("\n\n").unwrap().1;
    let witness = "\u{2014} witness.example AAAAAAAAAAAA\n";
    assert_eq!(verifier.open(&format!("{note}{witness}")), Ok(checkpoint()));
    assert_eq!(verifier.open(&note.replace(ours, &format!("{witness}{ours}"))), Ok(checkpoint()));
    // Another key may bear the same name, and somebody else's key the same id.
    let namesake = format!("\u{2014} {} AAAAAAAAAAAA\n", origin());
    assert_eq!(verifier.open(&note.replace(ours, &format!("{namesake}{ours}"))), Ok(checkpoint()));
    let same_id = ours.replace(&origin(), "witness.example");
    assert_eq!(verifier.open(&note.replace(ours, &same_id)), Err(Refused::NotSigned));

    let other = CheckpointKey::from_seed(&[8; 32]);
    assert_eq!(other.verifier(&origin()).open(&note), Err(Refused::NotSigned));
    let elsewhere = other.verifier(&other.origin(&OrgId::parse("default").unwrap()));
    assert_eq!(elsewhere.open(&note), Err(Refused::OtherOrigin));
    let forged = Checkpoint { tree: Tree { size: 1_233, ..checkpoint().tree }, ..checkpoint() };
    let forged = key().sign(&forged).replace("1233", "1234");
    assert_eq!(verifier.open(&forged), Err(Refused::NotSigned));
}

#[test]
fn what_is_no_checkpoint_is_told_so() {
    let note = key().sign(&checkpoint());
    let verifier = key().verifier(&origin());
    for text in [
        "".to_owned(),
        "\n\n".to_owned(),
        note.replace("1234\n", "+1234\n"),
        note.replace("1234\n", "01234\n"),
        note.replace("1234\n", "-1\n"),
        note.replace("1234\n", "99999999999999999999\n"),
        note.replace("1234\n", ""),
        note.replace("DMs=\n", "DMs\n"),
        note.replace("\u{2014} ", "- "),
        note.trim_end().to_owned(),
        note.replace("\n\n", "\n"),
        // An empty line would be read as the end of the text by others.
        note.replace("DMs=\n", "DMs=\n\n"),
    ] {
        assert_eq!(verifier.open(&text), Err(Refused::Malformed), "{text:?}");
    }
}

#[test]
fn further_lines_of_a_checkpoint_mean_nothing_here_but_are_signed() {
    let longer = key().sign(&checkpoint()).replace("DMs=\n", "DMs=\nwitness policy 1\n");
    assert_eq!(key().verifier(&origin()).open(&longer), Err(Refused::NotSigned));
}

#[test]
fn verifier_keys_are_read_as_they_are_written_and_nothing_else_is() {
    let text = key().verifier(&origin()).to_string();
    let read = VerifierKey::parse(&text).unwrap();
    assert_eq!((read.to_string(), format!("{read:?}")), (text.clone(), text.clone()));
    assert_eq!(read.name(), origin());
    // Their ids are right, but these are no names.
    for name in ["", "a b", "a\u{a0}b"] {
        assert!(VerifierKey::parse(&key().verifier(name).to_string()).is_err(), "{name:?}");
    }
    for wrong in [
        "",
        "a+b",
        &text.replace("exportgate", "example"),
        &text.replacen('+', "++", 1),
        &text.to_uppercase(),
        &text[..text.len() - 4],
    ] {
        assert!(VerifierKey::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn debug_shows_no_key() {
    let seed = [7; 32];
    let shown = format!("{:?}", CheckpointKey::from_seed(&seed));
    assert_eq!(shown, format!("CheckpointKey({})", key().host_name()));
}
