//! Knows what to say when no host answers, and what the reader can do then.

use std::error::Error;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::cli::address::Address;
use crate::cli::failure::Failure;

/// Nobody answers on the operator socket of `data`.
pub(super) fn no_socket(data: &Path, socket: &Path, kind: io::ErrorKind) -> Failure {
    let data = data.display();
    let socket = socket.display();
    Failure::unreachable(match kind {
        io::ErrorKind::PermissionDenied => format!(
            "the host's socket `{socket}` may only be used by the account that runs the host; \
             become that account and try again"
        ),
        _ => format!(
            "no host runs on data folder `{data}`; start it with `exportgate serve --data \
             {data}`, or name another folder with `--data`"
        ),
    })
}

/// Nobody answers at an address.
pub(super) fn no_host(address: &Address, error: &reqwest::Error) -> Failure {
    let origin = address.origin();
    Failure::unreachable(format_args!(
        "no host can be reached at {origin} ({}); start it with `exportgate serve --data DIR`, \
         or name another address with `--url`",
        root(error)
    ))
}

/// Somebody took the connection and then fell silent or went away.
pub(super) fn no_answer(host: &str, error: &reqwest::Error, waited: Duration) -> Failure {
    let what = if error.is_timeout() {
        format!("did not answer within {} s", waited.as_secs())
    } else {
        format!("ended the connection without a whole answer ({})", root(error))
    };
    Failure::unreachable(format_args!("{host} {what}; it may have done what was asked"))
}

/// The innermost cause says what happened; the outer ones only where.
pub(super) fn root(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    causes(error).last().map_or_else(|| "unknown".to_owned(), ToString::to_string)
}

/// What the operating system said, if it did.
pub(super) fn kind(error: &reqwest::Error) -> io::ErrorKind {
    let found = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
    found.map_or(io::ErrorKind::Other, io::Error::kind)
}

fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let first: &'a (dyn Error + 'static) = error;
    std::iter::successors(Some(first), |cause| (**cause).source())
}
