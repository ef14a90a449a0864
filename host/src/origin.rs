//! Which `Origin` the host's own pages have, and how an origin is written (RFC 6454).

use http::Uri;

/// The port that an address of this scheme has without saying so; `None`: we do not speak it.
#[must_use]
pub fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// An origin as browsers write it: in lower case, and without the scheme's own port.
#[must_use]
pub fn written(scheme: &str, host: &str, port: Option<u16>) -> String {
    let host = host.to_lowercase();
    match port.filter(|port| Some(*port) != default_port(scheme)) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

/// Reads an origin in any notation and writes it in the one; `None` for what is no origin.
fn normalised(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    default_port(scheme)?;
    let port = authority.as_str().strip_prefix(authority.host())?;
    let port = match port.strip_prefix(':') {
        Some(port) => Some(port.parse().ok()?),
        None => None,
    };
    let is_bare = uri.path() == "/" && uri.query().is_none();
    is_bare.then(|| written(scheme, authority.host(), port))
}

/// The origin of the host's own pages.
#[derive(Debug, Clone)]
pub struct OwnOrigin {
    origin: String,
    scheme: String,
    /// Nobody said under which name browsers know the host.
    any_name: bool,
}

impl OwnOrigin {
    /// Knows the configured public URL, or else where the host listens.
    #[must_use]
    pub fn new(public_url: Option<&str>, listening_at: &str) -> Self {
        let url = public_url.unwrap_or(listening_at);
        let origin = normalised(url).unwrap_or_else(|| url.to_owned());
        let scheme = origin.split("://").next().unwrap_or_default().to_owned();
        Self { origin, scheme, any_name: public_url.is_none() }
    }

    /// Whether a request with this `Origin` and this `Host` comes from a page of the host.
    ///
    /// `Host` counts only where no public URL is configured, and only as an address or
    /// `localhost`: whoever makes a foreign name point to this machine chooses that name, too.
    #[must_use]
    pub fn is(&self, origin: &str, host: Option<&str>) -> bool {
        let Some(origin) = normalised(origin) else { return false };
        let as_addressed = host
            .filter(|host| self.any_name && is_nobodys_name(host))
            .map(|host| format!("{}://{host}", self.scheme));
        origin == self.origin || as_addressed.and_then(|it| normalised(&it)) == Some(origin)
    }
}

/// Whether `authority` is `localhost` or an IP address, with or without a port: what no DNS server
/// can point elsewhere.
fn is_nobodys_name(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<http::uri::Authority>() else { return false };
    let host = authority.host();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || address.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_notation() {
        for (given, expected) in [
            ("HTTPS://Gate.Example:443", Some("https://gate.example")),
            ("http://gate.example:80/", Some("http://gate.example")),
            ("http://gate.example:443", Some("http://gate.example:443")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("null", None),
            ("", None),
            ("ftp://gate.example", None),
            ("http://me@gate.example", None),
            ("http://gate.example:", None),
            ("http://gate.example/path", None),
            ("http://gate.example?query", None),
        ] {
            assert_eq!(normalised(given).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn a_configured_public_url_is_the_only_origin() {
        let own = OwnOrigin::new(Some("https://gate.example"), "http://127.0.0.1:8080");
        assert!(own.is("https://gate.example", None));
        assert!(own.is("https://gate.example:443", Some("10.0.0.1:8080")));
        for (origin, host) in [
            ("http://gate.example", "gate.example"),
            ("https://gate.example:8443", "gate.example:8443"),
            ("https://evil.example", "evil.example"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ] {
            assert!(!own.is(origin, Some(host)), "{origin}");
        }
    }

    #[test]
    fn without_a_public_url_the_address_in_the_request_counts_with_the_listeners_scheme() {
        let own = OwnOrigin::new(None, "http://127.0.0.1:8080");
        assert!(own.is("http://127.0.0.1:8080", None));
        assert!(own.is("http://localhost:8080", Some("localhost:8080")));
        assert!(own.is("http://192.0.2.7", Some("192.0.2.7:80")));
        assert!(own.is("http://[::1]:8080", Some("[::1]:8080")));
        assert!(!own.is("http://evil.example", Some("evil.example")));
        assert!(!own.is("https://127.0.0.1:8080", Some("127.0.0.1:8080")));
        assert!(!own.is("http://localhost:8080", Some("localhost:8081")));
        assert!(!own.is("http://evil.example", Some("127.0.0.1:8080")));
        assert!(!own.is("http://localhost:8080", None));
    }
}
