//! Running instances of the engine: each thread keeps one and uses it again.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use wasmtime::Store;

use super::limits::Limits;
use super::{Shared, contract};

/// A component instance with its memory. After a trap it cannot be entered again.
pub struct Instance {
    pub store: Store<Limits>,
    pub exports: contract::Engine,
}

impl Instance {
    /// A fresh instance.
    ///
    /// # Errors
    ///
    /// When the system gives no memory, or the component traps or loops as it starts.
    pub fn new(shared: &Shared) -> wasmtime::Result<Box<Self>> {
        let mut store = Store::new(&shared.engine, Limits::new(shared.memory_limit));
        store.limiter(|limits| limits);
        // Texts in an answer may overlap in the component's memory and together be far longer
        // than it. An honest answer never is.
        store.set_hostcall_fuel(shared.memory_limit);
        // Also for the instantiation, since a start function may loop.
        store.set_epoch_deadline(shared.deadline_ticks);
        let exports = shared.component.instantiate(&mut store)?;
        Ok(Box::new(Self { store, exports }))
    }
}

/// An instance that waits for the next call on its thread.
struct Kept {
    /// The engine it belongs to. Tests have several in one process.
    engine: Weak<Shared>,
    instance: Box<Instance>,
}

thread_local! {
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

/// Calls into this thread's instance for `shared`, a fresh one if there is none. The instance is
/// kept for the next call only when this one came to a good end.
///
/// # Errors
///
/// When the call traps or passes its deadline, or no instance can be made.
pub fn with_instance<R>(
    shared: &Arc<Shared>,
    call: impl FnOnce(&mut Instance) -> wasmtime::Result<R>,
) -> wasmtime::Result<R> {
    let mut kept = match take(shared) {
        Some(kept) => kept,
        None => Kept { engine: Arc::downgrade(shared), instance: Instance::new(shared)? },
    };
    kept.instance.store.set_epoch_deadline(shared.deadline_ticks);
    let answer = call(&mut kept.instance)?;
    KEPT.with_borrow_mut(|all| all.push(kept));
    Ok(answer)
}

/// Takes the instance out for the time of the call, so that one that trapped, or a panic on the
/// way, leaves nothing behind.
fn take(shared: &Arc<Shared>) -> Option<Kept> {
    KEPT.with_borrow_mut(|all| {
        let position = all.iter().position(|kept| kept.engine.as_ptr() == Arc::as_ptr(shared));
        if position.is_none() {
            // A good moment to let go of instances whose engine is gone.
            all.retain(|kept| kept.engine.strong_count() > 0);
        }
        position.map(|position| all.swap_remove(position))
    })
}

/// The component of an engine, for its tests.
#[cfg(test)]
pub fn component(shared: &Shared) -> &wasmtime::component::Component {
    shared.component.instance_pre().component()
}
