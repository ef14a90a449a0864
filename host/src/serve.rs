//! A running host: listeners, the clockwork beside them, and their orderly end.

use std::{net::SocketAddr, path::Path, sync::Arc};

use exportgate_core::{id::OrgId, name::Name, user::Role};
use tokio::{
    runtime::{Handle, Runtime},
    task::JoinHandle,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{info, warn};

use crate::{
    app::{Accept, App, StartError},
    cli::socket::SocketPath,
    clock::{Clock, until_next_second},
    config::Config,
    data, http,
    net::{self, Limits, ListenError, Listener, Tls, TlsError},
    usecase::{
        Failure,
        close_minutes::close_minutes,
        expire_tokens::expire_tokens,
        issue_sign_in_code::{SignInCode, issue_sign_in_code},
        manage_users::add_user,
        prove_history::keep_checkpoints,
        seal_history::seal_history,
        sign_in::keep_sessions,
    },
};

/// The first administrator's name.
pub const FIRST_ADMINISTRATOR: &str = "admin";

/// In so many seconds, from the first on, sessions and checkpoints are stored, old uses removed and
/// quiet addresses forgotten.
const SECS_PER_ROUND: u32 = 60;

/// Why the host cannot start, in sentences for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum ServeError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("{settings}: {cause}")]
    Tls { settings: &'static str, cause: Box<TlsError> },
    #[error("the local socket cannot be made: {0}")]
    Socket(std::io::Error),
    #[error("the first administrator cannot be added: {0:?}")]
    FirstAdministrator(Failure),
}

/// A host that answers.
pub struct Running {
    /// Its state.
    pub app: Arc<App>,
    /// Where it listens, as in `http://127.0.0.1:8080`.
    pub url: String,
    /// On the first start: how the first administrator signs in.
    pub first_sign_in: Option<SignInCode>,
    shutdown: CancellationToken,
    /// Whoever drops a host has it stop: its runtime waits for the clockwork's thread.
    _guard: DropGuard,
    listeners: Vec<JoinHandle<()>>,
    clockwork: JoinHandle<()>,
}

impl Running {
    /// Starts the host on a prepared data folder that nobody else holds.
    ///
    /// # Errors
    /// [`ServeError`] with a sentence for the operator.
    pub async fn start(
        data: &Path,
        config: &Config,
        clock: Clock,
        accept: Accept,
    ) -> Result<Self, ServeError> {
        let listener = listen(config)?;
        let address = listener.local_address().unwrap_or(config.http.listen);
        let url = format!("{}://{address}", listener.scheme());
        let public_url = config.http.public_url.clone().unwrap_or_else(|| url.clone());
        let database = config.store.file(data);
        let app = Arc::new(App::start(config, database, public_url, clock, data, accept)?);
        let first_sign_in =
            first_administrator(&app).await.map_err(ServeError::FirstAdministrator)?;

        let shutdown = CancellationToken::new();
        let limits =
            || Limits { trusted: config.http.trusted_proxies.clone(), ..Limits::default() };
        let management = config.http.management_listen;
        let with_metrics = management.is_none() && address.ip().is_loopback();
        let socket = SocketPath::of(data).map_err(ServeError::Socket)?;
        let mut listeners = vec![
            net::serve(listener, http::public(&app, with_metrics), limits(), shutdown.clone()),
            net::serve(
                Listener::unix(socket.path())?,
                http::local(&app),
                limits(),
                shutdown.clone(),
            ),
        ];
        if let Some(management) = management {
            let router = http::management(&app);
            let listener = Listener::tcp(management)?;
            listeners.push(net::serve(listener, router, limits(), shutdown.clone()));
        }
        // On a thread of its own: to close a minute takes milliseconds, for which no request is to
        // wait, and some memory, which stays where it was used.
        let (runtime, ticking) = (Handle::current(), clockwork(Arc::clone(&app), shutdown.clone()));
        let clockwork = tokio::task::spawn_blocking(move || runtime.block_on(ticking));
        info!(url, "ready");
        let guard = shutdown.clone().drop_guard();
        Ok(Self { app, url, first_sign_in, shutdown, _guard: guard, listeners, clockwork })
    }

    /// Stops accepting, finishes what runs, closes minutes and the store.
    pub async fn stop(self) {
        self.shutdown.cancel();
        for listener in self.listeners {
            let _ = listener.await;
        }
        let _ = self.clockwork.await;
        close_minutes(&self.app, None).await;
        if let Err(error) = keep_sessions(&self.app).await {
            warn!(?error, "sessions could not be stored");
        }
        if let Err(error) = keep_checkpoints(&self.app).await {
            warn!(?error, "checkpoints could not be stored");
        }
        // The last instants that were told are marked.
        self.app.clock.watch();
        // The last owner's end closes the store, which may have to wait for the disk.
        let _ = tokio::task::spawn_blocking(move || drop(self.app)).await;
    }
}

/// The runtime of everything that listens: a thread for each core.
///
/// # Errors
/// The system gives no thread.
pub fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn listen(config: &Config) -> Result<Listener, ServeError> {
    let address: SocketAddr = config.http.listen;
    Ok(match tls(config)? {
        Some(tls) => Listener::tcp_tls(address, tls)?,
        None => Listener::tcp(address)?,
    })
}

/// Reads the certificate and the key that the configuration names, if it names any.
///
/// # Errors
/// [`ServeError::Tls`] with the settings that name what cannot be used.
pub fn tls(config: &Config) -> Result<Option<Tls>, ServeError> {
    let files = (&config.http.tls_certificate_file, &config.http.tls_key_file);
    let (Some(certificate), Some(key)) = files else { return Ok(None) };
    let named = |cause: TlsError| {
        let settings = match &cause {
            TlsError::Unreadable { path, .. } if path == certificate => {
                "`http.tls_certificate_file`"
            }
            TlsError::NoCertificate { .. } => "`http.tls_certificate_file`",
            TlsError::Unreadable { .. } | TlsError::NoKey { .. } => "`http.tls_key_file`",
            TlsError::Unusable { .. } => "`http.tls_certificate_file` and `http.tls_key_file`",
        };
        ServeError::Tls { settings, cause: Box::new(cause) }
    };
    Tls::load(certificate, key).map(Some).map_err(named)
}

/// On the first start nobody could sign in: the first administrator is made, with a code.
async fn first_administrator(app: &App) -> Result<Option<SignInCode>, Failure> {
    if !app.directory.users(None).is_empty() {
        return Ok(None);
    }
    let words =
        OrgId::parse(data::DEFAULT_ORGANIZATION).ok().zip(Name::parse(FIRST_ADMINISTRATOR).ok());
    let Some((org_id, user_name)) = words else { return Ok(None) };
    add_user(app, org_id.clone(), user_name.clone(), None, None, Role::Administrator).await?;
    issue_sign_in_code(app, &org_id, &user_name).await.map(Some)
}

async fn clockwork(app: Arc<App>, shutdown: CancellationToken) {
    for second in 1_u32.. {
        app.metrics.clock(app.clock.watch());
        close_minutes(&app, Some(app.clock.now())).await;
        if let Err(error) = expire_tokens(&app).await {
            warn!(?error, "the history could not tell of expired tokens yet");
        }
        if second % SECS_PER_ROUND == 1 {
            app.limiter.forget_quiet();
            if let Err(error) = keep_sessions(&app).await {
                warn!(?error, "sessions could not be stored yet");
            }
            if let Err(error) = seal_history(&app).await {
                warn!(?error, "old uses could not be removed yet");
            }
            if let Err(error) = keep_checkpoints(&app).await {
                warn!(?error, "checkpoints could not be stored yet");
            }
        }
        // Minutes and expiries end with a second. Whoever looks right then keeps few uses of two
        // minutes in memory, and tells the history of an end at once.
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(until_next_second()) => {}
        }
    }
}
