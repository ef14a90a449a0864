//! Which refusals a route's contract names: groups of codes, each with the status that belongs to
//! them, so that no handler writes out the same lines again.

use std::collections::BTreeMap;

use exportgate_core::code::Code;
use utoipa::{
    IntoResponses, ToSchema as _,
    openapi::{Content, Ref, RefOr, Response, ResponseBuilder},
};

use super::problem::{ProblemBody, status_of};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = [$($code:ident),*];)*) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    documented(&[$(Code::$code),*])
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
    /// Of a sign-in.
    OfSignInCode = [CredentialInvalid];
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

/// One answer for each status, which names the codes that it comes with.
fn documented(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for code in codes {
        by_status.entry(status_of(*code).as_u16()).or_default().push(format!("`{code}`"));
    }
    let answers = by_status.into_iter().map(|(status, codes)| {
        let schema = RefOr::Ref(Ref::from_schema_name(ProblemBody::name()));
        let answer = ResponseBuilder::new()
            .description(codes.join(", "))
            .content("application/problem+json", Content::new(Some(schema)))
            .build();
        (status.to_string(), RefOr::T(answer))
    });
    answers.collect()
}
