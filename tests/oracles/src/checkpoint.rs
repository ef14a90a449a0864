//! Signed checkpoints: what is signed opens as itself; a changed byte anywhere is noticed; a text that
//! is read is the one that would be written.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use exportgate_core::{
    checkpoint::{Checkpoint, CheckpointKey, Refused, VerifierKey},
    merkle::{Hash, verify::Tree},
};

use crate::{Verdict, choices::Choices, hold};

const SEED: [u8; 32] = [7; 32];
/// Whose history.
pub(crate) const ORIGIN: &str = "exportgate/fe812c12f3ab4ce6/default";

/// Judges the reader of checkpoints.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    let mut choices = Choices::new(data);
    let key = CheckpointKey::from_seed(&SEED);
    let verifier = key.verifier(ORIGIN);
    let open = |note: &str| verifier.open(note);
    match choices.byte() % 8 {
        0 => {
            let note = choices.rest_as_text();
            let opened = open(&note);
            hold(opened.is_err(), || format!("nobody signed {note:?}, which is {opened:?}"))
        }
        1..4 => check_changed(&key, &verifier, &mut choices),
        4 => judge_text(&format!("{ORIGIN}\n{}", choices.rest_as_text()), open),
        _ => judge_text(&text(&mut choices), open),
    }
}

/// A good note opens; with any change it is refused.
fn check_changed(
    key: &CheckpointKey,
    verifier: &VerifierKey,
    choices: &mut Choices<'_>,
) -> Verdict {
    let tree = Tree { size: choices.number(), root: Hash::from_bytes(choices.array()) };
    let checkpoint = Checkpoint { origin: ORIGIN.into(), tree };
    let note = key.sign(&checkpoint);
    let opened = verifier.open(&note);
    hold(opened == Ok(checkpoint), || format!("{note:?} opens as {opened:?}"))?;
    let mut changed = note.clone().into_bytes();
    let place = choices.below(changed.len());
    match choices.byte() % 4 {
        0 => changed[place] ^= 1 << choices.below(8),
        1 => drop(changed.remove(place)),
        2 => changed.insert(place, choices.byte()),
        _ => changed.truncate(place),
    }
    let Ok(changed) = String::from_utf8(changed) else { return Ok(()) };
    let opened = verifier.open(&changed);
    hold(changed == note || opened.is_err(), || format!("{changed:?} opens as {opened:?}"))
}

/// A text that the host's key signed opens only if it begins with the three lines that the opened
/// checkpoint has: read, print, compare.
pub(crate) fn judge_text(
    text: &str,
    open: impl Fn(&str) -> Result<Checkpoint, Refused>,
) -> Verdict {
    let opened = open(&signed(text));
    let Ok(Checkpoint { origin, tree }) = opened else {
        return hold(!is_checkpoint(text), || format!("{text:?} is refused: {opened:?}"));
    };
    let printed = format!("{origin}\n{}\n{}\n", tree.size, tree.root);
    hold(text.starts_with(&printed), || format!("{text:?} is printed as {printed:?}"))?;
    hold(is_checkpoint(text), || format!("{text:?} is no checkpoint of ours"))
}

/// C2SP tlog-checkpoint in plain words: origin, size without leading zeros, 32 bytes in base64, then
/// extension lines that are not empty.
fn is_checkpoint(text: &str) -> bool {
    let Some(lines) = text.strip_suffix('\n') else { return false };
    let lines: Vec<&str> = lines.split('\n').collect();
    let [origin, size, root, extensions @ ..] = &*lines else { return false };
    let is_size = size.bytes().all(|c| c.is_ascii_digit())
        && (*size == "0" || !size.starts_with('0'))
        && size.parse::<u64>().is_ok();
    let is_root = STANDARD
        .decode(root)
        .is_ok_and(|bytes| bytes.len() == 32 && STANDARD.encode(bytes) == *root);
    *origin == ORIGIN && is_size && is_root && extensions.iter().all(|line| !line.is_empty())
}

/// A signed note around any text, with the host's own key.
fn signed(text: &str) -> String {
    let verifier = CheckpointKey::from_seed(&SEED).verifier(ORIGIN).to_string();
    let id = verifier.split('+').nth(1).expect("a verifier key has an id");
    let id = u32::from_str_radix(id, 16).expect("an id is hexadecimal").to_be_bytes();
    let signature = SigningKey::from_bytes(&SEED).sign(text.as_bytes()).to_bytes();
    let signature = STANDARD.encode([id.as_slice(), &signature].concat());
    format!("{text}\n\u{2014} {ORIGIN} {signature}\n")
}

/// Nearly a checkpoint.
pub(crate) fn text(choices: &mut Choices<'_>) -> String {
    let origin = choices.one_of(&[ORIGIN, ORIGIN, ORIGIN, ORIGIN, "", "elsewhere", "a b"]);
    let size = choices.number();
    let sign = choices.one_of(&["", "", "", "", "+", "-", "0", " ", "00"]);
    let root = Hash::from_bytes(choices.array()).to_string();
    let root = match choices.byte() % 8 {
        0 => root.replace('=', choices.one_of(&["", "==", "A", "\r"])),
        1 => root.replacen(
            choices.one_of(&['+', '/', 'A']),
            choices.one_of(&["-", "_", "\n", ""]),
            1,
        ),
        // Bits behind the last byte.
        2 => format!("{}{}=", &root[..42], choices.one_of(&['A', 'B', 'E', 'F', '/', '0'])),
        _ => root,
    };
    let end = choices.one_of(&[
        "\n",
        "\n",
        "\n",
        "\nmore\n",
        "\n\n",
        "\nmore\n\n",
        "",
        "\r\n",
        "\n\nmore\n",
    ]);
    format!("{origin}\n{sign}{size}\n{root}{end}")
}
