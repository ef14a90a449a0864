//! Every route on one page.

pub mod actor;
mod answer;
pub mod body;
pub mod caller;
mod client_address;
mod cookie;
pub mod exports;
mod finish;
pub mod front;
mod health;
mod history;
mod if_match;
pub mod oauth2;
mod oidc;
mod operator;
mod page;
mod policy;
pub mod problem;
mod query;
mod refusals;
mod scim;
mod session;
mod tokens;
mod uses;

use std::sync::Arc;

use axum::{
    Json, Router,
    routing::{any, get},
};
use exportgate_core::code::Code;
use http::header;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, net::Routed};
use front::Front;
use problem::{Problem, ProblemBody, ScimErrorBody};

/// The head of the contract; the rest is generated from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Exportgate",
        description = "Access tokens for data exports. Errors are RFC 9457 problem details with a \
                       stable `code`.",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(page::openapi),
    components(schemas(ProblemBody, ScimErrorBody, exportgate_core::wire::PolicyPreview)),
    modifiers(&SecuritySchemes)
)]
struct Contract;

struct SecuritySchemes;

impl utoipa::Modify for SecuritySchemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme,
        };
        let components = openapi.components.get_or_insert_default();
        let http = |scheme| SecurityScheme::Http(HttpBuilder::new().scheme(scheme).build());
        let key = |name| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name)));
        let session = ApiKey::Cookie(ApiKeyValue::new(actor::SESSION_COOKIE));
        components.add_security_scheme("session", SecurityScheme::ApiKey(session));
        let jwt = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("assertion", SecurityScheme::Http(jwt));
        components.add_security_scheme("service_key", http(HttpAuthScheme::Bearer));
        components.add_security_scheme("scim_key", http(HttpAuthScheme::Bearer));
        components.add_security_scheme("service_basic", http(HttpAuthScheme::Basic));
        components.add_security_scheme("proxy_service_key", key(exports::SERVICE_HEADER));
    }
}

/// The public routes, and the management ones where they share the address.
pub fn public(app: &Arc<App>, with_metrics: bool) -> Front {
    Front::new(app, finished(public_routes(with_metrics), app))
}

fn public_routes(with_metrics: bool) -> Router<Arc<App>> {
    let mut router = OpenApiRouter::with_openapi(Contract::openapi())
        .routes(routes!(health::livez))
        .routes(routes!(health::readyz))
        .routes(routes!(oidc::options, session::sign_in))
        .routes(routes!(oidc::begin))
        .routes(routes!(oidc::begin_with))
        .routes(routes!(oidc::finish))
        .routes(routes!(oidc::finish_with))
        .routes(routes!(oidc::logout))
        .routes(routes!(oidc::logout_with))
        .routes(routes!(session::sign_out))
        .routes(routes!(session::me))
        .routes(routes!(tokens::create, tokens::list))
        .routes(routes!(tokens::get, tokens::rename))
        .routes(routes!(tokens::revoke))
        .routes(routes!(tokens::revoke_all))
        .routes(routes!(tokens::uses))
        .routes(routes!(history::read))
        .routes(routes!(history::activity::read))
        .routes(routes!(history::proofs::checkpoint))
        .routes(routes!(history::proofs::prove_inclusion))
        .routes(routes!(history::proofs::prove_consistency))
        .routes(routes!(policy::read, policy::change))
        .routes(routes!(policy::preview))
        .routes(routes!(policy::apply_to_existing))
        .routes(routes!(exports::validate))
        .routes(routes!(exports::authorize))
        .routes(routes!(oauth2::introspect))
        .routes(routes!(oauth2::revoke))
        .routes(routes!(scim::users::list, scim::users::create))
        .routes(routes!(
            scim::users::read,
            scim::users::replace,
            scim::users::modify,
            scim::users::remove
        ))
        .routes(routes!(scim::discovery::service_provider_config))
        .routes(routes!(scim::discovery::resource_types))
        .routes(routes!(scim::discovery::resource_type))
        .routes(routes!(scim::discovery::schemas))
        .routes(routes!(scim::discovery::schema));
    if with_metrics {
        router = router.routes(routes!(health::metrics));
    }
    let (router, openapi) = router.split_for_parts();
    let contract = Json(openapi.clone());
    // Envoy asks with the client's own method, and with the client's path behind this one. All
    // other proxies ask with GET.
    let asked_by_envoy = || any(exports::authorize);
    router
        .route("/", get(page::page))
        .route("/assets/{name}", get(page::page))
        .route("/openapi.json", get(move || page::openapi(contract.clone())))
        .route(&format!("{}/", exports::AUTHORIZE), asked_by_envoy())
        .route(&format!("{}/{{*path}}", exports::AUTHORIZE), asked_by_envoy())
        .merge(scim::unsupported())
        .merge(page::docs(openapi))
}

/// The routes of the management address, where it is not the public one.
pub fn management(app: &Arc<App>) -> Routed {
    let router = Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics));
    Routed(finished(router, app))
}

/// The routes of the local socket: the public ones and the operator's.
pub fn local(app: &Arc<App>) -> Front {
    Front::new(app, finished(public_routes(true).merge(operator::routes()), app))
}

fn finished(router: Router<Arc<App>>, app: &Arc<App>) -> Router {
    router
        .fallback(|| async { Problem::no_route() })
        .method_not_allowed_fallback(|| async {
            Problem::new(Code::MethodNotAllowed, "this route exists, but not for this method")
        })
        .layer(CatchPanicLayer::custom(finish::on_panic))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(app), finish::finish))
        .with_state(Arc::clone(app))
}

/// `Content-Security-Policy` of everything that a browser shows.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of everything that a browser shows.
fn page_headers() -> [(http::HeaderName, &'static str); 3] {
    [
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (http::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (
            http::HeaderName::from_static("permissions-policy"),
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
             microphone=(), payment=(), usb=(), clipboard-write=(self)",
        ),
    ]
}
