//! Door 2: the core's verbs for the page and the Lightning component, as functions of JavaScript.
//!
//! A page asks while its user types, and shows what the host will answer: each function takes and
//! gives what the verb's JSON document holds, and runs the verb as every other door does.
//! `core/src/wire` says what the documents mean; their TypeScript types are made from there, too.
//!
//! Each function throws an `Error` for a value that is none of its documents.

use exportgate_core::wire::Verb;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

mod read;

macro_rules! verbs {
    ($($name:ident = $verb:ident($input:literal) -> $answer:literal, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            #[wasm_bindgen(unchecked_return_type = $answer)]
            pub fn $name(
                #[wasm_bindgen(unchecked_param_type = $input)] input: JsValue,
            ) -> Result<JsValue, JsError> {
                // As `JSON.parse` would have it: objects in the place of maps, `null` for none.
                let answer = Serializer::json_compatible();
                Verb::$verb.run_with(read::Document(input), &answer).map_err(refusal)
            }
        )*
    };
}

verbs! {
    judge_draft = JudgeDraft("JudgeDraftInput") -> "JudgeDraftAnswer",
        "What the creation of a token would answer to this draft.";
    expiry_choices = ExpiryChoices("ExpiryChoicesInput") -> "ExpiryChoicesAnswer",
        "The expiries that the policy allows for a new token now.";
    token_status = TokenStatus("TokenStatusInput") -> "TokenStatusAnswer",
        "What tokens are at an instant, and when that changes by itself.";
    inspect_secret = InspectSecret("string") -> "InspectionRecord",
        "Whether a text has a secret's form and checksum; it is sent nowhere.";
    preview_policy = PreviewPolicy("PreviewPolicyInput") -> "PreviewPolicyAnswer",
        "What a policy means for new tokens, in sentences, and for the given existing ones.";
    canonical_event = CanonicalEvent("HistoryEvent") -> "CanonicalEvent",
        "The bytes that stand for an event in the history's tree, and their hash.";
    open_checkpoint = OpenCheckpoint("OpenCheckpointInput") -> "OpenCheckpointAnswer",
        "What a signed checkpoint says, or why it is not believed.";
    verify_inclusion = VerifyInclusion("VerifyInclusionInput") -> "Proven",
        "Whether a proof proves that an event is in a tree.";
    verify_consistency = VerifyConsistency("VerifyConsistencyInput") -> "Proven",
        "Whether a proof proves that one tree begins another.";
}

/// Any verb by its name, on JSON text: for the corpus in `tests/cases`. The module that ships does
/// without, since the verbs that no page needs are half of its size.
///
/// # Errors
/// For an unknown verb, and for another document than the verb's.
#[cfg(feature = "corpus")]
#[wasm_bindgen]
pub fn run(verb: &str, input: &str) -> Result<String, JsError> {
    let verb = Verb::parse(verb).ok_or_else(|| refusal("there is no such verb"))?;
    verb.run(input).map_err(refusal)
}

fn refusal(words: impl ToString) -> JsError {
    JsError::new(&words.to_string())
}
