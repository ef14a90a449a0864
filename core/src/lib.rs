//! Access tokens for data exports: every rule of Exportgate, as pure functions.
//!
//! Facts in, decision out: this crate has no clock, no randomness and no I/O. The present instant
//! and random bytes are arguments, so the same code runs natively, inside the host's WebAssembly
//! engine and in the browser, and gives the same answers everywhere.
//!
//! # Reading order
//!
//! 1. [`time`], [`id`], [`name`], [`label`], [`secret`]: the words. Each is parsed once, at the
//!    edge; a [`label::Label`] in hand is a good label.
//! 2. [`token`]: what happened to a token, and what that means at an instant.
//! 3. [`policy`]: an organization's rules for new tokens.
//! 4. [`expiry_choices`], [`create_token`], [`rename_token`], [`revoke_token`], [`expire_token`], [`change_policy`],
//!    [`preview_policy`], [`apply_policy`], [`validate_export`]: the operations.
//! 5. [`history`]: what is remembered, and the bytes that are hashed. [`merkle`] and
//!    [`checkpoint`]: how a reader proves that nothing of it was changed or removed.
//! 6. [`code`]: every stable code for programs. [`wire`]: the JSON of all of the above.
//!
//! # What it does not do
//!
//! It stores nothing, asks nobody and knows no protocol: the host loads the facts, asks once and
//! saves once. The rules themselves are written in `DOMAIN.md`; section numbers refer to it.
// What derives the TypeScript types writes names of std's prelude. Engine and browser module are
// built without them: there the compiler proves that nothing of std is used.
#![cfg_attr(not(feature = "typescript"), no_std)]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;
// For the derived schemas only.
#[cfg(all(feature = "openapi", not(feature = "typescript")))]
#[macro_use]
extern crate std;

pub mod apply_policy;
pub mod change_policy;
pub mod checkpoint;
pub mod code;
pub mod create_token;
pub mod expire_token;
pub mod expiry_choices;
pub mod history;
pub mod id;
pub mod label;
pub mod merkle;
pub mod name;
pub mod policy;
pub mod preview_policy;
pub mod rename_token;
pub mod revoke_token;
pub mod secret;
pub mod time;
pub mod token;
pub mod user;
pub mod validate_export;
pub mod wire;
