//! Knows every setting of the host, its default, and which settings do not go together.
//!
//! Settings come from `DIR/exportgate.toml`, then `EXPORTGATE_<SECTION>_<KEY>`, then the command
//! line; the later one wins. `source.rs` collects them with their places, so that each mistake is
//! told with file and line, and all mistakes at once.

pub mod help;
mod issuer;
mod oidc;
mod reader;
mod source;
mod values;

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use exportgate_core::id::OrgId;
use ipnet::IpNet;
use reqwest::Url;

use reader::Reader;
use source::Sources;

use crate::engine::{LARGEST_MEMORY_MIB, SMALLEST_MEMORY_MIB};

/// The configuration's name in the data folder.
pub const CONFIG_NAME: &str = "exportgate.toml";

/// The default of `http.listen`: this machine only.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// The default of `store.url`, in the data folder.
const DEFAULT_DATABASE: &str = "exportgate.db";
/// The default of `engine.deadline_millis`.
const DEFAULT_ENGINE_DEADLINE_MILLIS: u32 = 1000;

/// The highest `history.keep_days`: a hundred years.
const LONGEST_KEEP_DAYS: u32 = 36_500;

/// All settings of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// `[http]`
    pub http: Http,
    /// `[store]`
    pub store: StoreConfig,
    /// `[history]`
    pub history: History,
    /// `[engine]`
    pub engine: EngineConfig,
    /// `[log]`
    pub log: LogConfig,
    /// Each `[[issuer]]`.
    pub issuers: Vec<Issuer>,
    /// Each `[[oidc]]`.
    pub providers: Vec<Provider>,
}

/// `[http]`: where the host listens and who speaks for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// `listen`, default 127.0.0.1:8080.
    pub listen: SocketAddr,
    /// `public_url`: scheme, host and port as users see them, without a slash at the end. `None`:
    /// the address that the host listens on.
    pub public_url: Option<String>,
    /// `management_listen`: where `/metrics` is answered. `None`: with everything else, when that
    /// is loopback.
    pub management_listen: Option<SocketAddr>,
    /// `trusted_proxies`: addresses or networks.
    pub trusted_proxies: Vec<IpNet>,
    /// `tls_certificate_file`: PEM, the host's certificate first. A relative path in the file
    /// begins at the file's folder.
    pub tls_certificate_file: Option<PathBuf>,
    /// `tls_key_file`: PEM. Present exactly when the certificate is.
    pub tls_key_file: Option<PathBuf>,
    /// `behind_tls_proxy`: plain HTTP is allowed on other addresses than loopback.
    pub behind_tls_proxy: bool,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            public_url: None,
            management_listen: None,
            trusted_proxies: Vec::new(),
            tls_certificate_file: None,
            tls_key_file: None,
            behind_tls_proxy: false,
        }
    }
}

/// `[store]`: where tokens and history are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The path in `url`, which is `sqlite:PATH`.
    sqlite: PathBuf,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { sqlite: DEFAULT_DATABASE.into() }
    }
}

impl StoreConfig {
    /// The database; a relative path begins at the data folder.
    #[must_use]
    pub fn file(&self, data: &Path) -> PathBuf {
        data.join(&self.sqlite)
    }
}

/// `[history]`: what is recorded when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// `audit`, default gathered.
    pub audit: Audit,
    /// `keep_days`, 1 to 36500: gathered uses of older days are removed, and their digests stay.
    /// `None`: they are kept for ever, as everything else in the history is.
    pub keep_days: Option<u32>,
}

/// When the use of a token becomes durable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Audit {
    /// Uses are gathered and stored together.
    #[default]
    Gathered,
    /// Each use is stored before its answer.
    Strict,
}

/// `[engine]`: what a decision may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineConfig {
    /// `maximum_memory_mib`, 4 to 16, default 16: memory of one instance, of which each thread that
    /// decides has one.
    pub maximum_memory_mib: u32,
    /// `deadline_millis`, 100 to 60000, default 1000: a call that takes longer is stopped, at the
    /// latest 200 milliseconds later.
    pub deadline: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            maximum_memory_mib: LARGEST_MEMORY_MIB,
            deadline: Duration::from_millis(DEFAULT_ENGINE_DEADLINE_MILLIS.into()),
        }
    }
}

