//! An issuer's key set, fetched when it is needed, within bounds of rate, size and time.
//!
//! A known key is used at once. After [`FRESH`] the set is read again in the background; after
//! [`USABLE`] without success it is trusted no more. An unknown `kid` fetches, at most as often as
//! [`BURST`] and [`PERIOD`] allow, however many ask: everybody who waits shares one fetch.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use jsonwebtoken::Algorithm;
use parking_lot::RwLock;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use serde::Deserialize;
use tokio::{sync::Mutex, task::JoinHandle};
use tracing::{info, warn};

use super::{
    Refusal,
    keys::{Jwk, PublicKey},
};

/// A set older than this is read again, while its keys go on to be used.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// A set older than this is used no more: a key that its issuer took away must end, also while
/// the issuer cannot be reached.
const USABLE: Duration = Duration::from_secs(60 * 60);
/// So many fetches can follow each other at once: keys that change twice in a row are found.
const BURST: NonZeroU32 = NonZeroU32::new(3).unwrap();
/// From then on there is one fetch in this time.
const PERIOD: Duration = Duration::from_secs(20);
/// A whole fetch takes at most this long.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest set. Those of large providers have 20 KiB.
const MAXIMUM_BYTES: usize = 256 * 1024;
/// The most keys of a set that are used.
const MAXIMUM_KEYS: usize = 100;

/// An issuer's key set.
pub struct Jwks {
    url: Url,
    client: reqwest::Client,
    cached: RwLock<Option<Cached>>,
    fetching: Mutex<()>,
    n_attempts: AtomicU64,
    budget: DefaultDirectRateLimiter,
}

struct Cached {
    keys: Vec<SetKey>,
    fetched_at: Instant,
}

struct SetKey {
    kid: Option<String>,
    algorithm: Option<String>,
    key: PublicKey,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// Why a set was not read. What the other side wrote is not repeated.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("{0}")]
    Network(reqwest::Error),
    #[error("it answered {0}")]
    Status(u16),
    #[error("it is longer than {MAXIMUM_BYTES} bytes")]
    TooLong,
    #[error("it is no key set")]
    NoSet,
}

