//! Secrets: exactly the texts of DOMAIN section 3 are read, and what is read is printed the same.

use exportgate_core::secret::{Hint, Secret, SecretKind, contains_secret, inspect};

use crate::{Verdict, choices::Choices, hold};

const ALPHABET: &[char] = &[
    '0', '5', '9', 'A', 'M', 'Z', 'a', 'm', 'z', 'g', 'K', '7', '+', '-', '_', ' ', '\0', 'é', 'Ａ',
];

/// Judges core and inspection by a text that is, or nearly is, a secret.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    judge_made(data, |kind, text| Secret::parse(kind, text).ok().map(|it| it.expose().to_owned()))?;
    judge_inspection(&text(&mut Choices::new(data)))
}

/// As [`judge`], by the text that lies in `data`.
pub(crate) fn judge_made(
    data: &[u8],
    read: impl Fn(SecretKind, &str) -> Option<String>,
) -> Verdict {
    judge(&text(&mut Choices::new(data)), read)
}

/// Compares a reader of secrets with the plain words of DOMAIN, byte for byte.
pub(crate) fn judge(text: &str, read: impl Fn(SecretKind, &str) -> Option<String>) -> Verdict {
    for kind in SecretKind::ALL {
        let expected = is_secret(kind, text).then_some(text);
        let printed = read(kind, text);
        hold(printed.as_deref() == expected, || {
            format!("{kind:?} {text:?} is read as {printed:?}")
        })?;
    }
    Ok(())
}

fn judge_inspection(text: &str) -> Verdict {
    let kind = SecretKind::ALL.into_iter().find(|kind| is_secret(*kind, text));
    let inspection = inspect(text);
    hold(inspection.checksum == kind.is_some(), || format!("{text:?}: {inspection:?}"))?;
    hold(inspection.form || !inspection.checksum, || format!("{text:?}: {inspection:?}"))?;
    if let Some(kind) = kind {
        let secret = Secret::parse(kind, text).map_err(|error| error.to_string())?;
        let hint = &text[32..36];
        hold(inspection.kind == Some(kind), || format!("{text:?}: {inspection:?}"))?;
        hold(inspection.hint.as_deref() == Some(hint), || format!("{text:?}: {inspection:?}"))?;
        hold(secret.hint().as_str() == hint, || format!("{text:?}: {:?}", secret.hint()))?;
        hold(Hint::parse(hint) == Some(secret.hint()), || format!("{hint} is not read"))?;
    }
    if inspection.form {
        hold(contains_secret(&format!("ö{text}+")), || format!("{text:?} is not seen"))?;
    }
    Ok(())
}

/// A text: any, or one whose checksum is right whatever is in front of it, changed at times.
fn text(choices: &mut Choices<'_>) -> String {
    if choices.once_in(8) {
        return choices.rest_as_text();
    }
    let prefix = choices.one_of(&["egt_", "egs_", "egp_", "egt-", "EGT_", "egx_", "egt"]);
    let n_characters = if choices.once_in(8) { choices.below(40) } else { 32 };
    let alphabet = if choices.once_in(3) { ALPHABET } else { &ALPHABET[..12] };
    let mut text = prefix.to_owned();
    text.extend((0..n_characters).map(|_| choices.one_of(alphabet)));
    text += &checksum(text.as_bytes());
    while choices.once_in(3) {
        let place = choices.below(text.chars().count());
        let other = choices.one_of(ALPHABET);
        text = text.chars().enumerate().map(|(n, c)| if n == place { other } else { c }).collect();
    }
    text
}

/// DOMAIN section 3, written again in the plainest way.
fn is_secret(kind: SecretKind, text: &str) -> bool {
    let prefix = match kind {
        SecretKind::AccessToken => "egt_",
        SecretKind::ServiceKey => "egs_",
        SecretKind::ScimKey => "egp_",
    };
    text.starts_with(prefix)
        && text.chars().skip(4).all(|c| c.is_ascii_alphanumeric())
        && is_checked(kind, text)
}

/// Length, prefix and checksum are right, whatever is between.
pub(crate) fn is_checked(kind: SecretKind, text: &str) -> bool {
    text.len() == 42
        && text.starts_with(kind.prefix())
        && text.ends_with(&checksum(&text.as_bytes()[..36]))
}

/// CRC-32 bit by bit, in six base62 digits.
fn checksum(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let crc = !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    });
    (0..6).rev().map(|place| DIGITS[(crc / 62u32.pow(place) % 62) as usize] as char).collect()
}
