//! `exportgate bench-floor`, hidden: bare handlers that read the same requests as the three
//! validation routes and answer the same bodies, and do nothing else. What the routes cost is
//! measured against them, in the same program and with the same framework (`tests/bench`).

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Form, Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use clap::Args;
use http::header;
use serde::Deserialize;

use crate::{
    cli::{Failure, Global, Output},
    http::{
        exports::{AUTHORIZE, VALIDATE},
        oauth2::INTROSPECT,
    },
    serve,
};

/// Options of `exportgate bench-floor`.
#[derive(Debug, Clone, Args)]
pub struct BenchFloorArgs {
    /// Body of each answer of the introspection route
    #[arg(long, value_name = "JSON")]
    introspection: String,
    /// Body of each answer of the validation route
    #[arg(long, value_name = "JSON")]
    validation: String,
}

struct Bodies {
    introspection: String,
    validation: String,
}

/// What OAuth clients send, without anything that costs.
#[derive(Deserialize)]
struct BareForm {
    token: String,
}

/// What export services send, likewise.
#[derive(Deserialize)]
struct BareRequest {
    secret: String,
    user_name: Option<String>,
    data_source: Option<String>,
    client_address: Option<String>,
}

/// Serves until it is killed.
///
/// # Errors
/// A sentence that says why it cannot start.
pub fn run(args: BenchFloorArgs, global: &Global) -> Result<(), Failure> {
    let bodies =
        Arc::new(Bodies { introspection: args.introspection, validation: args.validation });
    let router = Router::new()
        .route(AUTHORIZE, get(|| async {}))
        .route(INTROSPECT, post(introspect))
        .route(VALIDATE, post(validate))
        .with_state(bodies);
    let failed = |error: std::io::Error| Failure::failed(format!("cannot serve: {error}"));
    serve::runtime().map_err(failed)?.block_on(async {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = tokio::net::TcpListener::bind(any_port).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Output::new(global.json).line(&format!("listening on http://{address}"))?;
        axum::serve(listener, router).await.map_err(failed)
    })
}

async fn introspect(State(bodies): State<Arc<Bodies>>, Form(form): Form<BareForm>) -> Response {
    answer(&bodies.introspection, &form.token)
}

async fn validate(State(bodies): State<Arc<Bodies>>, Json(request): Json<BareRequest>) -> Response {
    let BareRequest { secret, user_name, data_source, client_address } = request;
    answer(&bodies.validation, &(secret, user_name, data_source, client_address))
}

/// What was read is used, so that reading it cannot be left out.
fn answer<T>(body: &str, read: &T) -> Response {
    std::hint::black_box(read);
    ([(header::CONTENT_TYPE, "application/json")], body.to_owned()).into_response()
}
