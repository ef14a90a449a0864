//! Knows what the operator commands can find out about an organization before they change it.

use serde::Deserialize;

use crate::cli::Failure;
use crate::cli::client::Client;

#[derive(Deserialize)]
struct Person {
    role: String,
    active: bool,
}

/// Whether anybody can administer the organization now.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn has_administrator(client: &Client, org: &str) -> Result<bool, Failure> {
    let mut found = false;
    client.pages(&["v1", "operator", "users"], &[("org_id", Some(org))], None, |page| {
        for item in page.items {
            let person: Person = serde_json::from_str(item.get()).map_err(Failure::failed)?;
            found |= person.active && person.role == "administrator";
        }
        Ok(())
    })?;
    Ok(found)
}

/// Whether the organization has any person, export service or SCIM key; an organization begins with
/// its first one, so that a mistyped name begins one, too.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn is_known(client: &Client, org: &str) -> Result<bool, Failure> {
    for list in ["users", "services", "scim-keys"] {
        let mut found = false;
        client.pages(&["v1", "operator", list], &[("org_id", Some(org))], None, |page| {
            found |= !page.items.is_empty();
            Ok(())
        })?;
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}
