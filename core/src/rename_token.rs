//! Renaming a token: its label changes and nothing else.

use alloc::vec::Vec;

use crate::{
    code::Mistake,
    history::{Actor, EventDraft, EventKind},
    label::Label,
    time::Timestamp,
    token::{Owner, Token},
};

/// Gives `token` a new label.
///
/// The answer is the token as it is afterwards, and the event, which is absent when the label was
/// the same already: then nothing has to be stored.
///
/// # Errors
/// All mistakes of the label: `label.empty`, `label.too_long`, `label.control_character`.
pub fn rename_token(
    token: &Token,
    owner: &Owner,
    label: &str,
    now: Timestamp,
) -> Result<(Token, Option<EventDraft>), Vec<Mistake>> {
    let label = Label::parse(label, "/label")?;
    if label == token.label {
        return Ok((token.clone(), None));
    }
    let kind = EventKind::TokenRenamed { old_label: token.label.clone() };
    let renamed = Token { label, ..token.clone() };
    let event = EventDraft::about_token(&renamed, owner, Actor::user(owner), kind, now);
    Ok((renamed, Some(event)))
}
