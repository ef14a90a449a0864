//! The data folder: what is in it, and that only its owner can look inside.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::config::{Config, ConfigErrors, Overrides};

/// The organization where nobody names one.
pub const DEFAULT_ORGANIZATION: &str = "default";

/// The database of a data folder: where its configuration, or the one in `config_file`, says.
///
/// # Errors
/// [`ConfigErrors`]: a wrong configuration may mean another database.
pub fn database(data: &Path, config_file: Option<&Path>) -> Result<PathBuf, ConfigErrors> {
    Ok(Config::load(data, config_file, Overrides::default())?.store.file(data))
}

/// Makes the data folder if it is not there, readable by its owner only.
///
/// # Errors
/// A sentence for the operator.
pub fn prepare(data: &Path) -> Result<(), String> {
    let sentence = |error: io::Error| {
        format!("the data folder `{}` cannot be made or used: {error}", data.display())
    };
    if !data.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(sentence)?;
    }
    let metadata = fs::metadata(data).map_err(sentence)?;
    if !metadata.is_dir() {
        return Err(format!("the data folder `{}` is not a folder", data.display()));
    }
    if metadata.permissions().mode() & 0o022 != 0 {
        return Err(format!(
            "others can write into the data folder `{0}`; take that right away first: chmod go-w \
             {0}",
            data.display()
        ));
    }
    Ok(())
}
