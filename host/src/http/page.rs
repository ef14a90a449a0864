//! What a browser is shown: the page from inside the binary, and the contract.

mod files;

use axum::{
    Json, Router,
    response::{IntoResponse, Response},
};
use exportgate_core::code::Code;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_swagger_ui::SwaggerUi;

use super::{page_headers, problem::Problem};
use files::{Encoding, File};

/// The page is asked for anew each time; its name stays while its content changes.
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");
/// The other files have their content's digest in their names.
const NEVER_CHANGES: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /` and `GET /assets/…`.
pub async fn page(uri: Uri, headers: HeaderMap) -> Response {
    let Some(file) = File::at(uri.path()) else {
        return Problem::new(Code::RouteNotFound, "the page has no such file").into_response();
    };
    let encoding = Encoding::accepted(headers.get_all(header::ACCEPT_ENCODING).iter());
    let etag = file.etag(encoding);
    let mut response = if is_known(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let media_type = (header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
        ([media_type], file.bytes(encoding)).into_response()
    };
    let unchanged = response.status() == StatusCode::NOT_MODIFIED;
    let mut add = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
    for (name, value) in page_headers() {
        add(name, HeaderValue::from_static(value));
    }
    add(header::VARY, HeaderValue::from_static("accept-encoding"));
    add(header::CACHE_CONTROL, if file.path == "/" { ASK_EACH_TIME } else { NEVER_CHANGES });
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        add(header::ETAG, etag);
    }
    if let (Some(name), false) = (encoding.name(), unchanged) {
        add(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// Whether the browser has it already; `If-None-Match` compares weakly (RFC 9110 section 13.1.2).
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag
    })
}

/// The contract, as OpenAPI 3.1.
#[utoipa::path(get, path = "/openapi.json", tag = "contract", responses(
    (status = 200, description = "this document", body = Object, content_type = "application/json"),
))]
pub async fn openapi(contract: Json<utoipa::openapi::OpenApi>) -> Json<utoipa::openapi::OpenApi> {
    contract
}

/// `GET /docs`: the contract, to be read and tried out.
pub fn docs<S: Clone + Send + Sync + 'static>(openapi: utoipa::openapi::OpenApi) -> Router<S> {
    let ui = SwaggerUi::new("/docs").url("/docs/openapi.json", openapi);
    let mut router = Router::new().merge(ui);
    for (name, value) in page_headers() {
        let value = HeaderValue::from_static(value);
        router = router.layer(SetResponseHeaderLayer::overriding(name, value));
    }
    router
}
