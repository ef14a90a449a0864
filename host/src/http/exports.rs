//! `/v1/exports`: export services ask whether an export may run.

pub mod authorize;
pub mod validate;

use exportgate_core::{label::is_forbidden, secret::contains_secret};

pub use authorize::{__path_authorize, AUTHORIZE, SERVICE_HEADER, authorize};
pub use validate::{__path_validate, VALIDATE, validate};

/// The longest name of a data source, in characters; a longer one is cut.
const MAXIMUM_DATA_SOURCE_CHARACTERS: usize = 200;

/// The name of a data source as it may go into the history: without a query, where credentials
/// hide, without characters that no label may have, and not without end.
fn data_source(text: &str) -> Option<String> {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let harmless = path.chars().filter(|c| !is_forbidden(*c));
    let name: String = harmless.take(MAXIMUM_DATA_SOURCE_CHARACTERS).collect();
    (!name.is_empty() && !contains_secret(&name)).then_some(name)
}
