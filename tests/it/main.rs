//! Behaviour seen from outside, one module per feature.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed unwrap is a failed test, in helpers of tests too"
)]

mod assertions;
mod bad_input;
mod clock;
mod contract;
mod corpus;
mod differ;
mod edges;
mod faults;
mod history;
mod openid;
mod oracles;
mod organizations;
mod policy;
mod proxies;
mod rollback;
mod scim;
mod stage;
mod threats;
mod upkeep;
