//! `wasm/wit/engine.wit` as Rust types, and their translation from and to the core's.

use exportgate_core::validate_export::{Facts, Reason};

// Reads the contract at compile time: a host that does not fit it does not compile.
wasmtime::component::bindgen!({ path: "../wasm/wit", world: "engine" });

use self::exports::exportgate::engine::validation;

/// The facts as the component takes them.
pub fn facts(facts: Facts) -> validation::Facts {
    use validation::Facts as Flags;
    let flag = |fact: bool, flag: Flags| if fact { flag } else { Flags::empty() };
    flag(facts.well_formed, Flags::WELL_FORMED)
        | flag(facts.known, Flags::KNOWN)
        | flag(facts.same_organization, Flags::SAME_ORGANIZATION)
        | flag(facts.user_name_matches, Flags::USER_NAME_MATCHES)
        | flag(facts.owner_active, Flags::OWNER_ACTIVE)
}

/// The reason that the component gave.
pub fn reason(reason: validation::Reason) -> Reason {
    match reason {
        validation::Reason::Malformed => Reason::Malformed,
        validation::Reason::Unknown => Reason::Unknown,
        validation::Reason::OtherOrganization => Reason::OtherOrganization,
        validation::Reason::UserMismatch => Reason::UserMismatch,
        validation::Reason::OwnerInactive => Reason::OwnerInactive,
        validation::Reason::Revoked => Reason::Revoked,
        validation::Reason::Expired => Reason::Expired,
        validation::Reason::Allowed => Reason::Allowed,
    }
}
