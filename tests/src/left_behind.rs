//! Knows that a host leaves no secret behind in what it writes: data, logs and backups.
//!
//! A secret is known by its form, so that nobody has to say which ones there were.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests: what fails here is a failed test"
)]

use std::fs;
use std::path::Path;

use exportgate_core::secret::{SECRET_LENGTH, Secret, SecretKind};

/// No test writes so much; what benches fill is not searched.
const MOST_BYTES: u64 = 64 << 20;

/// Checks a file, or all files below a folder. What is not there holds nothing.
///
/// # Panics
///
/// When there is a secret in one; it is not shown.
#[track_caller]
pub fn check(place: &Path) {
    let Ok(found) = fs::symlink_metadata(place) else { return };
    if found.is_dir() {
        let entries = fs::read_dir(place).expect("a folder that can be read");
        for entry in entries {
            check(&entry.expect("an entry that can be read").path());
        }
    } else if found.is_file() && found.len() <= MOST_BYTES {
        // The host may tidy up its files meanwhile.
        let bytes = fs::read(place).unwrap_or_default();
        if let Some((kind, at)) = secret_in(&bytes) {
            panic!("there is a secret ({}) in `{}` at byte {at}", kind.as_str(), place.display());
        }
    }
}

/// The first secret, and where it begins.
fn secret_in(bytes: &[u8]) -> Option<(SecretKind, usize)> {
    bytes.windows(SECRET_LENGTH).enumerate().find_map(|(at, text)| {
        let mut kinds = SecretKind::ALL.into_iter();
        let kind = kinds.find(|kind| text.starts_with(kind.prefix().as_bytes()))?;
        let text = str::from_utf8(text).ok()?;
        Secret::parse(kind, text).is_ok().then_some((kind, at))
    })
}

#[cfg(test)]
mod tests {
    use exportgate_core::secret::{SECRET_LENGTH, SECRET_RANDOM_BYTES, Secret, SecretKind};

    use super::{check, secret_in};

    #[test]
    fn a_secret_of_each_kind_is_found_wherever_it_lies() {
        for kind in SecretKind::ALL {
            let secret = Secret::generate(kind, &[7; SECRET_RANDOM_BYTES]).unwrap();
            for noise in ["", "egt_", "\0\u{fffd}"] {
                let text = [noise, secret.expose(), noise].concat();
                assert_eq!(secret_in(text.as_bytes()), Some((kind, noise.len())));
            }
            let folder = tempfile::tempdir().unwrap();
            let log = folder.path().join("deep").join("host.log");
            std::fs::create_dir(log.parent().unwrap()).unwrap();
            std::fs::write(&log, "nothing yet").unwrap();
            check(folder.path());
            std::fs::write(&log, secret.expose()).unwrap();
            let panic = std::panic::catch_unwind(|| check(folder.path())).unwrap_err();
            let told = panic.downcast_ref::<String>().unwrap();
            assert!(told.contains(kind.as_str()) && !told.contains(secret.expose()), "{told}");
            // What has only the form is none.
            assert_eq!(secret_in(&secret.expose().as_bytes()[1..]), None);
            let (most, last) = secret.expose().split_at(SECRET_LENGTH - 1);
            let wrong = [most, if last == "0" { "1" } else { "0" }].concat();
            assert_eq!(secret_in(wrong.as_bytes()), None);
        }
    }
}
