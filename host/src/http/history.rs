//! `/v1/history`: events in pages or streamed, exports per day, checkpoints and proofs.
#![allow(unused_qualifications, reason = "`utoipa::path` writes one around the queries")]

pub mod activity;
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

/// Whose history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScopeQuery {
    /// `own` (default) or, for administrators, `all`.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>, pattern = "^(own|all)?$")]
    scope: Option<String>,
}

impl ScopeQuery {
    fn of(&self, signed_in: &SignedIn) -> Result<Scope, Problem> {
        match self.scope.as_deref() {
            None | Some("own") => Ok(signed_in.own_scope()),
            Some("all") => signed_in.all_scope(),
            Some(_) => Err(Problem::malformed("`scope` is `own` or `all`")),
        }
    }
}

/// When, and about whom and what.
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
    /// Events about this user.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    user_id: Option<String>,
    /// Events about this token.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    token_id: Option<String>,
}

impl FilterQuery {
    fn filter(&self) -> Result<HistoryFilter, Problem> {
        let instant = |text: &Option<String>, name: &str, is_end| {
            let parsed = text.as_deref().map(|text| parse_instant(text, is_end)).transpose();
            parsed.map_err(|error| Problem::malformed(format!("`{name}`: {error}")))
        };
        let is_id = |good: bool, name: &str| {
            let malformed = || Problem::malformed(format!("`{name}` is no id"));
            if good { Ok(()) } else { Err(malformed()) }
        };
        is_id(self.user_id.as_deref().is_none_or(|id| UserId::parse(id).is_ok()), "user_id")?;
        is_id(self.token_id.as_deref().is_none_or(|id| TokenId::parse(id).is_ok()), "token_id")?;
        Ok(HistoryFilter {
            user_id: self.user_id.clone(),
            token_id: self.token_id.clone(),
            kind: None,
            from: instant(&self.from, "from", false)?,
            to: instant(&self.to, "to", true)?,
        })
    }
}

/// Events of which kind, and which page of them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// As in `token.created`.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    kind: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    cursor: Option<String>,
    /// 1 to 200, default 50.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

impl PageQuery {
    fn kind(&self) -> Result<Option<String>, Problem> {
        if let Some(kind) = &self.kind
            && !EventKind::ALL.contains(&kind.as_str())
        {
            let kinds = EventKind::ALL.join("`, `");
            return Err(Problem::malformed(format!("`kind` is one of `{kinds}`")));
        }
        Ok(self.kind.clone())
    }

    /// What a cursor is sealed for: this reader's list with these filters.
    fn list(&self, reader: &str, filter: &FilterQuery) -> String {
        let FilterQuery { from, to, user_id, token_id } = filter;
        let parts = [from, to, &self.kind, user_id, token_id];
        let parts = parts.map(|part| part.as_deref().unwrap_or("*"));
        format!("history {reader} {}", parts.join(" "))
    }
}

/// Which events to read. Flattened once: serde refuses unknown parameters no deeper.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    #[serde(flatten)]
    scope: ScopeQuery,
    #[serde(flatten)]
    filter: FilterQuery,
    #[serde(flatten)]
    page: PageQuery,
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
#[utoipa::path(get, path = "/v1/history", operation_id = "read_history", tag = "history", security(("session" = []), ("assertion" = [])), params(ScopeQuery, FilterQuery, PageQuery), responses(
    (status = 200, content((EventList = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))),
    ToStrangers, OfQuery, ByStoreOrEngine,
))]
pub async fn read(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    headers: HeaderMap,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, Problem> {
    let scope = query.scope.of(&signed_in)?;
    let reader = format!("{} {:?}", signed_in.user.user_seq, scope);
    let org_id = signed_in.user.owner().org_id.clone();
    respond(app, &headers, org_id, &scope, &reader, query.filter, query.page).await
}

/// Answers a reader's question in the form that the reader accepts.
pub async fn respond(
    app: Arc<App>,
    headers: &HeaderMap,
    org_id: OrgId,
    scope: &Scope,
    reader: &str,
    filter: FilterQuery,
    page: PageQuery,
) -> Result<Response, Problem> {
    let asked = HistoryFilter { kind: page.kind()?, ..filter.filter()? };
    let question = Question::new(org_id, scope, asked)?;
    let form = Form::accepted(headers);
    if !matches!(form, Form::Page) {
        if page.cursor.is_some() || page.limit.is_some() {
            let detail = "`cursor` and `limit` belong to pages of JSON; this form holds all that \
                          matches";
            return Err(Problem::malformed(detail));
        }
        return stream_all(app, question, form).await;
    }
    let list = page.list(reader, &filter);
    let before = page.cursor.map(|cursor| app.cursors.open(&list, &cursor)).transpose();
    let before = before.map_err(|error| Problem::malformed(format!("`cursor`: {error}")))?;
    let limit = parse_limit(page.limit.as_deref())?;
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
