//! Cursors: each opens the list that it was sealed for, at its place; changed anywhere, or taken to
//! another list, it opens nothing.

use exportgate_host::cursor::CursorKey;

use crate::{Verdict, choices::Choices, hold};

const ALPHABET: &[char] = &['a', 'Z', '0', '9', ' ', '-', '_', ':', '=', 'A', 'B', 'é'];

const KEY: [u8; 32] = [7; 32];

/// Judges the host's cursors.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    judge(data, |key, list, cursor| key.open(list, cursor).ok())
}

/// Judges a way to open cursors.
///
/// # Errors
///
/// When something does not hold.
pub fn judge(data: &[u8], open: impl Fn(&CursorKey, &str, &str) -> Option<i64>) -> Verdict {
    let mut choices = Choices::new(data);
    let key = CursorKey::from_bytes(KEY);
    let list = choices.text(ALPHABET, 12);
    let position = i64::from_le_bytes(choices.array());
    let cursor = key.seal(&list, position);
    let opened = open(&key, &list, &cursor);
    hold(opened == Some(position), || format!("{cursor} of {list:?} opens as {opened:?}"))?;

    let other = choices.text(ALPHABET, 12);
    let opened = open(&key, &other, &cursor);
    hold(other == list || opened.is_none(), || format!("{cursor} of {list:?} opens {other:?}"))?;
    // A fuzzer finds the key itself.
    let guessed = choices.array();
    let opened = open(&CursorKey::from_bytes(guessed), &list, &cursor);
    let is_foreign = guessed != KEY;
    hold(!is_foreign || opened.is_none(), || format!("{cursor} opens with another key"))?;

    let mut changed: Vec<char> = cursor.chars().collect();
    let place = choices.below(changed.len());
    match choices.byte() % 4 {
        0 => changed[place] = choices.one_of(ALPHABET),
        1 => drop(changed.remove(place)),
        2 => changed.insert(place, choices.one_of(ALPHABET)),
        _ => changed.truncate(place),
    }
    let changed: String = changed.into_iter().collect();
    let opened = open(&key, &list, &changed);
    hold(changed == cursor || opened.is_none(), || format!("{cursor} opens as {changed}"))?;
    let any = choices.rest_as_text();
    hold(any == cursor || open(&key, &list, &any).is_none(), || format!("nobody sealed {any:?}"))
}
