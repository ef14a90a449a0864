//! Knows the addresses of the sample export and what answers at each.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::{HeaderMap, StatusCode, Uri};
use hyper::body::Frame;

use super::entity_set::EntitySet;
use super::query::{Query, Unanswerable};
use super::value::Value;
use super::{csv, metadata, page};

const JSON: &str = "application/json;odata.metadata=minimal";
const XML: &str = "application/xml";
const PLAIN: &str = "text/plain";

/// The whole export: the feed under `/odata/`, the CSV at `/csv/opportunities.csv`.
pub fn router() -> Router {
    Router::new()
        .route("/odata", get(feed))
        .route("/odata/", get(feed))
        .route("/odata/{*resource}", get(feed))
        .route("/csv/opportunities.csv", get(opportunities_csv))
}

/// Every resource of the feed. Which one it is, is read from the address itself, because a key such
/// as `Accounts('0015e…')` is no path segment that a router could match.
async fn feed(uri: Uri, headers: HeaderMap) -> Response {
    let path = percent_encoding::percent_decode_str(uri.path()).decode_utf8_lossy();
    let resource = path.trim_start_matches("/odata").trim_start_matches('/');
    let base = base(&headers);
    match answer(resource, uri.query().unwrap_or(""), &base) {
        Ok((kind, body)) => odata(StatusCode::OK, kind, body),
        Err(Failure::NoSuchResource) => failure(StatusCode::NOT_FOUND, "there is no such resource"),
        Err(Failure::Query(error @ Unanswerable::Malformed(_))) => {
            failure(StatusCode::BAD_REQUEST, &error.to_string())
        }
        Err(Failure::Query(error @ Unanswerable::Unsupported(_))) => {
            failure(StatusCode::NOT_IMPLEMENTED, &error.to_string())
        }
    }
}

/// Why a resource has no answer.
enum Failure {
    NoSuchResource,
    Query(Unanswerable),
}

/// Type and body of a resource's answer.
fn answer(resource: &str, query: &str, base: &str) -> Result<(&'static str, String), Failure> {
    match resource {
        "" => return Ok((JSON, metadata::service_document(base))),
        "$metadata" => return Ok((XML, metadata::metadata())),
        _ => {}
    }
    let (head, tail) = resource.split_once('/').unwrap_or((resource, ""));
    let Some((name, key)) = head.split_once('(') else {
        let set = EntitySet::named(head).ok_or(Failure::NoSuchResource)?;
        return rows(set, tail, Query::parse(set, query).map_err(Failure::Query)?, base, resource);
    };
    let set = EntitySet::named(name).ok_or(Failure::NoSuchResource)?;
    let row = row_with_key(set, key).ok_or(Failure::NoSuchResource)?;
    if tail.is_empty() {
        return Ok((JSON, page::entity(set, &row, base)));
    }
    // `Accounts('…')/Opportunities`: the rows of the other table that hang on this one.
    let (way, tail) = tail.split_once('/').unwrap_or((tail, ""));
    let way = set.navigations.iter().find(|w| w.name == way).ok_or(Failure::NoSuchResource)?;
    let other = EntitySet::named(way.target).ok_or(Failure::NoSuchResource)?;
    let own = set.place(way.own).and_then(|place| row.get(place)).ok_or(Failure::NoSuchResource)?;
    let place = other.place(way.other).ok_or(Failure::NoSuchResource)?;
    let mut link = String::new();
    own.write_plain(&mut link);
    let mut query = Query::parse(other, query).map_err(Failure::Query)?;
    query.filter.push((place, format!("'{link}'")));
    if way.many {
        return rows(other, tail, query, base, resource);
    }
    let found = (0..other.n_rows).map(other.row).find(|row| query.wants(row));
    Ok((JSON, page::entity(other, &found.ok_or(Failure::NoSuchResource)?, base)))
}

/// A page of rows, or after `/$count` their number alone.
fn rows(
    set: &EntitySet,
    tail: &str,
    query: Query,
    base: &str,
    path: &str,
) -> Result<(&'static str, String), Failure> {
    match tail {
        "" => Ok((JSON, page::page(set, &query, base, path))),
        "$count" => Ok((PLAIN, page::count(set, &query).to_string())),
        _ => Err(Failure::NoSuchResource),
    }
}

/// The row that a key such as `'0015e…')` or `Id='0015e…')` names.
fn row_with_key(set: &EntitySet, key: &str) -> Option<Vec<Value>> {
    let key = key.strip_suffix(')')?;
    let key = key.strip_prefix("Id=").unwrap_or(key);
    (0..set.n_rows).map(set.row).find(|row| row.first().is_some_and(|id| id.equals_literal(key)))
}

async fn opportunities_csv() -> Response {
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8; header=present")];
    (headers, Body::new(Pieces(Box::new(csv::pieces())))).into_response()
}

/// A body that makes its next piece only when the network has taken the one before.
struct Pieces(Box<dyn Iterator<Item = String> + Send>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|piece| Ok(Frame::data(Bytes::from(piece)))))
    }
}

/// The feed's address as the client sees it, so that every link leads back through the proxies
/// that the request came through.
fn base(headers: &HeaderMap) -> String {
    let one = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        // Each proxy may have added its own; the first is what the client used.
        Some(value.split(',').next().unwrap_or(value).trim())
    };
    let scheme = one("x-forwarded-proto").unwrap_or("http");
    let host = one("x-forwarded-host").or_else(|| one(HOST.as_str())).unwrap_or("localhost");
    let prefix = one("x-forwarded-prefix").unwrap_or("").trim_end_matches('/');
    format!("{scheme}://{host}{prefix}/odata/")
}

fn odata(status: StatusCode, kind: &'static str, body: String) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")];
    (status, headers, [("odata-version", "4.0")], body).into_response()
}

fn failure(status: StatusCode, message: &str) -> Response {
    let body = serde_json::json!({"error": {"code": status.as_str(), "message": message}});
    odata(status, JSON, body.to_string())
}
