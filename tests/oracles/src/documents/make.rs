//! Makes documents of every verb out of choices: good ones mostly, so that the rules are reached, and
//! all that lies at their edges.

use exportgate_core::{
    checkpoint::{Checkpoint, CheckpointKey},
    create_token::CREATE_RANDOM_BYTES,
    merkle::{Hash, verify::Tree},
    secret::{SECRET_RANDOM_BYTES, Secret, SecretKind},
    time::Timestamp,
    wire::Verb,
};
use serde_json::{Value, json};

use crate::choices::Choices;

/// A document for `verb`.
pub fn document(verb: Verb, choices: &mut Choices<'_>) -> Value {
    let mut document = match verb {
        Verb::CreateToken => json!({
            "draft": draft(choices),
            "facts": { "owner": owner(choices), "policy": policy(choices), "n_active": count(choices) },
            "now": instant_text(choices),
            "random_bytes": hexadecimal(choices, CREATE_RANDOM_BYTES),
        }),
        Verb::JudgeDraft => json!({
            "draft": draft(choices),
            "policy": policy(choices),
            "n_active": count(choices),
            "now": instant_text(choices),
        }),
        Verb::ExpiryChoices => {
            json!({ "policy": policy(choices), "now": instant_text(choices) })
        }
        Verb::TokenStatus => {
            json!({ "tokens": list(choices, instants), "now": instant_text(choices) })
        }
        Verb::RenameToken => json!({
            "token": token(choices),
            "owner": owner(choices),
            "label": label(choices),
            "now": instant_text(choices),
        }),
        Verb::RevokeTokens => json!({
            "tokens": list(choices, token),
            "owner": owner(choices),
            "cause": choices.one_of(&["owner", "revoke_all", "secret_reported", "host"]),
            "now": instant_text(choices),
        }),
        Verb::ExpireTokens => {
            json!({ "tokens": list(choices, owned_token), "now": instant_text(choices) })
        }
        Verb::ChangePolicy => json!({
            "org_id": id(choices),
            "current": { "policy": policy(choices), "version": choices.number() },
            "expected_version": optional(choices, |it| it.number().into()),
            "wish": policy(choices),
            "actor": actor(choices),
            "now": instant_text(choices),
        }),
        Verb::PreviewPolicy => json!({
            "policy": policy(choices),
            "notice_days": optional(choices, days),
            "tokens": list(choices, used_token),
            "now": instant_text(choices),
        }),
        Verb::ApplyPolicy => json!({
            "policy": policy(choices),
            "notice_days": optional(choices, days),
            "tokens": list(choices, owned_token),
            "actor": actor(choices),
            "now": instant_text(choices),
        }),
        Verb::ValidateExport => validation(choices),
        Verb::InspectSecret => secret(choices).into(),
        Verb::CanonicalEvent => event(choices),
        Verb::TreeOfEvents => {
            let mut events = list(choices, event);
            for (n, event) in events.iter_mut().enumerate() {
                event["sequence"] = n.into();
            }
            events.into()
        }
        Verb::OpenCheckpoint => checkpoint(choices),
        Verb::VerifyInclusion => {
            json!({ "event": event(choices), "tree": tree(choices), "proof": list(choices, hash) })
        }
        Verb::VerifyConsistency => {
            json!({ "from": tree(choices), "to": tree(choices), "proof": list(choices, hash) })
        }
    };
    if choices.once_in(16) {
        spoil(&mut document, choices);
    }
    document
}

/// An instant: mostly of our days, sometimes at the ends of what can be written.
///
/// # Panics
///
/// Never: what it makes lies within the years 0000 to 9999.
pub fn instant(choices: &mut Choices<'_>) -> Timestamp {
    let noon = Timestamp::from_unix_seconds(1_806_494_400).expect("2027 can be written");
    let days = i64::from(choices.byte()) - 128;
    match choices.byte() % 16 {
        0 => Timestamp::MIN.saturating_add_secs(days.max(0)),
        1 => Timestamp::MAX.saturating_add_secs(days.min(0)),
        2 => {
            let seconds = i64::from_le_bytes(choices.array()) % 400_000_000_000;
            noon.saturating_add_secs(seconds)
        }
        3..6 => noon.midnight_after_days(u32::from(choices.byte() % 8)),
        6..9 => noon.saturating_add_secs(days % 3),
        _ => noon.saturating_add_secs(days * 43_200),
    }
}

fn instant_text(choices: &mut Choices<'_>) -> Value {
    let text = instant(choices).to_string();
    match choices.byte() {
        255 => text.replace('Z', "+02:00").into(),
        254 => text.replace("Z", ".5Z").into(),
        253 => text.replace('T', " ").into(),
        252 => "2027-02-30T00:00:00Z".into(),
        _ => text.into(),
    }
}

