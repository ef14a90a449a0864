//! The TypeScript types of the documents that a page gives to the core and gets from it.

use std::{
    any::TypeId,
    collections::{BTreeMap, HashSet},
};

use exportgate_core::wire::{
    CanonicalEvent, Event, ExpiryChoicesAnswer, ExpiryChoicesInput, InspectionRecord,
    JudgeDraftAnswer, JudgeDraftInput, OpenCheckpointAnswer, OpenCheckpointInput,
    PreviewPolicyAnswer, PreviewPolicyInput, Proven, TokenStatusAnswer, TokenStatusInput,
    VerifyConsistencyInput, VerifyInclusionInput,
};
use ts_rs::{Config, TS, TypeVisitor};

/// The declarations of every document that `wasm/src/browser.rs` names, and of all they consist
/// of, in the order of their names.
pub fn declarations() -> String {
    let mut found = Found {
        config: Config::new().with_large_int("number"),
        visited: HashSet::new(),
        texts: BTreeMap::new(),
    };
    macro_rules! find {
        ($($document:ty),* $(,)?) => { $(found.visit::<$document>();)* };
    }
    find!(
        CanonicalEvent,
        Event,
        ExpiryChoicesAnswer,
        ExpiryChoicesInput,
        InspectionRecord,
        JudgeDraftAnswer,
        JudgeDraftInput,
        OpenCheckpointAnswer,
        OpenCheckpointInput,
        PreviewPolicyAnswer,
        PreviewPolicyInput,
        Proven,
        TokenStatusAnswer,
        TokenStatusInput,
        VerifyConsistencyInput,
        VerifyInclusionInput,
    );
    found.texts.into_values().map(|text| text + "\n").collect()
}

/// Types, and the declarations of those that have one by their names in TypeScript.
struct Found {
    config: Config,
    visited: HashSet<TypeId>,
    texts: BTreeMap<String, String>,
}

impl TypeVisitor for Found {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.visited.insert(TypeId::of::<T>()) {
            return;
        }
        // What needs no declaration, a text for example, has no file either.
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let text = format!("{docs}export {}\n", T::decl(&self.config));
            let name = T::ident(&self.config);
            let other = self.texts.insert(name, text.clone());
            assert!(other.is_none_or(|other| other == text), "two types have one name: {text}");
        }
        // A list is not declared itself, but what it holds is.
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
