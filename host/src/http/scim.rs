//! `/scim/v2`: what a directory such as Entra ID or Okta provisions people with (RFC 7644).

pub mod actor;
pub mod discovery;
pub mod message;
pub mod users;

use axum::Router;
use std::sync::Arc;

use crate::{app::App, http::problem::Problem, scim::ScimError};

/// Where the surface begins.
pub const BASE: &str = "/scim/v2";

/// What RFC 7644 knows and this surface does not do: 501 says so (sections 3.11, 3.7, 3.4.3).
pub fn unsupported() -> Router<Arc<App>> {
    let refuse = || async {
        let detail = "not supported; /scim/v2/ServiceProviderConfig says what is".to_owned();
        Problem::from(ScimError { status: 501, scim_type: None, detail })
    };
    ["Me", "Bulk", ".search", "Users/.search"].into_iter().fold(Router::new(), |router, name| {
        router.route(&format!("{BASE}/{name}"), axum::routing::any(refuse))
    })
}
