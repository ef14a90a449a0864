//! What a provider says about itself (OpenID Connect Discovery 1.0 section 3).

use std::sync::Arc;

use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, EmptyExtraTokenFields, EndSessionUrl,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IdTokenVerifier,
    ProviderMetadata, StandardErrorResponse, StandardTokenResponse, UserInfoClaims, UserInfoUrl,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
        CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
        CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::{jwt::Jwks, outbound::Web};

/// Claims beyond the standard ones: groups, organizations, `sid`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct OtherClaims {
    #[serde(flatten)]
    all: serde_json::Map<String, serde_json::Value>,
}

impl AdditionalClaims for OtherClaims {}

/// Metadata of other specifications than Discovery.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct OtherMetadata {
    /// RP-Initiated Logout 1.0 section 2.1.
    pub end_session_endpoint: Option<EndSessionUrl>,
    /// RFC 9207 section 3.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for OtherMetadata {}

pub type Metadata = ProviderMetadata<
    OtherMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

pub type TokenAnswer = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

pub type Client = openidconnect::Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub type Verifier<'a> = IdTokenVerifier<'a, CoreJsonWebKey>;
pub type UserInfo = UserInfoClaims<OtherClaims, CoreGenderClaim>;

/// A provider whose metadata were read.
pub struct Known {
    /// Without the keys, which come and go more often.
    pub metadata: Metadata,
    /// The keys.
    pub jwks: Arc<Jwks>,
}

impl Known {
    /// Reads the metadata of the issuer, if they are its own and lead nowhere they must not. `jwks`
    /// is the key set of the last time: its keys stay known while its place is the same.
    ///
    /// # Errors
    /// What is wrong.
    pub fn read(
        text: &[u8],
        issuer: &str,
        web: &Arc<Web>,
        jwks: &mut Option<Arc<Jwks>>,
    ) -> Result<Self, &'static str> {
        let metadata: Metadata =
            serde_json::from_slice(text).map_err(|_| "it is no metadata of an OpenID provider")?;
        // Section 4.3: word for word, or somebody could speak for somebody else.
        if metadata.issuer().as_str() != issuer {
            return Err("it names another issuer");
        }
        let token = metadata.token_endpoint().ok_or("it names no token endpoint")?.url();
        let jwks_url = metadata.jwks_uri().url();
        let userinfo = metadata.userinfo_endpoint().map(UserInfoUrl::url);
        let end_session = metadata.additional_metadata().end_session_endpoint.as_ref();
        let end_session = end_session.map(EndSessionUrl::url);
        let endpoints: [Option<&Url>; 5] = [
            Some(metadata.authorization_endpoint().url()),
            Some(token),
            Some(jwks_url),
            userinfo,
            end_session,
        ];
        if !endpoints.into_iter().flatten().all(|url| web.allows(url)) {
            return Err("it leads to an internal address, or away from https");
        }
        let same = jwks.take().filter(|jwks| jwks.url() == jwks_url);
        let new = || Arc::new(Jwks::new(jwks_url.clone(), Arc::clone(web)));
        let jwks = Arc::clone(jwks.insert(same.unwrap_or_else(new)));
        Ok(Self { metadata, jwks })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_stay_known_while_their_place_is_the_same() {
        let issuer = "https://login.example";
        let web = Arc::new(Web::new(issuer.parse().unwrap(), false).unwrap());
        let mut last = None;
        let mut read = |place: &str| {
            let metadata = json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/{place}"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
            });
            Known::read(metadata.to_string().as_bytes(), issuer, &web, &mut last).unwrap().jwks
        };
        let first = read("keys");
        assert!(Arc::ptr_eq(&first, &read("keys")));
        let moved = read("new-keys");
        assert!(!Arc::ptr_eq(&first, &moved));
        assert!(moved.url().path() == "/new-keys");
    }
}
