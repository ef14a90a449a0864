//! What the host should answer, told by a few fields and without any of its code.

use http::StatusCode;

/// A person of one of two organizations.
pub struct Person {
    pub name: String,
    /// Which of the two.
    pub org: usize,
    pub is_administrator: bool,
    pub is_active: bool,
    /// The last session's cookie, and whether it is over.
    pub cookie: String,
    pub is_over: bool,
}

/// A token that was created.
pub struct Token {
    pub owner: usize,
    pub token_id: String,
    pub secret: String,
    pub label: String,
    pub is_revoked: bool,
}

/// An organization's policy, as far as sequences change it.
pub struct Policy {
    pub version: u64,
    pub maximum_active_tokens: Option<usize>,
}

/// What is known.
#[derive(Default)]
pub struct Model {
    pub people: Vec<Person>,
    pub tokens: Vec<Token>,
    pub policies: Vec<Policy>,
}

/// A refusal: its status and its code.
pub type Refusal = (StatusCode, &'static str);

impl Model {
    /// Why a person is not let in at all.
    pub fn stranger(&self, person: usize) -> Option<Refusal> {
        let is_over = self.people.get(person).is_none_or(|person| person.is_over);
        is_over.then_some((StatusCode::UNAUTHORIZED, "credential.invalid"))
    }

    /// The same where only administrators are let in.
    pub fn no_administrator(&self, person: usize) -> Option<Refusal> {
        let is_one = self.people.get(person).is_some_and(|person| person.is_administrator);
        let refused = (StatusCode::FORBIDDEN, "actor.not_permitted");
        self.stranger(person).or((!is_one).then_some(refused))
    }

    /// Why a person cannot see or change a token.
    pub fn no_owner(&self, person: usize, token: usize) -> Option<Refusal> {
        let is_own = self.tokens.get(token).is_some_and(|token| token.owner == person);
        let hidden = (StatusCode::NOT_FOUND, "token.not_found");
        self.stranger(person).or((!is_own).then_some(hidden))
    }

    /// Why a person cannot create one more.
    pub fn no_more(&self, person: usize) -> Option<Refusal> {
        let org = self.people.get(person).map_or(0, |person| person.org);
        let most = self.policies.get(org).and_then(|policy| policy.maximum_active_tokens);
        let is_full = most.is_some_and(|most| self.active(person).count() >= most);
        let full = (StatusCode::UNPROCESSABLE_ENTITY, "token.limit_reached");
        self.stranger(person).or(is_full.then_some(full))
    }

    /// A person's active tokens, oldest first.
    pub fn active(&self, person: usize) -> impl Iterator<Item = usize> + '_ {
        let tokens = self.tokens.iter().enumerate();
        tokens.filter(move |(_, token)| token.owner == person && !token.is_revoked).map(|(n, _)| n)
    }

    /// What an export service of this organization is told of a secret, where the client named a
    /// person or not.
    pub fn reason(&self, token: usize, org: usize, named: Option<usize>) -> &'static str {
        let Some(token) = self.tokens.get(token) else { return "unknown" };
        let Some(owner) = self.people.get(token.owner) else { return "unknown" };
        if owner.org != org {
            "unknown"
        } else if named.is_some_and(|named| named != token.owner) {
            "user_mismatch"
        } else if !owner.is_active {
            "owner_inactive"
        } else if token.is_revoked {
            "revoked"
        } else {
            "allowed"
        }
    }

    /// Ends a person's session.
    pub fn end_session(&mut self, person: usize) {
        if let Some(person) = self.people.get_mut(person) {
            person.is_over = true;
        }
    }

    /// Revokes a token.
    pub fn revoke(&mut self, token: usize) {
        if let Some(token) = self.tokens.get_mut(token) {
            token.is_revoked = true;
        }
    }
}
