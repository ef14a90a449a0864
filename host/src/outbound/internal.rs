//! Which addresses are on the public Internet, and which are not.

use std::{net::IpAddr, sync::LazyLock};

use ipnet::IpNet;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// Leads a name to public addresses only, unless it may lead to others.
pub struct Resolver {
    pub may_be_internal: bool,
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

/// Whether a URL names an internal address itself, without any name.
pub fn is_internal_literal(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse().is_ok_and(is_internal)
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
}
