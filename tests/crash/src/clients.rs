//! What the clients do: create, rename, revoke, validate, all at once and much of it on the same
//! few tokens.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::history::{Life, Outcome, Seen, What};
use crate::kill::Killer;
use crate::world::{Begun, World, seen, written};
use exportgate_tests::client::{Body, Client, Credential, NoAnswer};

/// How many clients there are: few are quick to kill, many have their changes committed together.
pub const CLIENTS: RangeInclusive<usize> = 3..=12;
/// What clients do, of a hundred thousand turns; the rest are validations.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    pub create: u32,
    pub rename: u32,
    pub revoke: u32,
    /// Operations are about one of so many newest tokens.
    pub newest: usize,
    /// Now and then about one of the others.
    pub older: bool,
}

impl Mix {
    /// As much as possible happens to the same few tokens.
    pub const CRASH: Self =
        Self { create: 25_000, rename: 15_000, revoke: 18_000, newest: 24, older: true };
}

/// How long a client waits that found nothing to ask.
const NOTHING_TO_ASK: Duration = Duration::from_millis(1);

/// More characters than a label may have.
const TOO_LONG: usize = 81;

/// One client at work.
pub struct Worker {
    world: Arc<World>,
    killer: Arc<Killer>,
    client: Client,
    mix: Mix,
    rng: fastrand::Rng,
}

impl Worker {
    pub fn new(world: Arc<World>, killer: Arc<Killer>, mix: Mix, seed: u64) -> Self {
        let client = Client::new(killer.host().authority());
        Self { world, killer, client, mix, rng: fastrand::Rng::with_seed(seed) }
    }

    /// Works until the host is killed or the clients shall leave.
    pub async fn work(mut self, leave: Arc<AtomicBool>) {
        while !self.world.is_killed() && !leave.load(Ordering::SeqCst) {
            let Mix { create, rename, revoke, .. } = self.mix;
            let turn = self.rng.u32(..100_000);
            if turn < create {
                self.create().await;
                continue;
            }
            let is_change = turn < create + rename + revoke;
            let place = if is_change { self.some_token() } else { self.some_token_to_validate() };
            let Some(begun) = place.and_then(|place| self.world.begin(place, is_change)) else {
                // Whoever finds nothing to ask and draws again at once draws a creation too often,
                // as that is possible at all times.
                tokio::time::sleep(NOTHING_TO_ASK).await;
                continue;
            };
            if !is_change {
                self.validate_begun(&begun).await;
            } else if turn < create + rename {
                self.rename(&begun).await;
            } else {
                self.revoke(&begun).await;
            }
        }
    }

    async fn create(&mut self) {
        let (number, owner) = (self.world.number(), self.rng.usize(..self.world.users.len()));
        let refuse = self.rng.u8(..20) == 0;
        let mut label = written(number, 0);
        if refuse {
            label = format!("{label:x<TOO_LONG$}");
        }
        let body = json!({ "label": label });
        match self.ask(&self.cookie(owner), Method::POST, "/v1/tokens", Body::Json(&body)).await {
            Ok((StatusCode::CREATED, answer)) if !refuse => {
                let text = |value: Option<&Value>| Some(value?.as_str()?.to_owned());
                let token_id = text(answer.pointer("/token/token_id"));
                match (token_id, text(answer.get("secret"))) {
                    (Some(token_id), Some(secret)) => {
                        self.world.created(number, owner, token_id, secret);
                        self.killer.acknowledged(&self.world);
                    }
                    _ => self.world.odd("a creation's answer has no token"),
                }
            }
            Ok((StatusCode::UNPROCESSABLE_ENTITY, _)) if refuse => {
                self.world.state().counts.refused += 1;
            }
            Ok((status, _)) => self.world.odd(format!("a creation was answered with {status}")),
            Err(NoAnswer::NotSent(_)) => {}
            Err(NoAnswer::BrokeOff(_)) => {
                let mut state = self.world.state();
                state.counts.unknown += 1;
                // A label that is too long is refused, whatever became of the answer.
                if !refuse {
                    state.unknown.insert(number);
                }
            }
        }
    }

    async fn rename(&mut self, begun: &Begun) {
        let path = format!("/v1/tokens/{}", begun.token_id);
        let body = json!({ "label": written(begun.number, begun.label) });
        let (cookie, is_foreign) = self.somebody(begun.owner);
        let answer = self.ask(&cookie, Method::PATCH, &path, Body::Json(&body)).await;
        let outcome = self.outcome(answer, is_foreign);
        self.end(begun, outcome.map(|outcome| What::Rename(begun.label, outcome)));
    }

    async fn revoke(&mut self, begun: &Begun) {
        let (cookie, is_foreign) = self.somebody(begun.owner);
        // The owner revokes, or whoever found the secret.
        let answer = if is_foreign || self.rng.bool() {
            let path = format!("/v1/tokens/{}/revoke", begun.token_id);
            self.ask(&cookie, Method::POST, &path, Body::Empty).await
        } else {
            let form = format!("token={}", begun.secret);
            let form = Body::Form(&form);
            self.ask(&Credential::None, Method::POST, "/oauth2/revoke", form).await
        };
        let outcome = self.outcome(answer, is_foreign);
        self.end(begun, outcome.map(What::Revoke));
    }

