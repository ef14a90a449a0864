//! `/v1/operator`: what only the person with access to the host's own machine may do.

mod backups;
mod histories;
mod policies;
mod services;
mod users;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post, put},
};
use exportgate_core::id::OrgId;
use serde::Deserialize;

use super::{problem::Problem, query::present};
use crate::{app::App, data::DEFAULT_ORGANIZATION};

/// The operator's routes; only the local socket serves them.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/operator/users", get(users::list).post(users::add))
        .route("/v1/operator/users/{user_name}/deactivate", post(users::deactivate))
        .route("/v1/operator/users/{user_name}/reactivate", post(users::reactivate))
        .route("/v1/operator/users/{user_name}/role", put(users::set_role))
        .route("/v1/operator/sign-in-codes", post(users::issue_sign_in_code))
        .route("/v1/operator/services", get(services::list).post(services::add))
        .route("/v1/operator/services/{name}/revoke", post(services::revoke))
        .route("/v1/operator/scim-keys", get(services::list_scim_keys).post(services::add_scim_key))
        .route("/v1/operator/scim-keys/{name}/revoke", post(services::revoke_scim_key))
        .route("/v1/operator/policy", get(policies::read).put(policies::change))
        .route("/v1/operator/policy/preview", post(policies::preview))
        .route("/v1/operator/policy/apply-to-existing", post(policies::apply_to_existing))
        .route("/v1/operator/history", get(histories::read))
        .route("/v1/operator/history/checkpoint", get(histories::checkpoint))
        .route("/v1/operator/backups", post(backups::create))
}

/// Which organization is meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrgQuery {
    #[serde(default, deserialize_with = "present")]
    org_id: Option<String>,
}

impl OrgQuery {
    /// The organization, if one was named.
    ///
    /// # Errors
    /// `request.malformed`.
    fn named(&self) -> Result<Option<OrgId>, Problem> {
        self.org_id.as_deref().map(parse_org).transpose()
    }

    /// The organization, or the default one.
    ///
    /// # Errors
    /// `request.malformed`.
    fn or_default(&self) -> Result<OrgId, Problem> {
        parse_org(self.org_id.as_deref().unwrap_or(DEFAULT_ORGANIZATION))
    }
}

fn parse_org(text: &str) -> Result<OrgId, Problem> {
    OrgId::parse(text).map_err(|error| Problem::malformed(format!("organization: {error}")))
}
