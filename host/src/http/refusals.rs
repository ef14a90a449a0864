//! Which refusals a route's contract names: groups of codes, each with the status that belongs to
//! them, so that no handler writes out the same lines again.

use std::collections::BTreeMap;

use exportgate_core::code::Code;
use utoipa::{
    IntoResponses, ToSchema as _,
    openapi::{Content, Ref, RefOr, Response, ResponseBuilder},
};

use super::problem::{ProblemBody, ScimErrorBody, status_of};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = [$($code:ident),*];)*) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    documented(&[$(Code::$code),*], Form::Problem)
                }
            }
        )*
    };
}

refusals! {
    /// Of a route for signed-in people. An assertion is noted in the store, and failures are
    /// counted.
    ToStrangers = [
        CredentialMissing,
        CredentialInvalid,
        ActorNotPermitted,
        RateLimited,
        StoreUnavailable
    ];
    /// Of a sign-in: the code is no good, or another site made a browser ask.
    OfSignInCode = [CredentialInvalid, ActorNotPermitted];
    /// Of a sign-in with an OpenID provider.
    OfProviderSignIn =
        [SignInNotStarted, SignInDeclined, SignInNotAccepted, SignInNotPermitted];
    /// Of a route about an OpenID provider.
    OfProvider = [RouteNotFound];
    /// Where an OpenID provider is asked.
    ByProvider = [SignInProviderUnavailable];
    /// Of a route whose query or header can be wrong.
    OfQuery = [RequestMalformed];
    /// Of a route that reads a body.
    OfBody = [RequestMalformed, RequestTooLarge, RequestUnsupportedMediaType];
    /// Of a route that reads no body, and refuses a long one all the same.
    OfLength = [RequestTooLarge];
    /// Of a route about one token.
    OfTokenId = [TokenNotFound];
    /// Of a route about one event.
    OfSequence = [HistoryEventNotFound];
    /// Of a route that reads a label.
    OfLabel = [LabelEmpty, LabelTooLong, LabelControlCharacter];
    /// Of a route that reads a draft.
    OfDraft = [
        LabelEmpty,
        LabelTooLong,
        LabelControlCharacter,
        ExpiryInThePast,
        ExpiryBeyondMaximum,
        ExpiryMalformed,
        TokenLimitReached
    ];
    /// Of a route that reads a policy.
    OfPolicy = [PolicyMaximumOutOfRange, PolicyMaximumRequired];
    /// Of a route that applies a policy.
    OfApplication = [PolicyMaximumRequired];
    /// Of a route that changes what somebody looked at.
    OfVersion = [PolicyVersionConflict, PolicyVersionRequired];
    /// To addresses that tried too often.
    ToGuessers = [RateLimited];
    /// Where the store is asked.
    ByStore = [StoreUnavailable];
    /// Where store and engine are asked.
    ByStoreOrEngine = [StoreUnavailable, EngineUnavailable];
}

macro_rules! scim_refusals {
    ($($(#[$doc:meta])* $name:ident = [$($code:ident),*];)*) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    documented(&[$(Code::$code),*], Form::Scim)
                }
            }
        )*
    };
}

scim_refusals! {
    /// Of a route for directories.
    ToDirectories = [
        CredentialMissing,
        CredentialInvalid,
        ActorNotPermitted,
        RateLimited,
        StoreUnavailable
    ];
    /// Of a SCIM route whose query can be wrong.
    OfScimQuery = [RequestMalformed];
    /// Of a SCIM route that reads a body.
    OfScimBody = [RequestMalformed, RequestTooLarge, RequestUnsupportedMediaType];
    /// Of a SCIM route about one user.
    OfScimId = [UserNotFound];
    /// Of a SCIM route that reads a user name.
    OfScimName = [UserNameTaken];
}

/// In whose words a refusal is.
enum Form {
    Problem,
    Scim,
}

/// One answer for each status, which names the codes that it comes with.
fn documented(codes: &[Code], form: Form) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for code in codes {
        by_status.entry(status_of(*code).as_u16()).or_default().push(format!("`{code}`"));
    }
    let answers = by_status.into_iter().map(|(status, codes)| {
        let (schema, media_type) = match form {
            Form::Problem => (ProblemBody::name(), "application/problem+json"),
            Form::Scim => (ScimErrorBody::name(), "application/scim+json"),
        };
        let schema = RefOr::Ref(Ref::from_schema_name(schema));
        let answer = ResponseBuilder::new()
            .description(codes.join(", "))
            .content(media_type, Content::new(Some(schema)))
            .build();
        (status.to_string(), RefOr::T(answer))
    });
    answers.collect()
}