/// Takes, adds or replaces a field somewhere.
fn spoil(value: &mut Value, choices: &mut Choices<'_>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let n_fields = fields.len();
            let nth = choices.below(n_fields);
            let name = fields.keys().nth(nth).cloned().unwrap_or_default();
            match choices.byte() % 4 {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert("more".into(), Value::Null)),
                _ => spoil(&mut fields[&name], choices),
            }
        }
        Value::Array(values) if !values.is_empty() => {
            let nth = choices.below(values.len());
            spoil(&mut values[nth], choices);
        }
        other => {
            *other = match choices.byte() % 8 {
                0 => Value::Null,
                1 => true.into(),
                2 => (-1).into(),
                3 => choices.number().into(),
                4 => 1.5.into(),
                5 => "".into(),
                6 => json!([]),
                _ => json!({}),
            };
        }
    }
}

fn list<T>(choices: &mut Choices<'_>, one: impl Fn(&mut Choices<'_>) -> T) -> Vec<T> {
    let n = choices.below(5);
    (0..n).map(|_| one(choices)).collect()
}

fn optional(choices: &mut Choices<'_>, one: impl Fn(&mut Choices<'_>) -> Value) -> Value {
    if choices.once_in(3) { Value::Null } else { one(choices) }
}

fn label(choices: &mut Choices<'_>) -> String {
    match choices.byte() % 16 {
        0 => "ü".repeat(choices.below(90)),
        1 => choices.text(&['a', ' ', '\u{a0}', '\n', '\u{202e}', '😀', '"', '\\'], 6),
        n => choices.one_of(&["Power BI", " Übersicht 😀 ", "a", "<b>", "\u{e000}", "\u{7f}x"])[..]
            .to_owned()
            .replace('a', if n > 8 { "aa" } else { "a" }),
    }
}

