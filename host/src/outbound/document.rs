//! A document of another server, fetched when it is needed, within bounds of rate and age.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use parking_lot::RwLock;
use reqwest::Url;
use tokio::{sync::Mutex, task::JoinHandle};
use tracing::{info, warn};

use super::Web;

/// A document older than this is read again, while it goes on to be used.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// A document older than this is used no more: a key that its issuer took away must end, also
/// while the issuer cannot be reached.
const USABLE: Duration = Duration::from_secs(60 * 60);
/// So many fetches can follow each other at once: keys that change twice in a row are found.
const BURST: NonZeroU32 = NonZeroU32::new(3).unwrap();
/// From then on there is one fetch in this time.
const PERIOD: Duration = Duration::from_secs(20);

/// Reads what was fetched, or says why it is none of that.
type Read<T> = Box<dyn Fn(&[u8]) -> Result<T, &'static str> + Send + Sync>;

/// A document. However many need it again at once, they share one fetch.
pub struct Document<T> {
    what: &'static str,
    url: Url,
    web: Arc<Web>,
    read: Read<T>,
    cached: RwLock<Option<(Arc<T>, Instant)>>,
    fetching: Mutex<()>,
    n_attempts: AtomicU64,
    budget: DefaultDirectRateLimiter,
}

/// A document as it was last read.
pub struct Found<T> {
    /// What it says.
    pub value: Arc<T>,
    /// It is time to read it again.
    pub is_old: bool,
}

impl<T: Send + Sync + 'static> Document<T> {
    /// Nothing is fetched before somebody needs it. `what` is the document's name for the log.
    pub fn new(
        what: &'static str,
        url: Url,
        web: Arc<Web>,
        read: impl Fn(&[u8]) -> Result<T, &'static str> + Send + Sync + 'static,
    ) -> Self {
        let quota = Quota::with_period(PERIOD).unwrap_or(Quota::per_minute(BURST));
        Self {
            what,
            url,
            web,
            read: Box::new(read),
            cached: RwLock::default(),
            fetching: Mutex::default(),
            n_attempts: AtomicU64::default(),
            budget: RateLimiter::direct(quota.allow_burst(BURST)),
        }
    }

    /// Where it lies.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The document, fetched unless it is at hand.
    pub async fn get(self: &Arc<Self>) -> Option<Arc<T>> {
        let n_attempts = self.n_attempts();
        if let Some(found) = self.at_hand() {
            if found.is_old {
                drop(self.refreshing(n_attempts));
            }
            return Some(found.value);
        }
        let _ = self.refreshing(n_attempts).await;
        self.at_hand().map(|found| found.value)
    }

    /// The document, if it was read not too long ago.
    #[must_use]
    pub fn at_hand(&self) -> Option<Found<T>> {
        let cached = self.cached.read();
        let (value, fetched_at) = cached.as_ref()?;
        let age = fetched_at.elapsed();
        (age <= USABLE).then(|| Found { value: Arc::clone(value), is_old: age > FRESH })
    }

    /// How often it was tried: read before [`Self::at_hand`] and given to [`Self::refreshing`].
    #[must_use]
    pub fn n_attempts(&self) -> u64 {
        self.n_attempts.load(Ordering::SeqCst)
    }

    /// Fetches, unless somebody else did since `n_attempts` was read or the budget is used up. A
    /// task of its own: whoever asks and hangs up must not break off what others wait for.
    pub fn refreshing(self: &Arc<Self>, n_attempts: u64) -> JoinHandle<()> {
        let ours = Arc::clone(self);
        tokio::spawn(async move { ours.refresh(n_attempts).await })
    }

    async fn refresh(&self, n_attempts: u64) {
        let _alone = self.fetching.lock().await;
        if self.n_attempts() != n_attempts || self.budget.check().is_err() {
            return;
        }
        let (what, url) = (self.what, &self.url);
        match self.web.get(url).await.map(|text| (self.read)(&text)) {
            Ok(Ok(value)) => {
                info!(%url, "read {what}");
                *self.cached.write() = Some((Arc::new(value), Instant::now()));
            }
            Ok(Err(error)) => warn!(%url, error, "cannot read {what}"),
            Err(error) => warn!(%url, %error, "cannot read {what}"),
        }
        self.n_attempts.fetch_add(1, Ordering::SeqCst);
    }
}
