//! Uses of UTC days, as answers show them.

use exportgate_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::uses::UsesOfDay;

/// The uses of one UTC day.
#[derive(Serialize, ToSchema)]
pub struct DayOfUses {
    /// `YYYY-MM-DD`.
    #[schema(format = Date)]
    date: String,
    /// Exports that ran.
    n_allowed: u64,
    /// Exports that were refused although the secret was right.
    n_denied: u64,
}

impl From<(Timestamp, UsesOfDay)> for DayOfUses {
    fn from((day, uses): (Timestamp, UsesOfDay)) -> Self {
        let UsesOfDay { n_allowed, n_denied } = uses;
        Self { date: day.date_text(), n_allowed, n_denied }
    }
}
