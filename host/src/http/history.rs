//! `/v1/history`: events in pages or streamed, checkpoints and proofs.
#![allow(unused_qualifications, reason = "`utoipa::path` writes one around the queries")]

mod csv;
pub mod proofs;

use std::sync::Arc;

use axum::{
    Json,
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use exportgate_core::{
    history::EventKind,
    id::{OrgId, TokenId, UserId},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::{
    actor::SignedIn,
    problem::Problem,
    query::{Query, parse_limit, present},
};
use crate::http::refusals::{ByStoreOrEngine, OfQuery, ToStrangers};
use crate::{
    app::App,
    store::history::{HistoryFilter, StoredEvent},
    usecase::read_history::{Question, Scope, parse_instant, read_all, read_page},
};

/// Which events to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// `own` (default) or, for administrators, `all`.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    scope: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    filter: FilterQuery,
}

/// Filters, and which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilterQuery {
    /// From this instant on; a date is the beginning of that UTC day.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    from: Option<String>,
    /// Before this instant; a date is the end of that UTC day.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    to: Option<String>,
    /// As in `token.created`.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    kind: Option<String>,
    /// Events about this user.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    user_id: Option<String>,
    /// Events about this token.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    token_id: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    cursor: Option<String>,
    /// 1 to 200, default 50.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

impl FilterQuery {
    fn filter(&self) -> Result<HistoryFilter, Problem> {
        let instant = |text: &Option<String>, name: &str, is_end| {
            let parsed = text.as_deref().map(|text| parse_instant(text, is_end)).transpose();
            parsed.map_err(|error| Problem::malformed(format!("`{name}`: {error}")))
        };
        if let Some(kind) = &self.kind
            && !EventKind::ALL.contains(&kind.as_str())
        {
            let kinds = EventKind::ALL.join("`, `");
            return Err(Problem::malformed(format!("`kind` is one of `{kinds}`")));
        }
        let is_id = |good: bool, name: &str| {
            let malformed = || Problem::malformed(format!("`{name}` is no id"));
            if good { Ok(()) } else { Err(malformed()) }
        };
        is_id(self.user_id.as_deref().is_none_or(|id| UserId::parse(id).is_ok()), "user_id")?;
        is_id(self.token_id.as_deref().is_none_or(|id| TokenId::parse(id).is_ok()), "token_id")?;
        Ok(HistoryFilter {
            user_id: self.user_id.clone(),
            token_id: self.token_id.clone(),
            kind: self.kind.clone(),
            from: instant(&self.from, "from", false)?,
            to: instant(&self.to, "to", true)?,
        })
    }

    /// What a cursor is sealed for: this reader's list with these filters.
    fn list(&self, reader: &str) -> String {
        let parts = [&self.from, &self.to, &self.kind, &self.user_id, &self.token_id];
        let parts = parts.map(|part| part.as_deref().unwrap_or("*"));
        format!("history {reader} {}", parts.join(" "))
    }
}

/// A page of events, newest first.
#[derive(Serialize, ToSchema)]
pub struct EventList {
    /// Each as in DOMAIN section 7; its canonical bytes are the leaf in the Merkle tree.
    #[schema(value_type = Vec<Object>)]
    items: Vec<Box<RawValue>>,
    /// For the next page; `null` on the last one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// Reads events: as a page of JSON, or everything that matches as `text/csv` or
/// `application/x-ndjson`.
#[utoipa::path(get, path = "/v1/history", tag = "history", security(("session" = [])), params(HistoryQuery, FilterQuery), responses(
    (status = 200, content((EventList = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))),
    ToStrangers, OfQuery, ByStoreOrEngine,
))]
pub async fn read(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    headers: HeaderMap,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, Problem> {
    let scope = match query.scope.as_deref() {
        None | Some("own") => signed_in.own_scope(),
        Some("all") => signed_in.all_scope()?,
        Some(_) => return Err(Problem::malformed("`scope` is `own` or `all`")),
    };
    let reader = format!("{} {:?}", signed_in.user.user_seq, scope);
    let org_id = signed_in.user.owner.org_id.clone();
    respond(app, &headers, org_id, &scope, &reader, query.filter).await
}

/// Answers a reader's question in the form that the reader accepts.
pub async fn respond(
    app: Arc<App>,
    headers: &HeaderMap,
    org_id: OrgId,
    scope: &Scope,
    reader: &str,
    query: FilterQuery,
) -> Result<Response, Problem> {
    let question = Question::new(org_id, scope, query.filter()?)?;
    let form = Form::accepted(headers);
    if !matches!(form, Form::Page) {
        if query.cursor.is_some() || query.limit.is_some() {
            let detail = "`cursor` and `limit` belong to pages of JSON; this form holds all that \
                          matches";
            return Err(Problem::malformed(detail));
        }
        return stream_all(app, question, form).await;
    }
    let list = query.list(reader);
    let before = query.cursor.map(|cursor| app.cursors.open(&list, &cursor)).transpose();
    let before = before.map_err(|error| Problem::malformed(format!("`cursor`: {error}")))?;
    let limit = parse_limit(query.limit.as_deref())?;
    let before = before.and_then(|before| u64::try_from(before).ok());
    let page = read_page(&app, &question, before, limit as usize).await?;
    let next = page.next_before.and_then(|before| i64::try_from(before).ok());
    Ok(Json(EventList {
        items: page.events.into_iter().map(raw).collect::<Result<_, _>>()?,
        next_cursor: next.map(|before| app.cursors.seal(&list, before)),
    })
    .into_response())
}

fn raw(event: StoredEvent) -> Result<Box<RawValue>, Problem> {
    RawValue::from_string(event.canonical).map_err(|error| {
        let unreadable = crate::store::StoreError::Unreadable(error.to_string());
        crate::usecase::Failure::from(unreadable).into()
    })
}

/// In which form events are sent.
#[derive(Clone, Copy)]
enum Form {
    Page,
    Csv,
    Lines,
}

impl Form {
    /// The first of our forms that `Accept` names; a page where it names none.
    fn accepted(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let ranges = values.flat_map(|value| value.split(','));
        let essences = ranges.filter_map(|range| range.split(';').next()).map(str::trim);
        essences
            .filter_map(|essence| match essence.to_ascii_lowercase().as_str() {
                "application/json" => Some(Self::Page),
                "text/csv" => Some(Self::Csv),
                "application/x-ndjson" => Some(Self::Lines),
                _ => None,
            })
            .next()
            .unwrap_or(Self::Page)
    }
}

async fn stream_all(app: Arc<App>, question: Question, form: Form) -> Result<Response, Problem> {
    let parts = read_all(app, question).await?;
    let (media_type, file, head) = match form {
        Form::Csv => ("text/csv; charset=utf-8; header=present", "history.csv", csv::head()),
        Form::Page | Form::Lines => ("application/x-ndjson", "history.ndjson", Ok(Vec::new())),
    };
    let parts = parts.map_err(std::io::Error::other).and_then(move |events| async move {
        match form {
            Form::Csv => csv::rows(&events).map_err(std::io::Error::other),
            Form::Page | Form::Lines => Ok(lines(&events)),
        }
    });
    let head = stream::once(std::future::ready(head.map_err(std::io::Error::other)));
    let body = head.chain(parts).map_ok(Bytes::from);
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"exportgate-{file}\"")),
        (header::VARY, "Accept".to_owned()),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// One canonical event a line: no JSON string holds a line feed.
fn lines(events: &[StoredEvent]) -> Vec<u8> {
    let mut lines = Vec::new();
    for event in events {
        lines.extend_from_slice(event.canonical.as_bytes());
        lines.push(b'\n');
    }
    lines
}
