//! What every use case works with: store, memory, engine, clock.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use exportgate_core::{checkpoint::CheckpointKey, wire::OwnerRecord};
use tracing::info;

use crate::{
    assertion::{IssuerError, Issuers},
    checkpoint_key::{self, KeyError},
    clock::{Clock, ClockError},
    config::{Audit, Config},
    cursor::CursorKey,
    directory::Directory,
    engine::{Engine, EngineError},
    index::Index,
    limiter::Limiter,
    metrics::Metrics,
    oidc::{ProviderError, Providers},
    origin::OwnOrigin,
    rollback::{self, RollbackError},
    session::Sessions,
    store::{
        KnownInstants, OpenError, Store, StoreError, StoredService, StoredSession, StoredUser,
        removed_users,
    },
    uses::Uses,
};

/// The host's state. Everything in memory follows what is committed in `store`.
pub struct App {
    /// Durable state.
    pub store: Store,
    /// Tokens by digest.
    pub index: Arc<Index>,
    /// People and export services.
    pub directory: Arc<Directory>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Open minutes of use.
    pub uses: Arc<Uses>,
    /// Decides.
    pub engine: Engine,
    /// Tells the time.
    pub clock: Clock,
    /// Counts.
    pub metrics: Metrics,
    /// Whose signed assertions are accepted.
    pub issuers: Issuers,
    /// Who signs people in.
    pub providers: Providers,
    /// Counts failed attempts.
    pub limiter: Limiter,
    /// Seals cursors.
    pub cursors: CursorKey,
    /// Signs checkpoints of the history.
    pub checkpoint_key: CheckpointKey,
    /// How the host is reached, without a slash at the end.
    pub public_url: String,
    /// The origin of the host's own pages.
    pub own_origin: OwnOrigin,
    /// Whether each use is committed before its answer.
    pub audit: Audit,
    /// For how many days gathered uses are kept; `None`: for ever.
    pub keep_days: Option<u32>,
    /// Proxies whose word on client addresses is taken, and who may ask without a service key.
    pub trusted_proxies: Vec<ipnet::IpNet>,
}

/// Why the host cannot start.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum StartError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error("the engine cannot start: {0}")]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Rollback(RollbackError),
    #[error(transparent)]
    Clock(#[from] ClockError),
}

/// What the operator accepts at this start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Accept {
    /// That the database is older than one that was served before.
    pub rollback: bool,
    /// That the machine's clock is right, however far ahead it is.
    pub clock: bool,
}

impl App {
    /// Opens the store, loads into memory what validation needs, and the key in the folder `data`.
    ///
    /// # Errors
    /// [`StartError`] with a sentence for the operator.
    pub fn start(
        config: &Config,
        database: PathBuf,
        public_url: String,
        clock: Clock,
        data: &Path,
        accept: Accept,
    ) -> Result<Self, StartError> {
        let issuers = Issuers::load(&config.issuers)?;
        let providers = Providers::load(&config.providers, &public_url)?;
        let engine = Engine::within(&config.engine)?;
        let metrics = Metrics::default();
        let file = database.clone();
        let store = Store::open(database, engine.sha256(), metrics.clone())?;
        let of_store = |error: StoreError| match error {
            StoreError::Sqlite(source) => StartError::Open(OpenError::from_sqlite(&file, source)),
            error => error.into(),
        };
        let known = store.read_blocking(KnownInstants::read).map_err(of_store)?;
        let clock = clock.keep(data, &known, accept.clock)?;
        // Before anything is in memory: what must not live is revoked by then.
        let witness = rollback::judge(&store, &engine, data, accept.rollback, clock.now());
        let witness = witness.map_err(|error| match error {
            RollbackError::Store(error) => of_store(error),
            error => StartError::Rollback(error),
        })?;
        let directory = Arc::new(Directory::default());
        let index = Arc::new(Index::default());
        let sessions = Arc::new(Sessions::default());
        let loaded = {
            let (directory, index) = (Arc::clone(&directory), Arc::clone(&index));
            let sessions = Arc::clone(&sessions);
            store.read_blocking(move |connection| {
                let removed = removed_users(connection)?;
                // The name of somebody who was removed may be another's: theirs is forgotten
                // before the others come.
                for user_seq in &removed {
                    if let Some(user) = StoredUser::of_row(connection, *user_seq)? {
                        directory.insert_user(user);
                        directory.remove_user(*user_seq);
                    }
                }
                StoredUser::for_each(connection, |user| {
                    if !removed.contains(&user.user_seq) {
                        directory.insert_user(user);
                    }
                })?;
                for service in StoredService::all(connection)? {
                    directory.insert_service(&service);
                }
                for session in StoredSession::all(connection)? {
                    if let Some(user) = directory.user(session.user_seq) {
                        sessions.insert(session, user, None);
                    }
                }
                index.load(connection, &directory)?;
                CursorKey::read(connection)
            })
        };
        let cursors = loaded.map_err(of_store)?;
        // After the database: a folder that cannot be used is left as it was found.
        let checkpoint_key = checkpoint_key::load_or_make(data)?;
        store.watch(witness, clock.clone())?;
        metrics.tokens(index.len());
        info!(n_tokens = index.len(), engine = engine.sha256(), "loaded");
        Ok(Self {
            store,
            index,
            directory,
            sessions,
            uses: Arc::default(),
            engine,
            clock,
            metrics,
            issuers,
            providers,
            limiter: Limiter::default(),
            cursors,
            checkpoint_key,
            own_origin: OwnOrigin::new(config.http.public_url.as_deref(), &public_url),
            public_url,
            audit: config.history.audit,
            keep_days: config.history.keep_days,
            trusted_proxies: config.http.trusted_proxies.clone(),
        })
    }

    /// Whether a peer is a proxy on a trusted address.
    #[must_use]
    pub fn trusts(&self, address: std::net::IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(&address))
    }
}

/// A user as documents for the engine name one.
#[must_use]
pub fn owner_record(user: &crate::directory::User) -> OwnerRecord {
    OwnerRecord::from(&*user.owner())
}
