//! Hands requests to an axum router, which finds the [`Peer`](super::Peer) among a request's
//! extensions.

use std::convert::Infallible;

use axum::{Router, response::Response, routing::future::RouteFuture};
use http::Request;
use hyper::service::Service;

use super::RequestBody;

/// A router as the service of a listener.
#[derive(Clone)]
pub struct Routed(pub Router);

impl Service<Request<RequestBody>> for Routed {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn call(&self, mut request: Request<RequestBody>) -> Self::Future {
        let peer = request.body().peer();
        request.extensions_mut().insert(peer);
        // A router is always ready, and cloning it counts one reference.
        tower::Service::call(&mut self.0.clone(), request)
    }
}
