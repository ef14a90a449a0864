//! Everything that was asked and told since the kit began: the tokens and their histories, and
//! what is counted.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::history::{History, Label, Operation, Outcome, Seen, Tick, What};
use crate::power::Positions;
use exportgate_tests::client::Credential;

/// More operations than this on one token in one round help nobody, and the search tries orders.
const MOST_OPERATIONS: usize = 14;

/// A token whose creation was acknowledged.
pub struct Token {
    /// Its number in labels, which read `t<number>.<rename>`.
    pub number: u64,
    pub token_id: String,
    pub secret: String,
    /// The place of its owner among [`World::users`].
    pub owner: usize,
    /// In which round it was created.
    pub round: u32,
    /// When its creation was acknowledged.
    pub created: Tick,
    pub history: History,
    /// The next rename's number.
    next_label: Label,
    /// Operations that were begun in this round.
    n_begun: usize,
}

impl Token {
    /// Whether anything was asked about it since it was last judged.
    pub fn was_asked_about(&self) -> bool {
        !self.history.operations.is_empty()
    }
}

/// What the clients share.
pub struct World {
    /// The users' sessions.
    pub users: Vec<Credential>,
    /// The export service.
    pub service: Credential,
    clock: AtomicU64,
    /// How far the disk was at each reading of the clock, where somebody records the disk.
    positions: Option<Positions>,
    numbers: AtomicU64,
    /// Set before the host is killed: from then on nobody wonders about missing answers.
    pub killed: AtomicBool,
    state: Mutex<State>,
}

/// What changes.
#[derive(Default)]
pub struct State {
    pub round: u32,
    pub tokens: Vec<Token>,
    /// The places of tokens by their ids.
    pub places: HashMap<String, usize>,
    /// Creations without an answer: they may be there or not.
    pub unknown: HashSet<u64>,
    /// Those of them that were seen to be there.
    pub unknown_there: HashSet<u64>,
    /// Places of tokens with a change on the way.
    pub in_flight: Vec<usize>,
    pub counts: Counts,
    /// What the host should never have said or done.
    pub oddities: Vec<String>,
}

/// What is told at the end.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub created: u64,
    pub renamed: u64,
    pub revoked: u64,
    pub refused: u64,
    pub unknown: u64,
    pub validated: u64,
}

impl Counts {
    /// Changes that were acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.created + self.renamed + self.revoked
    }
}

/// A change or validation that waits for its answer.
pub struct Begun {
    pub place: usize,
    pub token_id: String,
    pub secret: String,
    pub owner: usize,
    pub number: u64,
    /// The next label, should this be a rename.
    pub label: Label,
    start: Tick,
    is_change: bool,
}

impl World {
    pub fn new(users: Vec<Credential>, service: Credential, positions: Option<Positions>) -> Self {
        Self {
            users,
            service,
            clock: AtomicU64::new(1),
            positions,
            numbers: AtomicU64::new(1),
            killed: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    pub fn tick(&self) -> Tick {
        match &self.positions {
            Some(positions) => positions.tick(),
            None => self.clock.fetch_add(1, Ordering::SeqCst),
        }
    }

    pub fn is_killed(&self) -> bool {
        self.killed.load(Ordering::SeqCst)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a token that is to be created.
    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::SeqCst)
    }

    /// Begins an operation on the token at this place; none when it had enough of them in this
    /// round.
    pub fn begin(&self, place: usize, is_change: bool) -> Option<Begun> {
        let mut state = self.state();
        let token = state.tokens.get_mut(place)?;
        if token.n_begun >= MOST_OPERATIONS {
            return None;
        }
        self.begin_anyway(&mut state, place, is_change)
    }

    /// Begins the validation after a restart, which every token gets.
    pub fn begin_last(&self, place: usize) -> Option<Begun> {
        self.begin_anyway(&mut self.state(), place, false)
    }

    fn begin_anyway(&self, state: &mut State, place: usize, is_change: bool) -> Option<Begun> {
        let token = state.tokens.get_mut(place)?;
        token.n_begun += 1;
        let label = token.next_label;
        if is_change {
            token.next_label += 1;
        }
        let begun = Begun {
            place,
            token_id: token.token_id.clone(),
            secret: token.secret.clone(),
            owner: token.owner,
            number: token.number,
            label,
            // Read while nobody else can note an end: what has one now is really over.
            start: self.tick(),
            is_change,
        };
        if is_change {
            state.in_flight.push(place);
        }
        Some(begun)
    }

    /// Notes what came of an operation; none: nothing, as it was never sent or only looked.
    pub fn end(&self, begun: &Begun, what: Option<What>) {
        let end = self.tick();
        let mut state = self.state();
        match what {
            Some(What::Validate(_)) => state.counts.validated += 1,
            Some(What::Rename(_, Outcome::Done)) => state.counts.renamed += 1,
            Some(What::Revoke(Outcome::Done)) => state.counts.revoked += 1,
            Some(What::Rename(_, Outcome::Refused) | What::Revoke(Outcome::Refused)) => {
                state.counts.refused += 1;
            }
            Some(What::Rename(_, Outcome::Unknown) | What::Revoke(Outcome::Unknown)) => {
                state.counts.unknown += 1;
            }
            None => {}
        }
        if begun.is_change
            && let Some(found) = state.in_flight.iter().position(|&place| place == begun.place)
        {
            state.in_flight.swap_remove(found);
        }
        let Some(token) = state.tokens.get_mut(begun.place) else { return };
        if let Some(what) = what {
            token.history.operations.push(Operation { start: begun.start, end, what });
        }
    }

    /// Notes a creation that was acknowledged.
    pub fn created(&self, number: u64, owner: usize, token_id: String, secret: String) {
        let created = self.tick();
        let mut state = self.state();
        state.counts.created += 1;
        let (round, place) = (state.round, state.tokens.len());
        state.places.insert(token_id.clone(), place);
        state.tokens.push(Token {
            number,
            token_id,
            secret,
            owner,
            round,
            created,
            history: History::new(false, 0),
            next_label: 1,
            n_begun: 0,
        });
    }

    /// Notes what nobody should see.
    pub fn odd(&self, what: impl Into<String>) {
        self.state().oddities.push(what.into());
    }
}

impl State {
    /// Begins a round.
    pub fn begin_round(&mut self, round: u32) {
        self.round = round;
        self.in_flight.clear();
        for token in &mut self.tokens {
            token.n_begun = 0;
        }
    }
}

/// A label as it is written.
pub fn written(number: u64, label: Label) -> String {
    format!("t{number}.{label}")
}

/// The number and rename of a written label.
pub fn read(label: &str) -> Option<(u64, Label)> {
    let (number, label) = label.strip_prefix('t')?.split_once('.')?;
    Some((number.parse().ok()?, label.parse().ok()?))
}

/// What a validation's answer shows of the token with this number.
pub fn seen(number: u64, life: crate::history::Life, label: Option<&str>) -> Seen {
    let label = label.and_then(read).filter(|(of, _)| *of == number).map(|(_, label)| label);
    Seen { life, label }
}
