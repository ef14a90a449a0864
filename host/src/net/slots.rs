//! Knows how many connections there are, in all and from each address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use super::Limits;

/// A client can take any address of its /64 network.
const IPV6_NETWORK_MASK: u128 = u128::MAX << 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    InAll,
    ForAddress,
}

#[derive(Debug, Default)]
struct Counts {
    in_all: usize,
    by_address: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
pub(super) struct Slots {
    counts: Mutex<Counts>,
    limits: Arc<Limits>,
}

/// The right of one connection to exist; given back on drop.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    counted_as: Option<IpAddr>,
}

impl Slots {
    pub(super) fn new(limits: Arc<Limits>) -> Arc<Self> {
        Arc::new(Self { counts: Mutex::default(), limits })
    }

    pub(super) fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Slot, Full> {
        let counted_as = address.and_then(|address| self.counted_as(address));
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.in_all >= self.limits.connections {
            return Err(Full::InAll);
        }
        if let Some(address) = counted_as {
            let n = counts.by_address.entry(address).or_insert(0);
            if *n >= self.limits.connections_per_address {
                return Err(Full::ForAddress);
            }
            *n += 1;
        }
        counts.in_all += 1;
        Ok(Slot { slots: Arc::clone(self), counted_as })
    }

    fn counted_as(&self, address: IpAddr) -> Option<IpAddr> {
        let address = address.to_canonical();
        if address.is_loopback() || self.limits.trusted.iter().any(|net| net.contains(&address)) {
            return None;
        }
        Some(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & IPV6_NETWORK_MASK).into(),
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.slots.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.in_all = counts.in_all.saturating_sub(1);
        let Some(address) = self.counted_as else { return };
        if let Some(n) = counts.by_address.get_mut(&address) {
            *n = n.saturating_sub(1);
            if *n == 0 {
                counts.by_address.remove(&address);
            }
        }
    }
}