/// `[log]`: what is told on standard error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogConfig {
    /// `format`, default text.
    pub format: LogFormat,
    /// `level`, default info.
    pub level: LogLevel,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object on each line.
    Json,
}

/// The least important messages that are logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the usual levels")]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// `[[issuer]]`: whose signed assertions are accepted, and for which organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// `issuer`: the claim `iss`, word for word.
    pub issuer: String,
    /// `org_id`: the organization that the issuer speaks for.
    pub org_id: OrgId,
    /// `certificate_file`, `public_key_file` or `jwks_url`.
    pub keys: IssuerKeys,
    /// `key_id`: the only `kid` that goes with the certificate or public key.
    pub key_id: Option<String>,
    /// `gives_roles`, default false: whether the claim `role` counts.
    pub gives_roles: bool,
    /// `links_by_user_name`, default false: whoever comes for the first time joins the account that
    /// has this user name already, where a directory or the operator added it.
    pub links_by_user_name: bool,
    /// `salesforce_org`: what the claim `org` must be, where `org_id` is another word.
    pub salesforce_org: Option<String>,
}

/// Where an issuer's public keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuerKeys {
    /// `certificate_file`: X.509 in PEM.
    CertificateFile(PathBuf),
    /// `public_key_file`: PEM.
    PublicKeyFile(PathBuf),
    /// A JSON Web Key Set.
    Jwks {
        /// `jwks_url`: https, or http on this machine.
        url: Url,
        /// `jwks_may_be_internal`: its host's name may lead to an internal address.
        may_be_internal: bool,
    },
}

/// `[[oidc]]`: an OpenID provider that signs people in to the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// `name`: the end of its routes, where there are several. At most one has none.
    pub name: Option<String>,
    /// `display_name`: on the page's button; the default is the issuer's host.
    pub display_name: String,
    /// `issuer`: https, or http on this machine. Its metadata lie below it (OpenID Connect
    /// Discovery 1.0 section 4).
    pub issuer: Url,
    /// `issuer` as it was written: compared word for word.
    pub issuer_text: String,
    /// `client_id`: how the provider knows this host.
    pub client_id: String,
    /// `client_secret_file`. `None`: a public client, which PKCE alone protects.
    pub client_secret_file: Option<PathBuf>,
    /// `scopes` beside `openid`, default `profile` and `email`.
    pub scopes: Vec<String>,
    /// `org_id`, or `organization_claim` with `organizations`.
    pub organizations: Organizations,
    /// `user_name_claim`, default `preferred_username`.
    pub user_name_claim: String,
    /// `role_claim` with `administrators`. `None`: the operator gives roles.
    pub roles: Option<Roles>,
    /// `links_by_user_name`, default false: as for an issuer.
    pub links_by_user_name: bool,
    /// `may_be_internal`, default false: its names may lead to internal addresses.
    pub may_be_internal: bool,
    /// `listed`, default true: whether the page offers it to everybody.
    pub listed: bool,
}

/// To which organization a provider's people belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Organizations {
    /// All to this one.
    One(OrgId),
    /// To the one that a claim's value stands for; with any other value nobody is let in.
    ByClaim {
        /// The claim: its name, or a JSON pointer (RFC 6901).
        claim: String,
        /// Values and organizations.
        organizations: Vec<(String, OrgId)>,
    },
}

/// Who is an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// A text or a list of them: the claim's name, or a JSON pointer (RFC 6901).
    pub claim: String,
    /// Whoever has one of these values is an administrator, and everybody else a user.
    pub administrators: Vec<String>,
}

/// Settings of the command line.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--listen`
    pub listen: Option<SocketAddr>,
}

/// All mistakes of a configuration; displayed one on each line, each a sentence with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

impl Config {
    /// Reads the configuration of a data folder, or of another file, for `exportgate serve`. The
    /// file in the data folder may be absent, a file that was named may not.
    ///
    /// # Errors
    /// [`ConfigErrors`] with all mistakes.
    pub fn load(
        data_dir: &Path,
        config_file: Option<&Path>,
        overrides: Overrides,
    ) -> Result<Self, ConfigErrors> {
        Self::load_with(data_dir, config_file, overrides, env::vars_os())
    }

