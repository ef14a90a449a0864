//! Creating a token: draft + facts + random bytes + now -> token, secret, event.

use alloc::{format, vec::Vec};

use crate::{
    code::{Code, Mistake},
    history::{Actor, EventDraft, EventKind},
    id::{ID_RANDOM_BYTES, TokenId},
    label::Label,
    policy::{ExpiryWish, Policy},
    secret::{SECRET_RANDOM_BYTES, Secret, SecretKind},
    time::Timestamp,
    token::{Owner, Token},
};

/// How many random bytes a creation takes: for the token's id and for its secret.
pub const CREATE_RANDOM_BYTES: usize = ID_RANDOM_BYTES + SECRET_RANDOM_BYTES;

/// What the user asks for, as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The label, not yet trimmed.
    pub label: &'a str,
    /// When the token shall expire, if at all.
    pub expiry: ExpiryWish<'a>,
}

/// What the host knows about the user at this moment.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who creates the token and will own it.
    pub owner: Owner,
    /// The policy of the owner's organization.
    pub policy: Policy,
    /// How many active tokens the owner has now.
    pub n_active: u32,
}

/// A token that the host may store, the secret that it shows once, and the event that it stores
/// with the token.
#[derive(Debug)]
pub struct Created {
    /// The record.
    pub token: Token,
    /// For the one answer; only its digest is stored.
    pub secret: Secret,
    /// `token.created`.
    pub event: EventDraft,
}

/// Why no token was created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The user's mistakes, all of them.
    #[error("the draft has mistakes")]
    Mistakes(Vec<Mistake>),
    /// The caller's: the random bytes did not suffice. Call again with fresh ones.
    #[error("the random bytes did not suffice")]
    Random,
}

/// Judges a draft and makes the token.
///
/// `random` are [`CREATE_RANDOM_BYTES`] bytes from the operating system, used for nothing else.
///
/// # Errors
/// [`Refused::Mistakes`] with `label.*`, `expiry.*` and `token.limit_reached`, all that apply.
pub fn create_token(
    draft: Draft<'_>,
    facts: &Facts,
    now: Timestamp,
    random: &[u8; CREATE_RANDOM_BYTES],
) -> Result<Created, Refused> {
    let (label, expires_at) =
        judge_draft(draft, &facts.policy, facts.n_active, now).map_err(Refused::Mistakes)?;
    let (id_bytes, secret_bytes) =
        random.split_first_chunk::<ID_RANDOM_BYTES>().ok_or(Refused::Random)?;
    let secret =
        Secret::generate(SecretKind::AccessToken, secret_bytes).map_err(|_| Refused::Random)?;
    let token = Token {
        token_id: TokenId::from_random(*id_bytes),
        label,
        hint: secret.hint(),
        created_at: now,
        expires_at,
        revoked_at: None,
    };
    let kind = EventKind::TokenCreated { hint: token.hint, expires_at };
    let actor = Actor::user(&facts.owner);
    let event = EventDraft::about_token(&token, &facts.owner, actor, kind, now);
    Ok(Created { token, secret, event })
}

/// The part of a creation that needs no randomness: what page and Lightning component ask while
/// the user types.
///
/// # Errors
/// All mistakes of the draft.
pub fn judge_draft(
    draft: Draft<'_>,
    policy: &Policy,
    n_active: u32,
    now: Timestamp,
) -> Result<(Label, Option<Timestamp>), Vec<Mistake>> {
    let label = Label::parse(draft.label, "/label");
    let expiry = policy.judge_expiry(draft.expiry, now).map_err(|mistake| [mistake]);
    let limit = policy.maximum_active_tokens().filter(|limit| n_active >= *limit);
    match (label, expiry, limit) {
        (Ok(label), Ok(expires_at), None) => Ok((label, expires_at)),
        (label, expiry, limit) => {
            let mut mistakes = label.err().unwrap_or_default();
            mistakes.extend(expiry.err().into_iter().flatten());
            mistakes.extend(limit.map(|limit| {
                let detail = format!(
                    "you have {n_active} active tokens; {limit} are allowed; revoke one that is no \
                     longer used"
                );
                Mistake::new("", Code::TokenLimitReached, detail)
            }));
            Err(mistakes)
        }
    }
}
