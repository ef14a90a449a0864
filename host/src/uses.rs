//! Gathers uses: one history event per token, outcome, data source, client address and minute.

use std::{hash::BuildHasher as _, net::IpAddr, sync::Arc};

use exportgate_core::{
    history::{Actor, EventDraft, EventKind, Uses as GatheredUses},
    time::Timestamp,
    validate_export::Reason,
    wire::EventDraftRecord,
};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use parking_lot::Mutex;

use crate::{
    directory::Service,
    index::LiveToken,
    store::uses::{Days, UsesOfDay, day_of},
};

/// A power of two. Uses of one token meet in one shard.
const N_SHARDS: usize = 16;
/// So many different uses of one minute are told apart in each shard; what comes on top is counted
/// without data source and address, so that nobody can fill the memory with made-up ones.
const MAXIMUM_OPEN: usize = 10_000;

/// One use: an export request whose secret matched a token.
#[derive(Clone, Copy)]
pub struct Use<'a> {
    /// The token.
    pub token: &'a LiveToken,
    /// The outcome.
    pub reason: Reason,
    /// What was to be exported.
    pub data_source: Option<&'a str>,
    /// From where.
    pub client_address: Option<IpAddr>,
    /// The export service that asked; none for a proxy on a trusted address.
    pub service: Option<&'a Arc<Service>>,
    /// When.
    pub at: Timestamp,
}

impl Use<'_> {
    fn minute(&self) -> Timestamp {
        self.at.start_of_minute()
    }
}

/// Uses that become one event.
pub struct Gathered(Box<Tally>);

impl Gathered {
    /// One use by itself, for `audit = "strict"`.
    #[must_use]
    pub fn single(one: Use<'_>) -> Self {
        Self(Box::new(Tally::new(one)))
    }

    /// The token's row, and when an export last ran with it, if one did.
    #[must_use]
    pub fn last_allowed(&self) -> Option<(i64, Timestamp)> {
        self.0.reason.is_allowed().then_some((self.0.token.token_seq, self.0.last_at))
    }

    /// The token's row, the day, and how many uses of it these are.
    #[must_use]
    pub fn uses_of_day(&self) -> (i64, i64, UsesOfDay) {
        (self.0.token.token_seq, day_of(self.0.last_at), self.0.uses())
    }

    /// The history event.
    #[must_use]
    pub fn event(&self) -> EventDraftRecord {
        let Tally { token, reason, n_exports, first_at, last_at, .. } = &*self.0;
        let uses = GatheredUses {
            n_exports: *n_exports,
            first_at: *first_at,
            last_at: *last_at,
            data_source: self.0.data_source.clone(),
            client_address: self.0.client_address.map(|address| address.to_string().into()),
            service: self.0.service.as_ref().map(|service| service.named.clone()),
        };
        let kind = match reason {
            Reason::Allowed => EventKind::ExportAllowed(uses),
            reason => EventKind::ExportDenied(*reason, uses),
        };
        let owner = &token.user.owner();
        EventDraftRecord::from(&EventDraft {
            org_id: owner.org_id.clone(),
            at: *last_at,
            actor: Actor::Service,
            token_id: Some(token.token_id.to_token_id()),
            label: token.label.to_label(),
            owner: Some((&**owner).into()),
            kind,
        })
    }
}

/// The count of one event in the making.
struct Tally {
    token: LiveToken,
    reason: Reason,
    data_source: Option<Box<str>>,
    client_address: Option<IpAddr>,
    service: Option<Arc<Service>>,
    minute: Timestamp,
    n_exports: u64,
    first_at: Timestamp,
    last_at: Timestamp,
}

impl Tally {
    fn new(one: Use<'_>) -> Self {
        Self {
            token: one.token.clone(),
            reason: one.reason,
            data_source: one.data_source.map(Into::into),
            client_address: one.client_address,
            service: one.service.cloned(),
            minute: one.minute(),
            n_exports: 1,
            first_at: one.at,
            last_at: one.at,
        }
    }

    fn as_use(&self) -> Use<'_> {
        Use {
            token: &self.token,
            reason: self.reason,
            data_source: self.data_source.as_deref(),
            client_address: self.client_address,
            service: self.service.as_ref(),
            at: self.last_at,
        }
    }

    fn counts(&self, one: &Use<'_>) -> bool {
        self.token.token_seq == one.token.token_seq
            && self.reason == one.reason
            && self.minute == one.minute()
            && self.data_source.as_deref() == one.data_source
            && self.client_address == one.client_address
            && self.service.as_ref().map(|s| s.service_seq) == one.service.map(|s| s.service_seq)
    }

    fn uses(&self) -> UsesOfDay {
        let n = self.n_exports;
        if self.reason.is_allowed() {
            UsesOfDay { n_allowed: n, n_denied: 0 }
        } else {
            UsesOfDay { n_allowed: 0, n_denied: n }
        }
    }

    fn add(&mut self, at: Timestamp) {
        self.n_exports = self.n_exports.saturating_add(1);
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
    }
}

