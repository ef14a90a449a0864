//! Knows a small export of Salesforce records: an OData v4 feed and a CSV of the same rows, the
//! thing that Exportgate protects in tests and in `cargo xtask demo`.
//!
//! Every row is computed from its number, so nothing large lies in git, every run sees the same
//! bytes, and a page costs only its own rows. There are two ways to use it:
//!
//! - [`folder::write`] lays the export down as files for nginx or Caddy to serve;
//! - [`router`] answers it as a program, alone or behind a proxy, and the binary `sample-export`
//!   serves that router, asking Exportgate before every request when told to ([`gate`]).
//!
//! Reading order: [`rows`] what a row holds, [`odd_text`] the odd cases, [`entity_set`] the two
//! tables, [`page`] and [`query`] the OData feed, [`metadata`] its description, [`csv`],
//! [`folder`], [`routes`], [`gate`].

pub mod csv;
pub mod entity_set;
pub mod folder;
pub mod gate;
pub mod metadata;
pub mod odd_text;
pub mod page;
pub mod query;
pub mod routes;
pub mod rows;
pub mod value;

pub use routes::router;
