//! The decision about an export, against the table of DOMAIN section 6 written again.

use exportgate_core::{
    secret::{Secret, SecretKind},
    time::Timestamp,
    validate_export::{Facts, Reason, decide},
    wire::{ValidateExportInput, Verb},
};
use serde_json::Value;

use crate::{Verdict, choices::Choices, documents::make, hold};

/// Judges the decision on flat facts and on a document.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    let mut choices = Choices::new(data);
    judge(&mut choices, decide)?;
    check_document(&make::document(Verb::ValidateExport, &mut choices).to_string())
}

/// The question of one decision: facts, `revoked_at`, `expires_at` and `now`.
pub type Question = (Facts, Option<Timestamp>, Option<Timestamp>, Timestamp);

/// A question whose instants lie near each other.
pub fn question(choices: &mut Choices<'_>) -> Question {
    // Most facts hold, so that the later rules are tried as often as the first.
    let mut fact = || !choices.once_in(8);
    let facts = Facts {
        well_formed: fact(),
        known: fact(),
        same_organization: fact(),
        user_name_matches: fact(),
        owner_active: fact(),
    };
    let now = make::instant(choices);
    let near = |choices: &mut Choices<'_>| match choices.byte() % 8 {
        0..3 => None,
        3 => Some(make::instant(choices)),
        _ => Some(now.saturating_add_secs(i64::from(choices.byte() % 5) - 2)),
    };
    (facts, near(choices), near(choices), now)
}

/// Compares a decider with the table.
pub(crate) fn judge(
    choices: &mut Choices<'_>,
    decide: impl Fn(Facts, Option<Timestamp>, Option<Timestamp>, Timestamp) -> Reason,
) -> Verdict {
    let (facts, revoked_at, expires_at, now) = question(choices);
    let decided = decide(facts, revoked_at, expires_at, now).as_str();
    let expected = by_table(facts, revoked_at, expires_at, now);
    hold(decided == expected, || {
        format!("{facts:?}, {revoked_at:?}, {expires_at:?}, {now:?}: {decided}, not {expected}")
    })
}

/// DOMAIN section 6: the first matching row wins.
fn by_table(
    facts: Facts,
    revoked_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> &'static str {
    let is_over =
        expires_at.is_some_and(|expires_at| now.unix_seconds() >= expires_at.unix_seconds());
    let rows = [
        ("malformed", !facts.well_formed),
        ("unknown", !facts.known),
        ("other_organization", !facts.same_organization),
        ("user_mismatch", !facts.user_name_matches),
        ("owner_inactive", !facts.owner_active),
        ("revoked", revoked_at.is_some()),
        ("expired", is_over),
        ("allowed", true),
    ];
    rows.into_iter().find(|(_, matches)| *matches).map_or("", |(reason, _)| reason)
}

/// The same by a document, with its facts still to be found.
fn check_document(text: &str) -> Verdict {
    let Ok(input) = serde_json::from_str::<ValidateExportInput>(text) else { return Ok(()) };
    let Ok(answer) = Verb::ValidateExport.run(text) else { return Ok(()) };
    let secret = Secret::parse(SecretKind::AccessToken, &input.secret).ok();
    let digest = secret.as_ref().map(|secret| format!("{:?}", secret.digest()));
    let known = input.known.as_ref().filter(|known| digest.as_ref() == Some(&known.digest));
    let facts = Facts {
        well_formed: secret.is_some(),
        known: known.is_some(),
        same_organization: known.is_some_and(|known| known.owner.org_id == input.org_id),
        user_name_matches: input.user_name.as_ref().is_none_or(|presented| {
            known.is_some_and(|known| {
                known.owner.user_name.as_str().to_lowercase() == presented.to_lowercase()
            })
        }),
        owner_active: known.is_some_and(|known| known.owner_active),
    };
    let token = known.map(|known| &known.token);
    let (revoked_at, expires_at) =
        (token.and_then(|it| it.revoked_at), token.and_then(|it| it.expires_at));
    let expected = by_table(facts, revoked_at, expires_at, input.now);
    let told = if expected == "other_organization" { "unknown" } else { expected };
    let decision = if expected == "allowed" { "allow" } else { "deny" };
    let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    let names = !["malformed", "unknown", "other_organization"].contains(&expected);
    hold(answer["reason"] == expected, || format!("{text}\n{answer}, not {expected}"))?;
    hold(answer["told"] == told, || format!("{text}\n{answer}, not {told}"))?;
    hold(answer["decision"] == decision, || format!("{text}\n{answer}, not {decision}"))?;
    hold(answer["names_token"] == names, || format!("{text}\n{answer}, not {names}"))
}
