//! `/v1/history/checkpoint` and `/v1/history/proof/…`: how a reader proves that nothing of the
//! history was changed or removed.
#![allow(unused_qualifications, reason = "`utoipa::path` writes one around the queries")]

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use exportgate_core::merkle::Hash;
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::refusals::{ByStore, OfQuery, OfSequence, ToStrangers};
use crate::{
    app::App,
    http::{actor::SignedIn, problem::Problem, query::Query},
    usecase::prove_history::{self, SignedCheckpoint},
};

/// A signed checkpoint.
#[derive(Serialize, ToSchema)]
pub struct CheckpointBody {
    /// Whose history: names host and organization.
    origin: String,
    /// How many events it covers.
    size: u64,
    /// Their root, base64.
    #[schema(value_type = String)]
    root: Hash,
    /// The signed note (C2SP tlog-checkpoint): keep it, and the past cannot be changed unseen.
    checkpoint: String,
    /// What checks the signature: `name+id+key` (C2SP signed-note).
    verifier_key: String,
}

/// The checkpoint of the history as it is now; with `Accept: text/plain` the signed note alone.
#[utoipa::path(get, path = "/v1/history/checkpoint", tag = "history", security(("session" = []), ("assertion" = [])), responses(
    (status = 200, content((CheckpointBody = "application/json"), (String = "text/plain"))),
    ToStrangers, ByStore,
))]
pub async fn checkpoint(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let org_id = signed_in.user.owner().org_id.clone();
    let signed = prove_history::checkpoint(&app, org_id).await?;
    Ok(checkpoint_response(signed, &headers))
}

/// A checkpoint in the form that the reader accepts.
pub fn checkpoint_response(signed: SignedCheckpoint, headers: &HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.trim_start().starts_with("text/plain")) {
        let media_type = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
        return ([media_type, (header::VARY, "Accept")], signed.note).into_response();
    }
    Json(CheckpointBody {
        origin: signed.checkpoint.origin,
        size: signed.checkpoint.tree.size,
        root: signed.checkpoint.tree.root,
        checkpoint: signed.note,
        verifier_key: signed.verifier_key,
    })
    .into_response()
}

/// Which event in which tree.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InclusionQuery {
    /// The event's sequence.
    sequence: u64,
    /// The tree of the first so many events; all of them where it is absent.
    #[serde(default)]
    size: Option<u64>,
}

/// That an event is in a tree (RFC 9162 section 2.1.3).
#[derive(Serialize, ToSchema)]
pub struct InclusionBody {
    sequence: u64,
    size: u64,
    /// The event's hash, base64.
    #[schema(value_type = String)]
    leaf: Hash,
    /// From the leaf's sibling up, each base64.
    #[schema(value_type = Vec<String>)]
    proof: Vec<Hash>,
}

/// Proves that an event is in the tree: an own one, or for administrators any.
#[utoipa::path(get, path = "/v1/history/proof/inclusion", tag = "history", security(("session" = []), ("assertion" = [])), params(InclusionQuery), responses(
    (status = 200, body = InclusionBody),
    ToStrangers, OfQuery, OfSequence, ByStore,
))]
pub async fn prove_inclusion(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(query): Query<InclusionQuery>,
) -> Result<Json<InclusionBody>, Problem> {
    let scope = signed_in.all_scope().unwrap_or_else(|_| signed_in.own_scope());
    let org_id = signed_in.user.owner().org_id.clone();
    let InclusionQuery { sequence, size } = query;
    let proven = prove_history::prove_inclusion(&app, org_id, scope, sequence, size).await?;
    let prove_history::InclusionProof { size, leaf, proof } = proven;
    Ok(Json(InclusionBody { sequence, size, leaf, proof }))
}

/// Which two trees.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyQuery {
    /// The size of the earlier tree.
    from: u64,
    /// The size of the later tree; all events where it is absent.
    #[serde(default)]
    to: Option<u64>,
}

/// That a tree is the beginning of a later one (RFC 9162 section 2.1.4).
#[derive(Serialize, ToSchema)]
pub struct ConsistencyBody {
    from: u64,
    to: u64,
    /// Each base64; empty where there is nothing to prove.
    #[schema(value_type = Vec<String>)]
    proof: Vec<Hash>,
}

/// Proves that nothing of an earlier tree was changed or removed. It tells nothing of any event.
#[utoipa::path(get, path = "/v1/history/proof/consistency", tag = "history", security(("session" = []), ("assertion" = [])), params(ConsistencyQuery), responses(
    (status = 200, body = ConsistencyBody),
    ToStrangers, OfQuery, ByStore,
))]
pub async fn prove_consistency(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(query): Query<ConsistencyQuery>,
) -> Result<Json<ConsistencyBody>, Problem> {
    let org_id = signed_in.user.owner().org_id.clone();
    let ConsistencyQuery { from, to } = query;
    let (to, proof) = prove_history::prove_consistency(&app, org_id, from, to).await?;
    Ok(Json(ConsistencyBody { from, to, proof }))
}
