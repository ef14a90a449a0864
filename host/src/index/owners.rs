//! Owners by a small number: a token holds four bytes in place of a counted pointer, and a reader
//! finds its owner without a lock.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;

use crate::directory::User;

/// The first part holds so many owners, each further one twice as many as the one before it, so
/// that nothing ever moves.
const FIRST_PART: u32 = 64;
/// So many parts hold every number of 32 bits but the last 64.
const N_PARTS: usize = 26;

type Part = Box<[OnceLock<Arc<User>>]>;

/// Everybody who owns a token. Owners are never removed, as people's rows never are.
#[derive(Default)]
pub(super) struct Owners {
    parts: [OnceLock<Part>; N_PARTS],
    numbers: Mutex<Numbers>,
}

#[derive(Default)]
struct Numbers {
    by_user: HashMap<i64, u32>,
    next: u32,
}

impl Owners {
    /// The owner with a number.
    pub(super) fn get(&self, number: u32) -> Option<&Arc<User>> {
        let (part, within) = place(number)?;
        self.parts.get(part)?.get()?.get(within)?.get()
    }

    /// The number of an owner, who gets one with the first token; `None` when there are too many
    /// of them to count.
    pub(super) fn number(&self, user: &Arc<User>) -> Option<u32> {
        let mut numbers = self.numbers.lock();
        if let Some(number) = numbers.by_user.get(&user.user_seq).copied()
            && self.get(number).is_some_and(|known| Arc::ptr_eq(known, user))
        {
            return Some(number);
        }
        let number = numbers.next;
        let (part, within) = place(number)?;
        let length = usize::try_from(FIRST_PART).ok()? << part;
        let slots =
            self.parts.get(part)?.get_or_init(|| (0..length).map(|_| OnceLock::new()).collect());
        slots.get(within)?.set(Arc::clone(user)).ok()?;
        numbers.next = number.checked_add(1)?;
        numbers.by_user.insert(user.user_seq, number);
        Some(number)
    }
}

/// In which part a number is, and where in it.
fn place(number: u32) -> Option<(usize, usize)> {
    let shifted = number.checked_add(FIRST_PART)?;
    let part = shifted.ilog2() - FIRST_PART.ilog2();
    let within = shifted - (FIRST_PART << part);
    Some((usize::try_from(part).ok()?, usize::try_from(within).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_place_of_its_own() {
        assert_eq!(place(0), Some((0, 0)));
        assert_eq!(place(63), Some((0, 63)));
        assert_eq!(place(64), Some((1, 0)));
        assert_eq!(place(191), Some((1, 127)));
        assert_eq!(place(192), Some((2, 0)));
        assert_eq!(place(u32::MAX - 64), Some((25, (1 << 31) - 1)));
        assert_eq!(place(u32::MAX - 63), None);
    }
}
