//! What a request tells of whoever sends it, before anything is believed.

use std::net::IpAddr;

use http::{HeaderMap, Method, Request, request::Parts};

use crate::net::{Peer, RequestBody};

/// Method, headers, and the other end of the connection.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// The method.
    pub method: &'a Method,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The other end of the connection.
    pub peer: Option<Peer>,
}

impl Caller<'_> {
    /// Whoever opened the connection; `None` on the local socket.
    #[must_use]
    pub fn peer_address(&self) -> Option<IpAddr> {
        self.peer.and_then(|peer| peer.address).map(|address| address.ip())
    }

    /// Whether the connection came through the socket of the data folder.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.peer.is_some_and(|peer| peer.local_socket)
    }
}

impl<'a> From<&'a Parts> for Caller<'a> {
    fn from(parts: &'a Parts) -> Self {
        let peer = parts.extensions.get::<Peer>().copied();
        Self { method: &parts.method, headers: &parts.headers, peer }
    }
}

impl<'a> From<&'a Request<RequestBody>> for Caller<'a> {
    fn from(request: &'a Request<RequestBody>) -> Self {
        let peer = Some(request.body().peer());
        Self { method: request.method(), headers: request.headers(), peer }
    }
}
