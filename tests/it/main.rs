//! Behaviour seen from outside, one module per feature.

mod contract;
mod proxies;
