//! Map of the subcommands, one file each; `cli.rs` says which words lead here.

pub mod backup;
pub mod bench_floor;
pub mod check;
pub mod completions;
pub mod history;
pub mod inspect;
mod key;
pub mod man;
mod organization;
pub mod policy;
pub mod restore;
pub mod scim_key;
pub mod serve;
pub mod service;
pub mod sign_in;
pub mod sign_in_code;
pub mod sign_out;
mod snapshot;
pub mod token;
pub mod user;
pub mod validate;

/// The organization of a host that serves only one.
const DEFAULT_ORGANIZATION: &str = "default";
