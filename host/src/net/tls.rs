//! Knows the host's certificate and key, and reads them again when their files change.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

/// Why certificate and key cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The file is absent or may not be read.
    #[error("cannot read `{path}`: {cause}")]
    Unreadable {
        /// Certificate or key file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file holds no certificate.
    #[error("`{path}` holds no certificate in PEM form")]
    NoCertificate {
        /// Certificate file.
        path: PathBuf,
    },
    /// The file holds no key.
    #[error("`{path}` holds no private key in PEM form")]
    NoKey {
        /// Key file.
        path: PathBuf,
    },
    /// The key is of another certificate, or of a kind that is not supported.
    #[error("certificate `{certificate}` and key `{key}` cannot be used together: {cause}")]
    Unusable {
        /// Certificate file.
        certificate: PathBuf,
        /// Key file.
        key: PathBuf,
        /// What rustls says.
        cause: rustls::Error,
    },
}

/// TLS with the certificate of two files; clones share it.
#[derive(Debug, Clone)]
pub struct Tls {
    files: Arc<Files>,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    seen: Mutex<Seen>,
}

/// Both files as last read: `None` when they could not be.
type Contents = Option<(Vec<u8>, Vec<u8>)>;

#[derive(Default)]
struct Seen {
    /// What the present certificate was made of, or what was already warned about.
    settled: Contents,
    last: Contents,
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The contents hold the private key.
        f.write_str("Seen")
    }
}

struct Current(RwLock<Arc<CertifiedKey>>);

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Current")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// Reads both files, for the start of the host: a certificate chain and its key, in PEM.
    ///
    /// # Errors
    /// [`TlsError`]
    pub fn load(certificate_file: &Path, key_file: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let files = Files {
            certificate: certificate_file.to_owned(),
            key: key_file.to_owned(),
            provider: Arc::clone(&provider),
            seen: Mutex::default(),
        };
        let contents = files.read()?;
        let current = Arc::new(Current(RwLock::new(Arc::new(files.certified_key(&contents)?))));
        *files.seen() = Seen { settled: Some(contents.clone()), last: Some(contents) };
        let unusable = |cause| TlsError::Unusable {
            certificate: certificate_file.to_owned(),
            key: key_file.to_owned(),
            cause,
        };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { files: Arc::new(files), current, config: Arc::new(config) })
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Looks at the files now and then, for ever.
    pub(super) async fn follow_files(&self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            let tls = self.clone();
            // A panic in there would be ours; the next round tries again.
            let _ = tokio::task::spawn_blocking(move || tls.look()).await;
        }
    }

    /// Takes the files when they have changed and are good. Contents are compared, not times:
    /// times have steps, and links that are switched keep theirs.
    fn look(&self) {
        let read = self.files.read();
        let mut seen = self.files.seen();
        let (contents, result) = match read {
            Ok(contents) => {
                let made = self.files.certified_key(&contents);
                (Some(contents), made)
            }
            Err(error) => (None, Err(error)),
        };
        if contents == seen.settled {
            seen.last = contents;
            return;
        }
        match result {
            Ok(certified_key) => {
                *self.current.0.write().unwrap_or_else(PoisonError::into_inner) =
                    Arc::new(certified_key);
                seen.settled.clone_from(&contents);
                tracing::info!(
                    certificate_file = %self.files.certificate.display(),
                    "certificate read again"
                );
            }
            // Two files never change at the same moment. Only what is still broken at the
            // second look is worth a warning.
            Err(error) if contents == seen.last => {
                seen.settled.clone_from(&contents);
                tracing::warn!(%error, "new certificate cannot be used, the old one stays");
            }
            Err(_) => {}
        }
        seen.last = contents;
    }
}

impl Files {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> Result<(Vec<u8>, Vec<u8>), TlsError> {
        let read = |path: &Path| {
            fs::read(path).map_err(|cause| TlsError::Unreadable { path: path.to_owned(), cause })
        };
        Ok((read(&self.certificate)?, read(&self.key)?))
    }

    fn certified_key(&self, contents: &(Vec<u8>, Vec<u8>)) -> Result<CertifiedKey, TlsError> {
        let no_certificate = || TlsError::NoCertificate { path: self.certificate.clone() };
        let chain = CertificateDer::pem_slice_iter(&contents.0)
            .collect::<Result<Vec<_>, pem::Error>>()
            .map_err(|_| no_certificate())?;
        if chain.is_empty() {
            return Err(no_certificate());
        }
        let key = PrivateKeyDer::from_pem_slice(&contents.1)
            .map_err(|_| TlsError::NoKey { path: self.key.clone() })?;
        CertifiedKey::from_der(chain, key, &self.provider).map_err(|cause| TlsError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            cause,
        })
    }
}
