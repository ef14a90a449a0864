//! The short words: what is read is printed the same, and exactly the texts that the dictionary of
//! DOMAIN allows are read.

use exportgate_core::{
    checkpoint::VerifierKey,
    id::{OrgId, ServiceId, TOKEN_ID_LENGTH, TokenId, UserId},
    label::Label,
    merkle::{Frontier, Hash},
    name::{Name, fold},
    secret::Hint,
    token::Status,
    user::Role,
    wire::Verb,
};

use crate::{Verdict, choices::Choices, hold};

const ALPHABET: &[char] = &[
    'a', 'Z', '0', '9', '_', '-', 'x', 'B', '7', 'k', '+', '/', '=', ':', ' ', '.', '\n', '\u{7f}',
    '\u{85}', '\u{a0}', 'ü', 'Ü', 'ß', 'İ', 'ı', 'Σ', 'ς', 'K', '\u{202e}', '\u{2066}', '\u{2069}',
    '\u{202a}', '\u{3000}', '😀',
];

/// Judges every reader of a word.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    let mut choices = Choices::new(data);
    check_random_ids(&mut choices)?;
    let text = text(&mut choices);
    let ids: [fn(&str) -> Option<String>; 4] = [
        |text| OrgId::parse(text).ok().map(|id| id.to_string()),
        |text| UserId::parse(text).ok().map(|id| id.to_string()),
        |text| TokenId::parse(text).ok().map(|id| id.to_string()),
        |text| ServiceId::parse(text).ok().map(|id| id.to_string()),
    ];
    for read in ids {
        judge("id", &text, is_id(&text), read)?;
    }
    judge("name", &text, is_name(&text), |text| Name::parse(text).ok().map(|it| it.to_string()))?;
    judge("hint", &text, is_hint(&text), |text| Hint::parse(text).map(|it| it.as_str().into()))?;
    judge_printed("hash", &text, |text| Hash::parse(text).ok().map(|hash| hash.to_string()))?;
    judge_printed("key", &text, |text| VerifierKey::parse(text).ok().map(|key| key.to_string()))?;
    judge_printed("status", &text, |text| Status::parse(text).map(|it| it.as_str().into()))?;
    judge_printed("role", &text, |text| Role::parse(text).map(|role| role.as_str().into()))?;
    judge_printed("verb", &text, |text| Verb::parse(text).map(|verb| verb.as_str().into()))?;
    judge_printed("token id as a number", &text, number_and_back)?;
    check_label(&text)?;
    check_case(&text, &self::text(&mut choices))
}

/// What is read is printed the same, and it is read exactly if it is `good`.
pub(crate) fn judge(
    what: &str,
    text: &str,
    good: bool,
    read: impl Fn(&str) -> Option<String>,
) -> Verdict {
    hold(read(text).is_some() == good, || format!("{what} {text:?} is read as {:?}", read(text)))?;
    judge_printed(what, text, read)
}

/// What is read is printed the same.
pub(crate) fn judge_printed(
    what: &str,
    text: &str,
    read: impl Fn(&str) -> Option<String>,
) -> Verdict {
    match read(text) {
        Some(printed) if printed != text => {
            Err(format!("{what} {text:?} is printed as {printed:?}"))
        }
        _ => Ok(()),
    }
}

fn number_and_back(text: &str) -> Option<String> {
    let random = TokenId::read_random(text)?;
    let mut place = [0; TOKEN_ID_LENGTH];
    Some(TokenId::write_random(random, &mut place).to_owned())
}

fn check_random_ids(choices: &mut Choices<'_>) -> Verdict {
    let random = choices.array();
    let token_id = TokenId::from_random(random);
    let read = TokenId::read_random(token_id.as_str());
    hold(read == Some(random), || format!("{token_id} is read as {read:?}"))?;
    let size = choices.number() & 0xff;
    let bytes = vec![7; 32 * size.count_ones() as usize + choices.below(2)];
    let frontier = Frontier::from_bytes(size, &bytes);
    hold(frontier.is_some() == (bytes.len().is_multiple_of(32)), || {
        format!("a frontier of {size}")
    })?;
    hold(frontier.is_none_or(|it| it.to_bytes() == bytes), || format!("a frontier of {size}"))
}

/// A label is trimmed; what is left is read again as itself.
fn check_label(text: &str) -> Verdict {
    let trimmed = text.trim();
    let good = (1..=80).contains(&trimmed.chars().count()) && !trimmed.chars().any(is_hidden);
    let label = Label::parse(text, "/label").ok();
    let expected = good.then_some(trimmed);
    hold(label.as_ref().map(Label::as_str) == expected, || format!("{text:?}: {label:?}"))?;
    let Some(label) = label else { return Ok(()) };
    let json = serde_json::to_string(&label).map_err(|error| error.to_string())?;
    let again: Label = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    hold(again == label, || format!("{json} is read as {again:?}"))
}

/// Names that differ in case only are one name, whoever asks.
fn check_case(one: &str, other: &str) -> Verdict {
    let (Ok(a), Ok(b)) = (Name::parse(one), Name::parse(other)) else { return Ok(()) };
    let same = one.to_lowercase().replace('ς', "σ") == other.to_lowercase().replace('ς', "σ")
        || fold(one) == fold(other);
    hold(a.matches(other) == b.matches(one), || {
        format!("{a:?} and {b:?} differ in one direction")
    })?;
    hold(a.matches(other) == (fold(one) == fold(other)), || format!("{a:?} and {b:?}"))?;
    hold(same || !a.matches(other), || format!("{a:?} is {b:?}"))?;
    hold(a.matches(one) && a.folded() == fold(one), || format!("{a:?} is not itself"))
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

fn is_name(text: &str) -> bool {
    let ends_with_space =
        text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    (1..=128).contains(&text.chars().count())
        && !ends_with_space
        && !text.chars().any(|c| c == ':' || is_hidden(c))
}

fn is_hint(text: &str) -> bool {
    text.chars().count() == 4 && text.chars().all(|c| c.is_ascii_alphanumeric())
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".contains(c)
}

fn text(choices: &mut Choices<'_>) -> String {
    let letters = if choices.once_in(2) { ALPHABET } else { &ALPHABET[..10] };
    match choices.byte() % 8 {
        0 => choices.rest_as_text(),
        1 => choices.text(letters, 140),
        2 => format!("tok_{}", choices.text(letters, 24)),
        3 => format!("{}=", choices.text(&ALPHABET[..12], 60)),
        4 => choices.one_of(&["active", "expired", "user", "administrator", "rename_token"]).into(),
        5 => VALID_KEY.replacen(
            choices.one_of(&['+', 'e', '/']),
            choices.one_of(&["+", "E", "e0"]),
            1,
        ),
        6 => Hash::from_bytes(choices.array()).to_string().replacen(
            'A',
            choices.one_of(&["A", "B", ""]),
            1,
        ),
        _ => choices.text(letters, 6),
    }
}

const VALID_KEY: &str =
    "exportgate/fe812c12f3ab4ce6/default+e3d8c178+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
