//! The live tokens of an organization with their owners: what a policy is previewed for and
//! applied to.

use std::sync::Arc;

use rusqlite::Connection;

use super::TOKENS_PER_QUESTION;
use crate::{
    directory::{Directory, User},
    store::{StoreError, StoredToken},
};

/// Hands the tokens that may still be active to `visit`, a part at a time, oldest first.
///
/// # Errors
/// A failure of the store, or what `visit` refuses.
pub(super) fn for_each_part<E: From<StoreError>>(
    connection: &Connection,
    directory: &Directory,
    org_seq: i64,
    mut visit: impl FnMut(Vec<(StoredToken, Arc<User>)>) -> Result<(), E>,
) -> Result<(), E> {
    let mut after_seq = 0;
    loop {
        let part =
            StoredToken::live_of_organization(connection, org_seq, after_seq, TOKENS_PER_QUESTION)?;
        let Some(last) = part.last() else { return Ok(()) };
        after_seq = last.token_seq;
        visit(with_owners(directory, part)?)?;
    }
}

/// Stored tokens, each with its owner.
///
/// # Errors
/// A token without owner: somebody else wrote to the database.
pub(super) fn with_owners(
    directory: &Directory,
    stored: Vec<StoredToken>,
) -> Result<Vec<(StoredToken, Arc<User>)>, StoreError> {
    let owned = stored.into_iter().map(|stored| match directory.user(stored.user_seq) {
        Some(user) => Ok((stored, user)),
        None => {
            let token_id = &stored.token.token_id;
            Err(StoreError::Unreadable(format!("token `{token_id}` has no owner")))
        }
    });
    owned.collect()
}