impl Jwks {
    /// Nothing is fetched before somebody needs a key.
    ///
    /// # Errors
    /// When no connection can be prepared, for instance without certificates on this machine.
    pub fn new(url: Url, may_be_internal: bool) -> Result<Self, reqwest::Error> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let may_be_internal = may_be_internal || is_local_name(&url);
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            // A proxy would resolve the name by itself.
            .no_proxy()
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(1)
            .dns_resolver(Arc::new(Resolver { may_be_internal }))
            .user_agent(concat!("exportgate/", env!("CARGO_PKG_VERSION")));
        if url.scheme() == "http" {
            builder = builder.tls_certs_only([]);
        }
        let budget = RateLimiter::direct(quota());
        Ok(Self {
            url,
            client: builder.build()?,
            cached: RwLock::default(),
            fetching: Mutex::default(),
            n_attempts: AtomicU64::default(),
            budget,
        })
    }

    /// The key for a signature.
    ///
    /// # Errors
    /// [`Refusal::KeyUnknown`], [`Refusal::KeysUnavailable`] or [`Refusal::AlgorithmWrong`].
    pub async fn find(
        self: &Arc<Self>,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<PublicKey, Refusal> {
        let n_attempts = self.n_attempts.load(Ordering::SeqCst);
        match self.cached(kid, algorithm) {
            Ok(found) => {
                if found.is_old {
                    drop(self.refreshing(n_attempts));
                }
                return Ok(found.key);
            }
            Err(Refusal::AlgorithmWrong) => return Err(Refusal::AlgorithmWrong),
            Err(_) => {}
        }
        let _ = self.refreshing(n_attempts).await;
        self.cached(kid, algorithm).map(|found| found.key)
    }

    /// A task of its own: whoever asks and hangs up must not break off what others wait for.
    fn refreshing(self: &Arc<Self>, n_attempts: u64) -> JoinHandle<()> {
        let ours = Arc::clone(self);
        tokio::spawn(async move { ours.refresh(n_attempts).await })
    }

    fn cached(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<Found, Refusal> {
        let cached = self.cached.read();
        let set = cached.as_ref().ok_or(Refusal::KeysUnavailable)?;
        let age = set.fetched_at.elapsed();
        if age > USABLE {
            return Err(Refusal::KeysUnavailable);
        }
        // `Debug` writes the names of RFC 7518.
        let name = format!("{algorithm:?}");
        let fits = |key: &SetKey| {
            key.key.fits(algorithm) && key.algorithm.as_ref().is_none_or(|only| *only == name)
        };
        let found = match kid {
            Some(kid) => {
                let named: Vec<_> =
                    set.keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).collect();
                if named.is_empty() {
                    return Err(Refusal::KeyUnknown);
                }
                named.into_iter().find(|key| fits(key)).ok_or(Refusal::AlgorithmWrong)?
            }
            None => {
                let mut fitting = set.keys.iter().filter(|key| fits(key));
                // Without a name the key must be the only one that is meant.
                match (fitting.next(), fitting.next()) {
                    (Some(only), None) => only,
                    _ => return Err(Refusal::KeyUnknown),
                }
            }
        };
        Ok(Found { key: found.key.clone(), is_old: age > FRESH })
    }

    /// Fetches, unless somebody else did since `n_attempts` was read or the budget is used up.
    async fn refresh(&self, n_attempts: u64) {
        let _alone = self.fetching.lock().await;
        if self.n_attempts.load(Ordering::SeqCst) != n_attempts || self.budget.check().is_err() {
            return;
        }
        let fetched = self.fetch().await;
        match fetched {
            Ok(keys) => {
                info!(url = %self.url, n_keys = keys.len(), "read an issuer's keys");
                *self.cached.write() = Some(Cached { keys, fetched_at: Instant::now() });
            }
            Err(error) => warn!(url = %self.url, %error, "an issuer's keys cannot be read"),
        }
        self.n_attempts.fetch_add(1, Ordering::SeqCst);
    }

    async fn fetch(&self) -> Result<Vec<SetKey>, FetchError> {
        let request = self.client.get(self.url.clone()).send();
        let mut response =
            request.await.map_err(|error| FetchError::Network(error.without_url()))?;
        if response.status() != http::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        let broken = |error: reqwest::Error| FetchError::Network(error.without_url());
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > MAXIMUM_BYTES {
                return Err(FetchError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        read_set(&body).ok_or(FetchError::NoSet)
    }
}

struct Found {
    key: PublicKey,
    is_old: bool,
}

fn quota() -> Quota {
    let quota = Quota::with_period(PERIOD).unwrap_or(Quota::per_minute(BURST));
    quota.allow_burst(BURST)
}

/// Keys of other kinds are passed over, as RFC 7517 section 5 asks for.
fn read_set(body: &[u8]) -> Option<Vec<SetKey>> {
    let set: KeySet = serde_json::from_slice(body).ok()?;
    let keys = set.keys.into_iter().filter_map(|key| {
        let jwk: Jwk = serde_json::from_value(key).ok()?;
        let key = jwk.public_key()?;
        Some(SetKey { algorithm: jwk.algorithm().map(str::to_owned), kid: jwk.kid, key })
    });
    Some(keys.take(MAXIMUM_KEYS).collect())
}

fn is_local_name(url: &Url) -> bool {
    url.host_str() == Some("localhost")
}

/// Leads a name to public addresses only: whoever controls a name must not be able to make this
/// host speak to its own network. An address that stands in the URL is the operator's own word.
struct Resolver {
    may_be_internal: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let may_be_internal = self.may_be_internal;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> =
                found.filter(|address| may_be_internal || !is_internal(address.ip())).collect();
            if allowed.is_empty() {
                return Err("the name leads to internal addresses only".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// IANA's special-purpose addresses: what is not on the public Internet, and what wraps such an
/// address (NAT64, 6to4, Teredo).
static INTERNAL: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    const NETWORKS: &[&str] = &[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/32",
        "2001:db8::/32",
        "2002::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    ];
    NETWORKS.iter().filter_map(|network| network.parse().ok()).collect()
});

fn is_internal(address: IpAddr) -> bool {
    let address = address.to_canonical();
    INTERNAL.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_addresses_are_told_from_public_ones() {
        for internal in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert!(is_internal(internal.parse().unwrap()), "{internal}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"] {
            assert!(!is_internal(public.parse().unwrap()), "{public}");
        }
        assert_eq!(INTERNAL.len(), 24, "each of them is a network");
    }

    #[tokio::test]
    async fn a_name_leads_to_an_internal_address_only_where_that_is_allowed() {
        let resolve = async |may_be_internal| {
            let name = "localhost".parse().unwrap();
            Resolver { may_be_internal }.resolve(name).await.is_ok()
        };
        assert!(resolve(true).await);
        assert!(!resolve(false).await);
    }

    #[test]
    fn a_set_keeps_the_keys_that_can_be_used() {
        let point = "A".repeat(43);
        let set = serde_json::json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "x": point, "kid": "ed" },
            { "kty": "EC", "crv": "P-256", "x": point, "y": point, "alg": "ES256" },
            { "kty": "RSA", "n": "A".repeat(400), "e": "AQAB", "use": "sig", "kid": "../../x" },
            { "kty": "RSA", "n": "A".repeat(171), "e": "AQAB" },
            { "kty": "RSA", "n": "A".repeat(400), "e": "AQAB", "use": "enc" },
            { "kty": "EC", "crv": "P-384", "x": point, "y": point },
            { "kty": "oct", "k": "AAAA" },
            { "kty": 7 },
            "key",
        ]});
        let keys = read_set(set.to_string().as_bytes()).unwrap();
        let kids: Vec<_> = keys.iter().map(|key| key.kid.as_deref()).collect();
        assert_eq!(kids, [Some("ed"), None, Some("../../x")]);
        for garbage in ["", "[]", "{}", "{\"keys\": 1}", "<html>"] {
            assert!(read_set(garbage.as_bytes()).is_none(), "{garbage}");
        }
    }
}
