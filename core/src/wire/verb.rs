//! The verbs: every operation on documents, under the name by which engine, browser module and
//! corpus call it.

use alloc::string::{String, ToString as _};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use super::{
    InspectionRecord, Unreadable, apply_policy, change_policy, create_token, expire_tokens,
    expiry_choices, judge_draft, merkle, preview_policy, rename_token, revoke_tokens, token_status,
    validate_export,
};
use crate::secret;

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident = $text:literal => $run:expr,)*) => {
        /// A rare operation: it reads one JSON document and answers with one. The validation of an
        /// export also has a way without documents ([`crate::validate_export::decide`]).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Verb {
            $($(#[$doc])* $name,)*
        }

        impl Verb {
            /// Every verb.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Runs the operation.
            ///
            /// # Errors
            /// [`Unreadable`] for another document than the verb's.
            pub fn run(self, input: &str) -> Result<String, Unreadable> {
                match self { $(Self::$name => answer(input, $run),)* }
            }

            /// Runs the operation between other forms than JSON text. A caller that names the verb
            /// brings in the code of no other one: the browser module would be twice as big.
            ///
            /// # Errors
            /// As [`Verb::run`].
            #[inline(always)]
            pub fn run_with<'de, D: Deserializer<'de>, S: Serializer>(
                self,
                input: D,
                output: S,
            ) -> Result<S::Ok, Unreadable> {
                match self { $(Self::$name => convert(input, output, $run),)* }
            }
        }
    };
}

verbs! {
    /// [`super::CreateTokenInput`] to [`super::CreateTokenAnswer`].
    CreateToken = "create_token" => create_token::run,
    /// [`super::JudgeDraftInput`] to [`super::JudgeDraftAnswer`].
    JudgeDraft = "judge_draft" => judge_draft::run,
    /// [`super::ExpiryChoicesInput`] to [`super::ExpiryChoicesAnswer`].
    ExpiryChoices = "expiry_choices" => expiry_choices::run,
    /// [`super::TokenStatusInput`] to [`super::TokenStatusAnswer`].
    TokenStatus = "token_status" => token_status::run,
    /// [`super::RenameTokenInput`] to [`super::RenameTokenAnswer`].
    RenameToken = "rename_token" => rename_token::run,
    /// [`super::RevokeTokensInput`] to [`super::RevokeTokensAnswer`].
    RevokeTokens = "revoke_tokens" => revoke_tokens::run,
    /// [`super::ExpireTokensInput`] to [`super::ExpireTokensAnswer`].
    ExpireTokens = "expire_tokens" => expire_tokens::run,
    /// [`super::ChangePolicyInput`] to [`super::ChangePolicyAnswer`].
    ChangePolicy = "change_policy" => change_policy::run,
    /// [`super::PreviewPolicyInput`] to [`super::PreviewPolicyAnswer`].
    PreviewPolicy = "preview_policy" => preview_policy::run,
    /// [`super::ApplyPolicyInput`] to [`super::ApplyPolicyAnswer`].
    ApplyPolicy = "apply_policy" => apply_policy::run,
    /// [`super::ValidateExportInput`] to [`super::ValidateExportAnswer`].
    ValidateExport = "validate_export" => validate_export::run,
    /// A JSON string to [`super::InspectionRecord`].
    InspectSecret = "inspect_secret" => |text: String| {
        Ok(InspectionRecord::from(secret::inspect(&text)))
    },
    /// [`super::Event`] to [`super::CanonicalEvent`].
    CanonicalEvent = "canonical_event" => merkle::canonical_event,
    /// Events from the first one on to [`super::TreeRecord`].
    TreeOfEvents = "tree_of_events" => merkle::tree_of_events,
    /// [`super::OpenCheckpointInput`] to [`super::OpenCheckpointAnswer`].
    OpenCheckpoint = "open_checkpoint" => merkle::open_checkpoint,
    /// [`super::VerifyInclusionInput`] to [`super::Proven`].
    VerifyInclusion = "verify_inclusion" => merkle::verify_inclusion,
    /// [`super::VerifyConsistencyInput`] to [`super::Proven`].
    VerifyConsistency = "verify_consistency" => merkle::verify_consistency,
}

impl Verb {
    /// The verb with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verb| verb.as_str() == name)
    }
}

fn answer<I: DeserializeOwned, O: Serialize>(
    input: &str,
    operation: impl FnOnce(I) -> Result<O, Unreadable>,
) -> Result<String, Unreadable> {
    let output = operation(serde_json::from_str(input)?)?;
    Ok(serde_json::to_string(&output)?)
}

fn convert<'de, D: Deserializer<'de>, S: Serializer, I: Deserialize<'de>, O: Serialize>(
    input: D,
    output: S,
    operation: impl FnOnce(I) -> Result<O, Unreadable>,
) -> Result<S::Ok, Unreadable> {
    let input = I::deserialize(input).map_err(|error| Unreadable::new(error.to_string()))?;
    operation(input)?.serialize(output).map_err(|error| Unreadable::new(error.to_string()))
}
