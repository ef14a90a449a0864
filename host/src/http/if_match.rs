//! `If-Match`: which version of the policy a change is about (RFC 9110 section 13.1.1).

use exportgate_core::code::Code;
use http::{HeaderMap, header};

use super::problem::Problem;

/// The version that the caller saw; `None` for `*`, which stands for any.
///
/// # Errors
/// `policy.version_required` without the header; `request.malformed` for anything but one version
/// in quotation marks; `policy.version_conflict` for a weak one, which never matches.
pub fn required(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    optional(headers)?.ok_or_else(|| {
        let detail = "say which version of the policy you saw: `If-Match: \"<version>\"`";
        Problem::new(Code::PolicyVersionRequired, detail)
    })
}

/// [`required`], where the header may be absent: then it is the outer `None`.
///
/// # Errors
/// As [`required`].
pub fn optional(headers: &HeaderMap) -> Result<Option<Option<u64>>, Problem> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let malformed =
        || Problem::malformed("`If-Match` is one version in quotation marks, such as `\"3\"`");
    let text = value.to_str().map_err(|_| malformed())?.trim();
    if values.next().is_some() {
        return Err(malformed());
    }
    if text == "*" {
        return Ok(Some(None));
    }
    if text.starts_with("W/") {
        let detail = "a weak version in `If-Match` never matches";
        return Err(Problem::new(Code::PolicyVersionConflict, detail));
    }
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let number = version.and_then(|version| version.parse::<u64>().ok());
    // Numbers may have a sign and leading zeros; an entity tag is compared as text.
    let number = number.filter(|number| version == Some(&number.to_string()));
    Ok(Some(Some(number.ok_or_else(malformed)?)))
}