    async fn validate_begun(&mut self, begun: &Begun) {
        // A validation without an answer showed nothing.
        let what = self.validate(begun).await.ok();
        self.world.end(begun, what.map(What::Validate));
        if what.is_some_and(|seen| self.is_early(begun, seen)) {
            self.killer.shown(&self.world);
        }
    }

    /// Validates a token.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn validate(&mut self, begun: &Begun) -> Result<Seen, NoAnswer> {
        let service = self.world.service.clone();
        let shown = validate(&mut self.client, &service, begun.number, &begun.secret).await;
        match shown {
            Ok((seen, odd)) => {
                if let Some(odd) = odd {
                    self.world.odd(odd);
                }
                Ok(seen)
            }
            Err(error) => {
                self.no_answer(&error);
                Err(error)
            }
        }
    }

    /// Whether an answer shows a change that nobody has acknowledged.
    fn is_early(&self, begun: &Begun, shown: Seen) -> bool {
        let state = self.world.state();
        let Some(token) = state.tokens.get(begun.place) else { return false };
        let is_told = |done: What| token.history.operations.iter().any(|one| one.what == done);
        let revoked_early = shown.life == Life::Revoked
            && !token.history.revoked
            && !is_told(What::Revoke(Outcome::Done));
        let renamed_early = shown.label.is_some_and(|label| {
            label != token.history.label && !is_told(What::Rename(label, Outcome::Done))
        });
        revoked_early || renamed_early
    }

    /// Tokens that are being changed at this moment are the interesting ones.
    fn some_token_to_validate(&mut self) -> Option<usize> {
        let changing = self.rng.choice(&self.world.state().in_flight).copied();
        changing.filter(|_| self.rng.u8(..10) < 8).or_else(|| self.some_token())
    }

    fn some_token(&mut self) -> Option<usize> {
        let n_tokens = self.world.state().tokens.len();
        let is_any = self.mix.older && self.rng.u8(..8) == 0;
        let among = if is_any { n_tokens } else { n_tokens.min(self.mix.newest) };
        if among == 0 { None } else { Some(n_tokens - 1 - self.rng.usize(..among)) }
    }

    fn cookie(&self, owner: usize) -> Credential {
        self.world.users.get(owner).cloned().unwrap_or(Credential::None)
    }

    /// The owner's session, or now and then somebody else's.
    fn somebody(&mut self, owner: usize) -> (Credential, bool) {
        let is_foreign = self.rng.u8(..12) == 0;
        let user = if is_foreign { (owner + 1) % self.world.users.len() } else { owner };
        (self.cookie(user), is_foreign)
    }

    /// What came of a change; none when it was never sent.
    fn outcome(
        &self,
        answer: Result<(StatusCode, Value), NoAnswer>,
        is_foreign: bool,
    ) -> Option<Outcome> {
        match answer {
            Ok((StatusCode::OK, _)) if !is_foreign => Some(Outcome::Done),
            Ok((StatusCode::NOT_FOUND, _)) if is_foreign => Some(Outcome::Refused),
            Ok((status, _)) => {
                self.world.odd(format!("a change was answered with {status}"));
                Some(Outcome::Unknown)
            }
            Err(NoAnswer::NotSent(_)) => None,
            // Somebody else's token is not changed, whatever became of the answer.
            Err(NoAnswer::BrokeOff(_)) if is_foreign => Some(Outcome::Refused),
            Err(NoAnswer::BrokeOff(_)) => Some(Outcome::Unknown),
        }
    }

    fn end(&self, begun: &Begun, what: Option<What>) {
        self.world.end(begun, what);
        if matches!(what, Some(What::Rename(_, Outcome::Done) | What::Revoke(Outcome::Done))) {
            self.killer.acknowledged(&self.world);
        }
    }

    async fn ask(
        &mut self,
        credential: &Credential,
        method: Method,
        path: &str,
        body: Body<'_>,
    ) -> Result<(StatusCode, Value), NoAnswer> {
        let answer = self.client.ask(credential, method, path, body).await;
        if let Err(error) = &answer {
            self.no_answer(error);
        }
        answer
    }

    /// A host that does not answer though nobody killed it has ended by itself.
    fn no_answer(&self, error: &NoAnswer) {
        if !self.world.is_killed() {
            self.world.odd(format!("nobody killed the host: {error}"));
        }
    }
}

/// Validates the secret of the token with this number, and says what was odd about the answer.
///
/// # Errors
///
/// When there is no answer.
pub async fn validate(
    client: &mut Client,
    service: &Credential,
    number: u64,
    secret: &str,
) -> Result<(Seen, Option<String>), NoAnswer> {
    let body = json!({ "secret": secret });
    let path = "/v1/exports/validate";
    let (status, answer) = client.ask(service, Method::POST, path, Body::Json(&body)).await?;
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str);
    let (life, odd) = match (status, text("/decision"), text("/reason")) {
        (StatusCode::OK, Some("allow"), Some("allowed")) => (Life::Active, None),
        (StatusCode::OK, Some("deny"), Some("revoked")) => (Life::Revoked, None),
        (StatusCode::OK, Some("deny"), Some("unknown")) => (Life::Absent, None),
        (_, decision, reason) => {
            let words = format!("{status}, {decision:?}, {reason:?}");
            (Life::Absent, Some(format!("a validation was answered with {words}")))
        }
    };
    Ok((seen(number, life, text("/token/label")), odd))
}
