//! The documents of every verb: none makes it stop, and the same document gives the same answer
//! however it is written and through whichever of the two doors of [`Verb`].

use exportgate_core::wire::{
    ApplyPolicyInput, ChangePolicyInput, CreateTokenInput, Event, ExpireTokensInput,
    ExpiryChoicesInput, JudgeDraftInput, OpenCheckpointInput, PreviewPolicyInput, RenameTokenInput,
    RevokeTokensInput, TokenStatusInput, ValidateExportInput, Verb, VerifyConsistencyInput,
    VerifyInclusionInput,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Verdict,
    choices::{Choices, bytes_of},
    hold,
};

pub mod make;

/// Judges one verb by one document.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    let mut choices = Choices::new(data);
    let (verb, text) = case(&mut choices);
    judge(verb, &text, |verb, text| verb.run(text).ok())
}

/// A verb with a document: any text, or nearly one that it takes.
pub fn case(choices: &mut Choices<'_>) -> (Verb, String) {
    let verb = choices.one_of(Verb::ALL);
    let text = match choices.byte() % 8 {
        0 => choices.rest_as_text(),
        1 => {
            let mut text = make::document(verb, choices).to_string().into_bytes();
            let place = choices.below(text.len());
            text[place] = choices.one_of(b"{}[]\",:0-1e.nt \\u");
            String::from_utf8_lossy(&text).into_owned()
        }
        _ => make::document(verb, choices).to_string(),
    };
    (verb, text)
}

/// How many bytes a case of a number takes; longer documents end in their first choices.
const N_BYTES: usize = 600;

/// The case of a number, always the same one.
#[must_use]
pub fn seeded(number: u64) -> (Verb, String) {
    case(&mut Choices::new(&bytes_of(number, N_BYTES)))
}

/// Compares an answerer with itself and with the core, over several ways to write one document.
pub(crate) fn judge(verb: Verb, text: &str, run: impl Fn(Verb, &str) -> Option<String>) -> Verdict {
    let name = verb.as_str();
    let answer = run(verb, text);
    hold(answer == run(verb, text), || format!("{name} {text}: two answers"))?;
    let printed = print(verb, text);
    hold(printed.is_some() || answer.is_none(), || format!("{name} {text} cannot be read"))?;
    let Some(printed) = printed else { return Ok(()) };
    let again = print(verb, &printed);
    hold(again.as_ref() == Some(&printed), || format!("{name} {printed} is printed as {again:?}"))?;
    let other = run(verb, &printed);
    hold(answer == other, || format!("{name} {text}: {answer:?}\nas {printed}: {other:?}"))?;
    // The browser's door takes and gives values.
    let value: Value = serde_json::from_str(&printed).map_err(|error| error.to_string())?;
    let other = verb.run_with(value, serde_json::value::Serializer).ok();
    let answer = answer.map(|answer| serde_json::from_str::<Value>(&answer));
    let answer = answer.transpose().map_err(|error| format!("{name} {text}: {error}"))?;
    hold(answer == other, || format!("{name} {text}: {answer:?}, by values {other:?}"))
}

/// What the document says, written anew.
fn print(verb: Verb, text: &str) -> Option<String> {
    match verb {
        Verb::CreateToken => printed::<CreateTokenInput>(text),
        Verb::JudgeDraft => printed::<JudgeDraftInput>(text),
        Verb::ExpiryChoices => printed::<ExpiryChoicesInput>(text),
        Verb::TokenStatus => printed::<TokenStatusInput>(text),
        Verb::RenameToken => printed::<RenameTokenInput>(text),
        Verb::RevokeTokens => printed::<RevokeTokensInput>(text),
        Verb::ExpireTokens => printed::<ExpireTokensInput>(text),
        Verb::ChangePolicy => printed::<ChangePolicyInput>(text),
        Verb::PreviewPolicy => printed::<PreviewPolicyInput>(text),
        Verb::ApplyPolicy => printed::<ApplyPolicyInput>(text),
        Verb::ValidateExport => printed::<ValidateExportInput>(text),
        Verb::InspectSecret => printed::<String>(text),
        Verb::CanonicalEvent => printed::<Event>(text),
        Verb::TreeOfEvents => printed::<Vec<Event>>(text),
        Verb::OpenCheckpoint => printed::<OpenCheckpointInput>(text),
        Verb::VerifyInclusion => printed::<VerifyInclusionInput>(text),
        Verb::VerifyConsistency => printed::<VerifyConsistencyInput>(text),
    }
}

fn printed<T: Serialize + DeserializeOwned>(text: &str) -> Option<String> {
    let read: T = serde_json::from_str(text).ok()?;
    serde_json::to_string(&read).ok()
}
