//! What a browser is shown: for now a short page that says what runs here, and the contract.

use axum::{Json, Router, response::IntoResponse};
use http::{HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_swagger_ui::SwaggerUi;

use super::page_headers;

const PAGE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Exportgate</title>
<h1>Exportgate</h1>
<p>This host manages access tokens for data exports. Its contract is at
<a href=\"/docs/\">/docs</a>.</p>
<h2>Sign in</h2>
<p>Until this page can do it, sign in on the command line with the code or the whole link that the
operator gave you:</p>
<pre>exportgate sign-in CODE --url THIS-ADDRESS
exportgate token create \"Sales dashboard\"</pre>
</html>
";

/// `GET /`.
pub async fn page() -> impl IntoResponse {
    (page_headers(), [(header::CONTENT_TYPE, "text/html; charset=utf-8")], PAGE)
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
