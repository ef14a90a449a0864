//! Stateright's search for an order of a token's operations that explains every answer.

use stateright::semantics::{
    ConsistencyTester, LinearizabilityTester, SequentialSpec,
    register::{Register, RegisterOp, RegisterRet},
};

use crate::history::{History, Label, Life, Operation, Tick, What};

/// A token's life as a program: what it answers when one thing happens after the other.
#[derive(Clone)]
struct Token {
    revoked: bool,
}

#[derive(Clone, Debug)]
enum Ask {
    Revoke,
    Validate,
}

#[derive(Clone, Debug, PartialEq)]
enum Told {
    Done,
    Life(Life),
}

impl SequentialSpec for Token {
    type Op = Ask;
    type Ret = Told;

    fn invoke(&mut self, ask: &Ask) -> Told {
        match ask {
            Ask::Revoke => {
                self.revoked = true;
                Told::Done
            }
            Ask::Validate if self.revoked => Told::Life(Life::Revoked),
            Ask::Validate => Told::Life(Life::Active),
        }
    }
}

/// Whether the answers about its life have an order.
pub fn life(history: &History) -> bool {
    let asked = history.operations.iter().filter_map(|one| {
        let (ask, told) = match one.what {
            What::Revoke(_) => (Ask::Revoke, Told::Done),
            What::Validate(seen) => (Ask::Validate, Told::Life(seen.life)),
            What::Rename(..) => return None,
        };
        Some((one, ask, told))
    });
    has_order(Token { revoked: history.revoked }, asked)
}

/// Whether the answers about its label have an order.
pub fn label(history: &History) -> bool {
    let asked = history.operations.iter().filter_map(|one| {
        let (ask, told) = match one.what {
            What::Rename(label, _) => (RegisterOp::Write(Some(label)), RegisterRet::WriteOk),
            // A token that is not there has no label; that is its life's mistake.
            What::Validate(seen) if seen.life == Life::Absent && seen.label.is_none() => {
                return None;
            }
            What::Validate(seen) => (RegisterOp::Read, RegisterRet::ReadOk(seen.label)),
            What::Revoke(_) => return None,
        };
        Some((one, ask, told))
    });
    has_order(Register::<Option<Label>>(Some(history.label)), asked)
}

/// Something that happened to the tester's threads.
enum Event<Object: SequentialSpec> {
    Asked(Object::Op),
    Told(Object::Ret),
}

fn has_order<'h, Object>(
    begin: Object,
    asked: impl Iterator<Item = (&'h Operation, Object::Op, Object::Ret)>,
) -> bool
where
    Object: SequentialSpec + Clone,
    Object::Op: Clone + std::fmt::Debug,
    Object::Ret: Clone + std::fmt::Debug,
{
    let mut asked: Vec<_> = asked.filter(|(one, ..)| !one.is_refused()).collect();
    asked.sort_by_key(|(one, ..)| one.start);
    let mut events = Vec::new();
    // When each thread is free again. A change without an answer keeps its thread for ever.
    let mut busy: Vec<Tick> = Vec::new();
    for (one, ask, told) in asked {
        let free = busy.iter().position(|&until| until < one.start);
        let thread = free.unwrap_or_else(|| {
            busy.push(0);
            busy.len() - 1
        });
        if let Some(until) = busy.get_mut(thread) {
            *until = one.over();
        }
        events.push((one.start, thread, Event::<Object>::Asked(ask)));
        if one.over() != Tick::MAX {
            events.push((one.end, thread, Event::Told(told)));
        }
    }
    events.sort_by_key(|(at, ..)| *at);
    let mut tester = LinearizabilityTester::new(begin);
    let well_formed = events.into_iter().all(|(_, thread, event)| match event {
        Event::Asked(ask) => tester.on_invoke(thread, ask).is_ok(),
        Event::Told(told) => tester.on_return(thread, told).is_ok(),
    });
    well_formed && tester.is_consistent()
}