#[derive(Default)]
struct Shard {
    /// In boxes: a table with room for more tallies than it has takes little for that, also after
    /// a busy moment in which it had those of two minutes.
    open: HashTable<Box<Tally>>,
    /// Since the last closed minute: for lists, which show it to the minute.
    last_allowed_at: HashMap<i64, Timestamp>,
}

impl Shard {
    fn for_each(&self, mut visit: impl FnMut(&LiveToken, i64, UsesOfDay)) {
        for tally in &self.open {
            visit(&tally.token, day_of(tally.last_at), tally.uses());
        }
    }
}

/// The open minutes.
#[derive(Default)]
pub struct Uses {
    shards: [Mutex<Shard>; N_SHARDS],
    /// Seeded at random, and more than twice as fast as the standard library's.
    hasher: DefaultHashBuilder,
}

impl Uses {
    /// Counts one use.
    pub fn record(&self, one: Use<'_>) {
        let hash = self.hash(&one);
        let mut shard = self.shard(one.token.token_seq).lock();
        if let Some(tally) = shard.open.find_mut(hash, |tally| tally.counts(&one)) {
            tally.add(one.at);
            return;
        }
        // Once in a minute is enough: nobody is told more than the minute.
        if one.reason.is_allowed() {
            let last = shard.last_allowed_at.entry(one.token.token_seq).or_insert(one.at);
            *last = (*last).max(one.at);
        }
        let full = shard.open.len() >= MAXIMUM_OPEN;
        if full && (one.data_source.is_some() || one.client_address.is_some()) {
            drop(shard);
            self.record(Use { data_source: None, client_address: None, ..one });
        } else {
            let tally = Box::new(Tally::new(one));
            shard.open.insert_unique(hash, tally, |tally| self.hash(&tally.as_use()));
        }
    }

    /// When an export last ran with a token in an open minute.
    #[must_use]
    pub fn last_allowed_at(&self, token_seq: i64) -> Option<Timestamp> {
        self.shard(token_seq).lock().last_allowed_at.get(&token_seq).copied()
    }

    /// Hands the uses of every open minute to `visit`, with their token and day.
    pub fn for_each_open(&self, mut visit: impl FnMut(&LiveToken, i64, UsesOfDay)) {
        for shard in &self.shards {
            shard.lock().for_each(&mut visit);
        }
    }

    /// A token's uses with those of open minutes.
    #[must_use]
    pub fn with_open(&self, token_seq: i64, mut days: Days) -> Days {
        self.shard(token_seq).lock().for_each(|token, day, uses| {
            if token.token_seq == token_seq {
                days.add(day, uses);
            }
        });
        days
    }

    /// Takes out the uses of all minutes that are over at `now`, or, at shutdown, of every one.
    #[must_use]
    pub fn close_minutes(&self, now: Option<Timestamp>) -> Vec<Gathered> {
        let open_minute = now.map(Timestamp::start_of_minute);
        let mut closed = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock();
            let over = shard
                .open
                .extract_if(|tally| open_minute.is_none_or(|minute| tally.minute != minute))
                .map(Gathered);
            closed.extend(over);
        }
        closed
    }

    /// Forgets the last uses that are stored by now.
    pub fn forget_stored(&self, stored: &[(i64, Timestamp)]) {
        for (token_seq, at) in stored {
            let mut shard = self.shard(*token_seq).lock();
            if shard.last_allowed_at.get(token_seq).is_some_and(|last| last <= at) {
                shard.last_allowed_at.remove(token_seq);
            }
        }
    }

    /// Puts back what could not be stored; the next closing tries again.
    pub fn put_back(&self, gathered: Vec<Gathered>) {
        for Gathered(tally) in gathered {
            let mut shard = self.shard(tally.token.token_seq).lock();
            let hash = self.hash(&tally.as_use());
            shard.open.insert_unique(hash, tally, |tally| self.hash(&tally.as_use()));
        }
    }

    fn shard(&self, token_seq: i64) -> &Mutex<Shard> {
        let [first, rest @ ..] = &self.shards;
        let place = usize::try_from(token_seq.rem_euclid(N_SHARDS as i64)).unwrap_or_default();
        place.checked_sub(1).and_then(|place| rest.get(place)).unwrap_or(first)
    }

    fn hash(&self, one: &Use<'_>) -> u64 {
        let service = one.service.map(|service| service.service_seq);
        let minute = one.minute();
        self.hasher.hash_one((
            one.token.token_seq,
            one.reason,
            minute,
            one.data_source,
            one.client_address,
            service,
        ))
    }
}

#[cfg(test)]
mod tests;
