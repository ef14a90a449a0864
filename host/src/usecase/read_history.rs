//! The history is read: own events by a user, all of the organization by an administrator.

use std::sync::Arc;

use exportgate_core::{
    id::{OrgId, UserId},
    time::Timestamp,
};
use futures_util::{Stream, stream::try_unfold};
use tracing::error;

use super::{Failure, expire_tokens::expire_tokens};
use crate::{
    app::App,
    store::{
        StoreError,
        history::{HistoryFilter, HistoryPage, StoredEvent},
    },
};

/// So many events a stream reads in one go: what it holds in memory, however long the history is.
const EVENTS_PER_PART: usize = 500;

/// Whose history is read.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Events about this user.
    Own(UserId),
    /// Every event of the organization.
    All,
}

impl Scope {
    /// `filter` within this scope; `None` when it asks for what lies outside of it.
    fn within(&self, filter: HistoryFilter) -> Option<HistoryFilter> {
        match self {
            Self::All => Some(filter),
            Self::Own(own) => {
                let user_id = filter.user_id.unwrap_or_else(|| own.to_string());
                (user_id == own.as_str())
                    .then_some(HistoryFilter { user_id: Some(user_id), ..filter })
            }
        }
    }
}

/// What to read.
#[derive(Clone, Debug)]
pub struct Question {
    /// Of which organization.
    pub org_id: OrgId,
    /// Which of its events.
    pub filter: HistoryFilter,
}

impl Question {
    /// A question that makes sense.
    ///
    /// # Errors
    /// `request.malformed` for filters that contradict each other or the scope. The answer does
    /// not depend on whether the other user exists.
    pub fn new(org_id: OrgId, scope: &Scope, filter: HistoryFilter) -> Result<Self, Failure> {
        let malformed = |detail: &str| {
            Failure::Refused(exportgate_core::code::Code::RequestMalformed, detail.to_owned())
        };
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && from >= to
        {
            return Err(malformed("`from` does not lie before `to`"));
        }
        let filter = scope.within(filter).ok_or_else(|| {
            malformed("`user_id` names somebody else, but `scope=own` holds own events only")
        })?;
        Ok(Self { org_id, filter })
    }
}

/// Some events, newest first, and where the next page begins.
pub struct ReadPage {
    /// At most as many as asked for.
    pub events: Vec<StoredEvent>,
    /// The sequence before which the next page begins; none on the last page.
    pub next_before: Option<u64>,
}

/// Reads a page of `limit` events before `before`, or the newest ones.
///
/// # Errors
/// A failure of store or engine.
pub async fn read_page(
    app: &App,
    question: &Question,
    before: Option<u64>,
    limit: usize,
) -> Result<ReadPage, Failure> {
    expire_tokens(app).await?;
    let mut read = ReadPage { events: Vec::new(), next_before: before };
    loop {
        let wanted = limit - read.events.len();
        let part = part(app, question.clone(), read.next_before, wanted).await?;
        read.events.extend(part.events);
        read.next_before = part.before;
        if part.before.is_none() || read.events.len() >= limit {
            return Ok(read);
        }
    }
}

/// Reads everything that matches, newest first, in parts. A failure ends the stream, so that the
/// answer breaks off and nobody takes it for the whole.
///
/// # Errors
/// A failure of store or engine before the first part.
pub async fn read_all(
    app: Arc<App>,
    question: Question,
) -> Result<impl Stream<Item = Result<Vec<StoredEvent>, StoreError>>, Failure> {
    expire_tokens(&app).await?;
    Ok(try_unfold(Some(None), move |position| {
        let (app, question) = (Arc::clone(&app), question.clone());
        async move {
            let Some(before) = position else { return Ok(None) };
            let part =
                part(&app, question, before, EVENTS_PER_PART).await.inspect_err(|cause| {
                    error!(%cause, "a history was not read to its end");
                })?;
            Ok(Some((part.events, part.before.map(Some))))
        }
    }))
}

async fn part(
    app: &App,
    question: Question,
    before: Option<u64>,
    limit: usize,
) -> Result<HistoryPage, StoreError> {
    let read = move |connection: &rusqlite::Connection| {
        HistoryPage::read(connection, &question.org_id, &question.filter, before, limit)
    };
    app.store.read(read).await
}

/// The first instant of a filter's `from` or the end of its `to`, given as an instant or a date.
///
/// # Errors
/// A sentence for the caller.
pub fn parse_instant(text: &str, is_end: bool) -> Result<Timestamp, String> {
    let end_of_day = exportgate_core::time::end_of_day(text);
    let parsed = match end_of_day {
        Ok(end) if is_end => Ok(end),
        Ok(_) => Timestamp::parse(&format!("{text}T00:00:00Z")),
        Err(_) => Timestamp::parse(text),
    };
    parsed.map_err(|error| format!("`{text}` is {error}, nor a date like `2027-03-31`"))
}
