//! Knows how long a client may take and how much it may hold.

use std::time::Duration;

use ipnet::IpNet;

/// Times and amounts for all connections of one listener; [`Default`] is what production uses.
#[derive(Debug, Clone)]
pub struct Limits {
    /// From accept to the first byte; for TLS also to the end of the handshake.
    pub first_byte: Duration,
    /// From the first to the last byte of a request's head.
    pub head: Duration,
    /// Between an answer and the next request. Longer than the 60 s after which nginx gives up
    /// an idle upstream connection, so that the proxy closes first and never meets a closed one.
    pub idle: Duration,
    /// For a whole request body, counted from the first time that it had to be waited for.
    pub body: Duration,
    /// How long a client may leave an answer unread before the connection is dropped.
    pub unread_answer: Duration,
    /// How long what a client still sends is thrown away after an early answer, so that the
    /// answer arrives instead of a reset connection.
    pub linger: Duration,
    /// How many bytes are thrown away so.
    pub linger_bytes: u64,
    /// Request line and header fields together, in bytes.
    pub head_bytes: usize,
    /// Connections at one time.
    pub connections: usize,
    /// Connections at one time from one address (IPv6: from one /64 network). Does not count for
    /// loopback, where proxies of the same machine come from, nor for `trusted`.
    pub connections_per_address: usize,
    /// Networks without a limit per address: the trusted proxies.
    pub trusted: Vec<IpNet>,
    /// How long running requests may take to finish after a stop was asked for.
    pub stop: Duration,
    /// How often the certificate files are looked at.
    pub certificate_check: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(5),
            head: Duration::from_secs(5),
            idle: Duration::from_secs(75),
            // With the short linger after a late body, a slow client is gone after 10 s.
            body: Duration::from_secs(9),
            unread_answer: Duration::from_secs(20),
            linger: Duration::from_secs(5),
            linger_bytes: 16 * 1024 * 1024,
            head_bytes: 32 * 1024,
            connections: 8192,
            connections_per_address: 1024,
            trusted: Vec::new(),
            // The whole process has 10 s from SIGTERM to exit; history needs some of them.
            stop: Duration::from_secs(7),
            certificate_check: Duration::from_secs(2),
        }
    }
}