    /// [`Config::load`] with another environment.
    ///
    /// # Errors
    /// [`ConfigErrors`] with all mistakes.
    pub fn load_with(
        data_dir: &Path,
        config_file: Option<&Path>,
        overrides: Overrides,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigErrors> {
        let mut sources = Sources::default();
        match config_file {
            Some(file) => sources.read_file(file, false),
            None => sources.read_file(&data_dir.join(CONFIG_NAME), true),
        }
        sources.read_environment(environment);
        if let Some(listen) = overrides.listen {
            sources.set_listen(listen);
        }
        let mut reader = Reader::new(sources);
        let config = Self::from_reader(&mut reader);
        config.check_together(&mut reader);
        reader.finish(config)
    }

    fn from_reader(reader: &mut Reader) -> Self {
        let default = Self::default();
        Self {
            http: Http {
                listen: reader.get("http.listen", values::address).unwrap_or(DEFAULT_LISTEN),
                public_url: reader.get("http.public_url", values::public_url),
                management_listen: reader.get("http.management_listen", values::address),
                trusted_proxies: reader
                    .get("http.trusted_proxies", values::networks)
                    .unwrap_or_default(),
                tls_certificate_file: reader.get_path("http.tls_certificate_file"),
                tls_key_file: reader.get_path("http.tls_key_file"),
                behind_tls_proxy: reader
                    .get("http.behind_tls_proxy", values::boolean)
                    .unwrap_or_default(),
            },
            store: reader
                .get("store.url", values::sqlite_path)
                .map_or(default.store, |sqlite| StoreConfig { sqlite }),
            history: History {
                audit: reader.get("history.audit", values::audit).unwrap_or_default(),
                keep_days: reader
                    .get("history.keep_days", |given| values::number(given, 1..=LONGEST_KEEP_DAYS)),
            },
            engine: EngineConfig {
                maximum_memory_mib: reader
                    .get("engine.maximum_memory_mib", |given| {
                        values::number(given, SMALLEST_MEMORY_MIB..=LARGEST_MEMORY_MIB)
                    })
                    .unwrap_or(default.engine.maximum_memory_mib),
                deadline: reader
                    .get("engine.deadline_millis", |given| values::number(given, 100..=60_000))
                    .map_or(default.engine.deadline, |n| Duration::from_millis(n.into())),
            },
            log: LogConfig {
                format: reader.get("log.format", values::log_format).unwrap_or_default(),
                level: reader.get("log.level", values::log_level).unwrap_or_default(),
            },
            issuers: Issuer::read_all(reader),
            providers: Provider::read_all(reader),
        }
    }

    /// Mistakes that no setting shows alone.
    fn check_together(&self, reader: &mut Reader) {
        let http = &self.http;
        let files = ["http.tls_certificate_file", "http.tls_key_file"];
        let [certificate, key] = files.map(|name| reader.is_given(name));
        if certificate != key {
            let [given, missing] = if certificate { files } else { [files[1], files[0]] };
            reader.refuse(given, &format!("`{missing}` is missing: TLS needs both files"));
        }
        // Management answers without TLS in any case.
        let public = (!certificate && !key).then_some(("http.listen", http.listen));
        let management = http.management_listen.map(|at| ("http.management_listen", at));
        for (name, address) in public.into_iter().chain(management) {
            if !address.ip().is_loopback() && !http.behind_tls_proxy {
                reader.refuse(
                    name,
                    &format!(
                        "`{address}` can be reached from other machines and would answer plain \
                         HTTP, so that secrets could be read on the way; set \
                         `http.tls_certificate_file` and `http.tls_key_file`, or \
                         `http.behind_tls_proxy = true` when a proxy in front of it does TLS"
                    ),
                );
            }
        }
        // An assertion names the address that it is meant for; nobody else can know another one.
        if http.public_url.is_none() && !http.listen.ip().is_loopback() {
            let mistakes = [
                (
                    self.issuers.is_empty(),
                    "it is missing: with an `[[issuer]]` it says which `aud` is this host's",
                ),
                (
                    self.providers.is_empty(),
                    "it is missing: with an `[[oidc]]` it says where the provider sends people \
                     back to",
                ),
            ];
            for (_, mistake) in mistakes.into_iter().filter(|(is_absent, _)| !is_absent) {
                reader.refuse("http.public_url", mistake);
            }
        }
        if http.management_listen.is_some_and(|at| at == http.listen && at.port() != 0) {
            reader.refuse(
                "http.management_listen",
                "it must be another address than `http.listen`; leave it out to answer on both",
            );
        }
    }
}

#[cfg(test)]
mod tests;
