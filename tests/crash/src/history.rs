//! What clients were told about one token, in the order of one clock.

/// A reading of the kit's clock: it grows with every reading, so that no two are the same, and
/// what really ended before something else began has the smaller one.
pub type Tick = u64;

/// A label stands in records as the number of its rename; 0 is the one of the creation.
pub type Label = u32;

/// What became of a change. An error or a kill before the answer leaves it unknown: it may have
/// happened or not, and even happen later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Refused,
    Unknown,
}

/// What a validation says of the token itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Active,
    Revoked,
    /// The host does not know it, or says something else that it never should.
    Absent,
}

/// What one validation showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub life: Life,
    /// None where the answer had none, or one that is not this token's.
    pub label: Option<Label>,
}

/// What was asked, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Rename(Label, Outcome),
    Revoke(Outcome),
    Validate(Seen),
}

/// One request. `end` is when its answer was there, and means nothing where none came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    pub start: Tick,
    pub end: Tick,
    pub what: What,
}

/// The operations on one token since it was last known for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Whether it was revoked at the beginning.
    pub revoked: bool,
    /// Its label at the beginning.
    pub label: Label,
    pub operations: Vec<Operation>,
}

impl Operation {
    /// When it was over at the latest: never, for a change without an answer.
    pub fn over(&self) -> Tick {
        match self.what {
            What::Rename(_, Outcome::Unknown) | What::Revoke(Outcome::Unknown) => Tick::MAX,
            _ => self.end,
        }
    }

    /// Whether it certainly changed nothing.
    pub fn is_refused(&self) -> bool {
        matches!(self.what, What::Rename(_, Outcome::Refused) | What::Revoke(Outcome::Refused))
    }

    /// What it showed, when it was a validation.
    pub fn seen(&self) -> Option<Seen> {
        match self.what {
            What::Validate(seen) => Some(seen),
            _ => None,
        }
    }

    /// Whether it was a revocation that happened or may have happened.
    pub fn may_have_revoked(&self) -> bool {
        matches!(self.what, What::Revoke(Outcome::Done | Outcome::Unknown))
    }
}

impl History {
    /// A history without operations.
    pub fn new(revoked: bool, label: Label) -> Self {
        Self { revoked, label, operations: Vec::new() }
    }

    /// The same beginning with some of the operations.
    pub fn only(&self, places: &[usize]) -> Self {
        let chosen = places.iter().filter_map(|&place| self.operations.get(place).copied());
        Self { operations: chosen.collect(), ..Self::new(self.revoked, self.label) }
    }

    /// What was known of it at this instant: later operations never began, and what had no answer
    /// yet is unknown.
    pub fn until(&self, now: Tick) -> Self {
        let begun = self.operations.iter().filter(|operation| operation.start <= now);
        let known = begun.filter_map(|&operation| {
            if operation.end <= now {
                return Some(operation);
            }
            let what = match operation.what {
                What::Rename(label, Outcome::Done) => What::Rename(label, Outcome::Unknown),
                What::Revoke(Outcome::Done) => What::Revoke(Outcome::Unknown),
                What::Validate(_) => return None,
                what => what,
            };
            Some(Operation { what, ..operation })
        });
        Self { operations: known.collect(), ..Self::new(self.revoked, self.label) }
    }

    /// The history in which what the last validation showed is the beginning. It must have begun
    /// after everything else was over or given up for ever: then nothing before it matters.
    pub fn cut(&self) -> Self {
        let last = self.operations.last().and_then(Operation::seen);
        last.map_or_else(
            || Self::new(self.revoked, self.label),
            |seen| Self::new(seen.life == Life::Revoked, seen.label.unwrap_or(self.label)),
        )
    }
}
