//! The history seen from outside: who reads what, in which form, and how a reader proves that
//! nothing of it was changed or removed.

mod activity;
mod bulk;
mod forms;
mod independent_reader;
mod million;
mod retention;
mod scopes;
mod tampering;
mod uses;
