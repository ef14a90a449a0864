//! Knows the story that Exportgate is for, told through the real nginx and the real Caddy: a token
//! is created, an export is read with it, it is revoked, and the next fetch fails at once.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed unwrap is a failed test"
)]

pub mod curl;
mod front;
mod mistakes;
mod outage;
mod own_program;
mod privacy;
mod questions;
mod recorder;
mod smuggling;
mod stage;
mod story;

/// Makes one test for nginx and one for Caddy of each story.
macro_rules! through_both {
    ($($story:ident),+ $(,)?) => {
        mod through_nginx {
            $(#[test] fn $story() { super::$story(super::Kind::Nginx); })+
        }
        mod through_caddy {
            $(#[test] fn $story() { super::$story(super::Kind::Caddy); })+
        }
    };
}
use through_both;
