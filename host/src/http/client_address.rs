//! From which address a client speaks, also through the proxies that the configuration trusts.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use super::caller::Caller;
use crate::app::App;

/// The header in which each proxy appends the address that it was called from.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The client: whoever opened the connection, or, where that is a trusted proxy, the address that
/// it names. Whoever is not trusted could name any.
#[must_use]
pub fn client(caller: Caller<'_>, app: &App) -> Option<IpAddr> {
    let peer = caller.peer_address()?;
    if !app.trusts(peer) {
        return Some(peer);
    }
    forwarded(caller.headers, |address| app.trusts(address)).or(Some(peer))
}

/// The client in `X-Forwarded-For`, for a caller whose word is taken.
///
/// Read from its end: the last address is what the caller itself saw, the one before it what a
/// trusted proxy in front of the caller saw. Those before the first untrusted one anybody can
/// write.
pub fn forwarded(headers: &HeaderMap, trusts: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
    let addresses = lines
        .flat_map(|line| line.to_str().unwrap_or_default().rsplit(','))
        .map_while(|text| parse(text.trim()));
    let mut nearest = None;
    for address in addresses {
        nearest = Some(address);
        if !trusts(address) {
            break;
        }
    }
    nearest
}

/// Some proxies write the client's port, too.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok();
    address
        .or_else(|| text.parse().ok().map(|with_port: SocketAddr| with_port.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(lines: &[&'static str], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let trusted: ipnet::IpNet = "10.0.0.0/8".parse().unwrap();
        let found = forwarded(&headers, |address| trusted.contains(&address));
        assert_eq!(found, expected.map(|address| address.parse().unwrap()), "{lines:?}");
    }

    #[test]
    fn the_last_address_that_is_no_trusted_proxy_is_the_client() {
        check(&["203.0.113.7"], Some("203.0.113.7"));
        check(&["198.51.100.1, 203.0.113.7"], Some("203.0.113.7"));
        check(&["198.51.100.1, 203.0.113.7, 10.0.0.2,10.0.0.3"], Some("203.0.113.7"));
        check(&["198.51.100.1", "203.0.113.7"], Some("203.0.113.7"));
        check(&["10.0.0.1, 10.0.0.2"], Some("10.0.0.1"));
    }

    #[test]
    fn addresses_are_read_in_every_notation_that_proxies_write() {
        check(&["203.0.113.7:4711"], Some("203.0.113.7"));
        check(&["2001:db8::1"], Some("2001:db8::1"));
        check(&["[2001:db8::1]"], Some("2001:db8::1"));
        check(&["[2001:db8::1]:4711"], Some("2001:db8::1"));
        check(&["::ffff:203.0.113.7"], Some("203.0.113.7"));
    }

    #[test]
    fn nothing_is_read_beyond_what_is_no_address() {
        check(&[], None);
        check(&["203.0.113.7, unknown"], None);
        check(&["203.0.113.7, unknown, 10.0.0.2"], Some("10.0.0.2"));
        check(&["203.0.113.7,"], None);
    }
}
