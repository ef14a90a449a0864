//! `exportgate inspect`: tells from the text alone whether a secret is well formed.

use exportgate_core::secret;
use exportgate_core::wire::InspectionRecord;

use crate::cli::output::Output;
use crate::cli::{Failure, Global, secret_input};

/// Runs `exportgate inspect`.
///
/// # Errors
/// [`Failure::Denied`] when form or checksum is wrong.
pub fn run(global: &Global) -> Result<(), Failure> {
    let inspection = examine(&secret_input::read()?);
    let out = Output::new(global.json);
    if out.is_json() {
        out.document(&inspection)?;
    } else {
        out.line(&sentence(&inspection))?;
    }
    if inspection.form && inspection.checksum { Ok(()) } else { Err(Failure::Denied) }
}

/// The one place that asks the core.
fn examine(text: &str) -> InspectionRecord {
    secret::inspect(text).into()
}

fn sentence(inspection: &InspectionRecord) -> String {
    let what = match inspection.kind {
        Some("service_key") => "a service key",
        Some("scim_key") => "a SCIM key",
        _ => "the secret of an access token",
    };
    match (inspection.form, inspection.checksum) {
        (true, true) => {
            let hint = inspection.hint.as_deref().unwrap_or("none");
            format!("form and checksum are right: {what} (hint {hint})")
        }
        (true, false) => format!(
            "this has the form of {what}, but its checksum is wrong: a character was mistyped or \
             lost its place"
        ),
        (false, _) => "this is no secret of Exportgate: it is `egt_` (or `egs_`, `egp_`) and 38 \
                       letters and digits, nothing before or after"
            .to_owned(),
    }
}
