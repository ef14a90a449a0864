//! The operator's route for backups.

use std::{path::PathBuf, sync::Arc};

use axum::{Json, extract::State};
use exportgate_core::code::Code;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::{
    app::App,
    http::{actor::Operator, body::JsonBody, problem::Problem},
    store::BackupError,
    usecase::Failure,
};

/// Where to write the backup.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupRequest {
    /// An absolute path on the host's machine; the file must not exist.
    file: PathBuf,
}

/// A written backup.
#[derive(Serialize)]
pub struct BackupBody {
    file: PathBuf,
    n_bytes: u64,
}

/// Writes a backup.
pub async fn create(
    State(app): State<Arc<App>>,
    _: Operator,
    JsonBody(request): JsonBody<BackupRequest>,
) -> Result<(StatusCode, Json<BackupBody>), Problem> {
    if !request.file.is_absolute() {
        return Err(Problem::malformed("`file` is an absolute path"));
    }
    match app.store.back_up(&request.file).await {
        Ok(n_bytes) => Ok((StatusCode::CREATED, Json(BackupBody { file: request.file, n_bytes }))),
        Err(error @ BackupError::Exists { .. }) => {
            Err(Problem::new(Code::BackupFileRefused, error.to_string()))
        }
        Err(error @ BackupError::Create { .. }) => {
            warn!(%error, "no backup was written");
            Err(Problem::new(Code::BackupFileUnwritable, error.to_string()))
        }
        Err(BackupError::Store(error)) => Err(Failure::Store(error).into()),
    }
}
