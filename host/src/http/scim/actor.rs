//! Which directory is calling: it presents the SCIM key of its organization.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use exportgate_core::{
    code::Code,
    id::OrgId,
    secret::{Secret, SecretKind},
};
use http::{HeaderValue, header, request::Parts};

use crate::{
    app::App,
    directory::Service,
    http::{actor::Credential, client_address, problem::Problem},
};

/// The authenticated directory.
pub struct Provisioner(pub Arc<Service>);

impl Provisioner {
    /// The organization whose people it provisions; it sees no other.
    #[must_use]
    pub fn org_id(&self) -> OrgId {
        self.0.org_id.clone()
    }
}

impl FromRequestParts<Arc<App>> for Provisioner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let not_permitted = || {
            Problem::new(Code::ActorNotPermitted, "this route is for a directory with its SCIM key")
        };
        let key = match Credential::authorization(&parts.headers)? {
            Credential::Bearer(key) => key,
            Credential::Basic { .. } | Credential::Session(_) => return Err(not_permitted()),
            Credential::None => {
                let detail = "this route needs a SCIM key as bearer token";
                return Err(Problem::new(Code::CredentialMissing, detail));
            }
        };
        let other = [SecretKind::AccessToken, SecretKind::ServiceKey];
        if other.iter().any(|kind| Secret::parse(*kind, key).is_ok()) {
            return Err(not_permitted());
        }
        let found = Secret::parse(SecretKind::ScimKey, key)
            .ok()
            .and_then(|key| app.directory.scim_key(&key.digest()));
        match found {
            Some(service) => Ok(Self(service)),
            None => {
                app.limiter.failure(client_address::client((&*parts).into(), app))?;
                let challenge = "Bearer realm=\"Exportgate\", error=\"invalid_token\"";
                Err(Problem::new(Code::CredentialInvalid, "the SCIM key is wrong or revoked")
                    .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge)))
            }
        }
    }
}
