//! What the host reads before the core does: who asks, bodies, cursors, the configuration.

pub mod authorization;
pub mod body;
pub mod config;
pub mod cursor;

use crate::Oracle;

/// Every oracle of the host.
pub const ALL: &[Oracle] = &[
    ("authorization", authorization::check),
    ("body", body::check),
    ("config", config::check),
    ("cursor", cursor::check),
];
