//! Knows how bytes become requests: an accept loop whose clients cannot stay without doing anything.
//!
//! `axum::serve` keeps slow and silent clients for ever. Here every connection is in one phase at
//! any time (waiting for a first byte, sending a head, being answered, idle, lingering), and each
//! phase but "being answered" ends by itself. Reading order: [`Limits`], [`serve()`], then
//! `connection.rs` (one connection from accept to close) and `progress.rs` (its phases).

mod connection;
mod limits;
mod listener;
mod open_files;
mod progress;
mod request_body;
mod response;
mod routed;
mod serve;
mod slots;
mod stop;
mod tls;
mod watched;

pub use limits::Limits;
pub use listener::{ListenError, Listener};
pub use open_files::raise_open_files_limit;
pub use request_body::{BodyError, RequestBody, was_too_slow};
pub use routed::Routed;
pub use serve::{Peer, serve};
pub use tls::{Tls, TlsError};

/// What a service or a body of a response may fail with.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[cfg(test)]
mod tests;