fn good_label(choices: &mut Choices<'_>) -> &'static str {
    choices.one_of(&["Power BI", "Übersicht 😀", "a", "<b>\"\\/", "\u{e000}\u{10000}", "a\u{301}"])
}

fn name(choices: &mut Choices<'_>) -> &'static str {
    choices.one_of(&["anna", "ANNA", "Änne@Example.com", "änne@example.com", "İ", "ß", "Σς", "a b"])
}

fn id(choices: &mut Choices<'_>) -> &'static str {
    choices.one_of(&["default", "org_a", "org_b", "00D5g000004XyZaEAK", "x-_", "usr_anna"])
}

fn token_id(choices: &mut Choices<'_>) -> &'static str {
    choices.one_of(&["tok_0000000000000000000001", "tok_7n42DGM5Tflk9n8mt7Fhc7", "t", "tok_-"])
}

fn draft(choices: &mut Choices<'_>) -> Value {
    let date = |choices: &mut Choices<'_>| {
        let date = instant(choices).date_text();
        choices.one_of(&[&*date, &*date, &*date, "2027-02-30", "2028-02-29", "", "0"]).into()
    };
    let mut draft = json!({ "label": label(choices) });
    match choices.byte() % 4 {
        0 => draft["expires_at"] = optional(choices, instant_text),
        1 => draft["expires_on"] = optional(choices, date),
        2 if choices.once_in(4) => {
            draft["expires_at"] = instant_text(choices);
            draft["expires_on"] = date(choices);
        }
        _ => {}
    }
    draft
}

fn policy(choices: &mut Choices<'_>) -> Value {
    let days =
        optional(choices, |it| it.one_of(&[1, 7, 30, 90, 365, 3649, 3650, 3651, 0, -1]).into());
    let active = optional(choices, |it| it.one_of(&[1, 2, 25, 999, 1000, 1001, 0]).into());
    json!({
        "automatic_expiration": !days.is_null() && choices.once_in(2),
        "maximum_expiry_days": days,
        "maximum_active_tokens": active,
    })
}

fn days(choices: &mut Choices<'_>) -> Value {
    choices.one_of(&[0, 1, 7, 30, 364, 365, 366, -1]).into()
}

fn count(choices: &mut Choices<'_>) -> u64 {
    choices.one_of(&[0, 0, 1, 2, 24, 25, 26, 999, 1000, u64::from(u32::MAX)])
}

fn instants(choices: &mut Choices<'_>) -> Value {
    json!({
        "created_at": instant_text(choices),
        "expires_at": optional(choices, instant_text),
        "revoked_at": if choices.once_in(3) { instant_text(choices) } else { Value::Null },
    })
}

fn token(choices: &mut Choices<'_>) -> Value {
    let mut token = instants(choices);
    token["token_id"] = token_id(choices).into();
    token["label"] = good_label(choices).into();
    token["hint"] = choices.one_of(&["ab1Z", "0000", "zzzz", "ab1"]).into();
    token
}

fn used_token(choices: &mut Choices<'_>) -> Value {
    let mut token = instants(choices);
    token["token_id"] = token_id(choices).into();
    token["label"] = good_label(choices).into();
    token["owner"] = user(choices);
    token["last_used_at"] = optional(choices, instant_text);
    token["n_uses"] = choices.number().into();
    token
}

fn owner(choices: &mut Choices<'_>) -> Value {
    json!({ "org_id": id(choices), "user_id": id(choices), "user_name": name(choices) })
}

fn user(choices: &mut Choices<'_>) -> Value {
    json!({ "user_id": id(choices), "user_name": name(choices) })
}

fn owned_token(choices: &mut Choices<'_>) -> Value {
    json!({ "token": token(choices), "owner": owner(choices) })
}

fn actor(choices: &mut Choices<'_>) -> Value {
    let kind = choices.one_of(&[
        "user",
        "user",
        "operator",
        "host",
        "service",
        "secret_holder",
        "directory",
    ]);
    let user = kind == "user";
    json!({
        "kind": kind,
        "user_id": if user { id(choices).into() } else { Value::Null },
        "user_name": if user { name(choices).into() } else { Value::Null },
    })
}

fn hexadecimal(choices: &mut Choices<'_>, n_bytes: usize) -> String {
    let n_bytes = if choices.once_in(16) { n_bytes - 1 } else { n_bytes };
    (0..n_bytes).map(|_| format!("{:02x}", choices.byte())).collect()
}

fn secret(choices: &mut Choices<'_>) -> String {
    let kind = choices.one_of(&[
        SecretKind::AccessToken,
        SecretKind::AccessToken,
        SecretKind::ServiceKey,
        SecretKind::ScimKey,
    ]);
    let random = [choices.byte() % 62; SECRET_RANDOM_BYTES];
    let secret = Secret::generate(kind, &random).expect("digits below 62 suffice");
    let text = secret.expose().to_owned();
    match choices.byte() % 8 {
        0 => choices.rest_as_text(),
        1 => text.replace('0', "+"),
        2 => text + " ",
        _ => text,
    }
}

fn validation(choices: &mut Choices<'_>) -> Value {
    let secret = secret(choices);
    let digest = Secret::parse(SecretKind::AccessToken, &secret)
        .map(|secret| format!("{:?}", secret.digest()))
        .unwrap_or_default();
    let digest = if choices.once_in(8) { "00".repeat(32) } else { digest };
    let known = json!({
        "token": token(choices),
        "owner": owner(choices),
        "owner_active": !choices.once_in(4),
        "digest": digest,
    });
    let org_id =
        if choices.once_in(8) { id(choices).into() } else { known["owner"]["org_id"].clone() };
    let user_name = match choices.byte() % 4 {
        0 => Value::Null,
        1 => name(choices).into(),
        _ => known["owner"]["user_name"].clone(),
    };
    json!({
        "org_id": org_id,
        "secret": secret,
        "user_name": user_name,
        "known": if choices.once_in(8) { Value::Null } else { known },
        "now": instant_text(choices),
    })
}

fn details(choices: &mut Choices<'_>, depth: u8) -> Value {
    match choices.byte() % if depth == 0 { 5 } else { 7 } {
        0 => Value::Null,
        1 => choices.once_in(2).into(),
        2 => (choices.number() % (1 << 53)).into(),
        3 => choices
            .text(&['a', '"', '\\', '\n', '\u{1}', '\u{7f}', 'ü', '😀', '\u{2028}', '/'], 6)
            .into(),
        4 => instant_text(choices),
        5 => list(choices, |it| details(it, depth - 1)).into(),
        _ => {
            let names = ["b", "a", "aa", "hint", "Z", "", "n_exports", "10", "9"];
            let fields = list(choices, |it| (it.one_of(&names).to_owned(), details(it, depth - 1)));
            Value::Object(fields.into_iter().collect())
        }
    }
}

fn event(choices: &mut Choices<'_>) -> Value {
    json!({
        "org_id": id(choices),
        "sequence": choices.number() % (1 << 53),
        "at": instant_text(choices),
        "kind": choices.one_of(&["token.created", "export.allowed", "another", ""]),
        "actor": actor(choices),
        "token_id": optional(choices, |it| token_id(it).into()),
        "label": optional(choices, |it| good_label(it).into()),
        "owner": optional(choices, user),
        "reason": optional(choices, |it| it.one_of(&["revoked", "expired"]).into()),
        "details": details(choices, 3),
        "engine": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    })
}

fn hash(choices: &mut Choices<'_>) -> Value {
    Hash::of_leaf(&[choices.byte() % 8]).to_string().into()
}

fn tree(choices: &mut Choices<'_>) -> Value {
    json!({ "size": choices.number() % (1 << 53), "root": hash(choices) })
}

fn checkpoint(choices: &mut Choices<'_>) -> Value {
    let key = CheckpointKey::from_seed(&[choices.byte() % 2; 32]);
    let origin = choices.one_of(&["exportgate/1/default", "exportgate/1/org_a", "a b"]);
    let tree = Tree { size: choices.number() % (1 << 53), root: Hash::of_leaf(&[choices.byte()]) };
    let note = key.sign(&Checkpoint { origin: origin.into(), tree });
    let note = match choices.byte() % 8 {
        0 => note.replace('\n', "\r\n"),
        1 => note.replacen('1', "2", 1),
        2 => format!("{note}\u{2014} witness AAAAAAAAAAAA\n"),
        _ => note,
    };
    let asked = if choices.once_in(8) { "exportgate/1/org_a" } else { origin };
    let verifier = CheckpointKey::from_seed(&[choices.byte() % 2; 32]).verifier(asked);
    json!({ "checkpoint": note, "verifier_key": verifier.to_string() })
}
