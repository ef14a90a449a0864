//! Cursors: where the next page of a list begins, sealed so that nobody can make one up or use it
//! for another list.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rusqlite::Connection;
use sha2::Sha256;

use crate::store::StoreError;

/// How much of the seal a cursor carries, in bytes: guessing 96 bits does not pay.
const SEAL_LENGTH: usize = 12;
const POSITION_LENGTH: usize = 8;

/// The key that seals cursors. It is made with the database, so that cursors outlive a restart.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

/// A cursor that this host did not make for this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list; ask for its first page without one")]
pub struct ForeignCursor;

impl CursorKey {
    /// A key for tests and tools.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The database's key.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn read(connection: &Connection) -> Result<Self, StoreError> {
        Ok(Self(connection.query_row("SELECT cursor_key FROM store", [], |row| row.get(0))?))
    }

    /// A cursor for the rows of `list` before `position`. `list` names who asks for what with
    /// which filters.
    #[must_use]
    pub fn seal(&self, list: &str, position: i64) -> String {
        let position = position.to_be_bytes();
        let mut bytes = position.to_vec();
        bytes.extend(self.mac(list, position).into_iter().take(SEAL_LENGTH));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position in a presented cursor.
    ///
    /// # Errors
    /// [`ForeignCursor`] unless it was sealed for this very list.
    pub fn open(&self, list: &str, cursor: &str) -> Result<i64, ForeignCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| ForeignCursor)?;
        let (position, seal) = bytes.split_first_chunk::<POSITION_LENGTH>().ok_or(ForeignCursor)?;
        let expected = self.mac(list, *position);
        let expected = expected.get(..SEAL_LENGTH).ok_or(ForeignCursor)?;
        // A cursor holds no secret: comparing in constant time would protect nothing but habit.
        if seal == expected { Ok(i64::from_be_bytes(*position)) } else { Err(ForeignCursor) }
    }

    fn mac(&self, list: &str, position: [u8; POSITION_LENGTH]) -> Vec<u8> {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return Vec::new() };
        mac.update(&position);
        mac.update(list.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_the_list_it_was_sealed_for() {
        let key = CursorKey::from_bytes([7; 32]);
        let cursor = key.seal("tokens 1 active", 42);
        assert_eq!(key.open("tokens 1 active", &cursor), Ok(42));
        assert_eq!(key.open("tokens 2 active", &cursor), Err(ForeignCursor));
        assert_eq!(
            CursorKey::from_bytes([8; 32]).open("tokens 1 active", &cursor),
            Err(ForeignCursor)
        );
        for forged in ["", "x", "!!", "AAAAAAAAACo", &cursor[1..], &cursor.replace('A', "B")] {
            assert_eq!(key.open("tokens 1 active", forged), Err(ForeignCursor), "{forged}");
        }
    }
}
