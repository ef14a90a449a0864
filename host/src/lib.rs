//! The host: it runs the engine, keeps the state and answers over HTTP.
//!
//! Reading order: [`serve`] starts everything; [`http`] lists every route; [`usecase`] has a file
//! for each verb; [`store`], [`index`], [`directory`], [`session`] and [`uses`] hold the state;
//! [`engine`] decides.
#![deny(missing_docs)]

pub mod app;
pub mod assertion;
pub mod check;
pub mod checkpoint_key;
pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod cursor;
pub mod data;
pub mod directory;
pub mod engine;
pub mod entropy;
pub mod http;
pub mod index;
pub mod jwt;
pub mod limiter;
pub mod lock;
pub mod log;
pub mod metrics;
pub mod net;
pub mod oidc;
pub mod origin;
pub mod outbound;
pub mod person;
pub mod rollback;
pub mod scim;
pub mod serve;
pub mod session;
pub mod store;
pub mod usecase;
pub mod uses;
pub mod verify;
pub mod witness;
