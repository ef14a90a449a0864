//! Knows what a good value of each setting looks like, and how to say what is wrong with another.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use exportgate_core::id::OrgId;
use http::Uri;
use ipnet::IpNet;
use reqwest::Url;

use super::source::Given;
use super::{Audit, LogFormat, LogLevel};
use crate::origin;

type Parsed<T> = Result<T, String>;

fn text(given: &Given) -> Parsed<&str> {
    match given {
        Given::Text(text) => Ok(text),
        other => Err(format!("{} is not text in quotes", describe(other))),
    }
}

fn describe(given: &Given) -> String {
    match given {
        Given::Text(text) => format!("`{text}`"),
        Given::Boolean(value) => format!("`{value}`"),
        Given::Number(value) => format!("`{value}`"),
        Given::List(_) => "a list".to_owned(),
        Given::Table(_) => "a table".to_owned(),
        Given::Other(kind) => (*kind).to_owned(),
    }
}

pub(super) fn boolean(given: &Given) -> Parsed<bool> {
    match given {
        Given::Boolean(value) => Ok(*value),
        other => Err(format!("{} is neither `true` nor `false`", describe(other))),
    }
}

pub(super) fn number(given: &Given, allowed: RangeInclusive<u32>) -> Parsed<u32> {
    let number = match given {
        Given::Number(number) => u32::try_from(*number).ok(),
        _ => None,
    };
    number.filter(|number| allowed.contains(number)).ok_or_else(|| {
        let (low, high) = allowed.into_inner();
        format!("{} is not a whole number from {low} to {high}", describe(given))
    })
}

pub(super) fn file_name(given: &Given) -> Parsed<String> {
    match text(given)? {
        "" => Err("a path cannot be empty".to_owned()),
        path => Ok(path.to_owned()),
    }
}

pub(super) fn address(given: &Given) -> Parsed<SocketAddr> {
    let text = text(given)?;
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    local
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .or_else(|| text.parse().ok())
        .ok_or_else(|| format!("`{text}` is not an address with a port, such as `127.0.0.1:8080`"))
}

pub(super) fn networks(given: &Given) -> Parsed<Vec<IpNet>> {
    let Given::List(items) = given else {
        return Err(format!(
            "{} is not a list of addresses and networks, such as `[\"10.0.0.0/8\", \"::1\"]`",
            describe(given)
        ));
    };
    items.iter().map(network).collect()
}

fn network(given: &Given) -> Parsed<IpNet> {
    let text = text(given)?;
    let address = text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
    let network = address.or_else(|_| text.parse::<IpNet>()).map_err(|_| {
        format!("`{text}` is neither an address nor a network, such as `10.0.0.0/8`")
    })?;
    if network.trunc() == network {
        Ok(network)
    } else {
        // Somebody meant either one address or the whole network; trust is not guessed.
        let (address, whole) = (network.addr(), network.trunc());
        Err(format!("`{text}` is an address inside a network: write `{address}` or `{whole}`"))
    }
}

/// Scheme, host and port only, in the form in which browsers send an `Origin`.
pub(super) fn public_url(given: &Given) -> Parsed<String> {
    let text = text(given)?;
    let wrong = |what: &str| format!("`{text}` {what}; write it like `https://tokens.example.com`");
    // `Uri` forgets fragments.
    if text.contains('#') {
        return Err(wrong("has a fragment"));
    }
    let uri: Uri = text.parse().map_err(|_| wrong("is not a URL"))?;
    let scheme = uri.scheme_str().unwrap_or_default();
    if origin::default_port(scheme).is_none() {
        return Err(wrong("is not an http or https URL"));
    }
    let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
    if authority.host().is_empty() {
        return Err(wrong("names no host"));
    }
    if authority.as_str().contains('@') {
        return Err(wrong("has a user name"));
    }
    if !uri.path().trim_end_matches('/').is_empty() || uri.query().is_some() {
        return Err(wrong("has a path or a query"));
    }
    let has_port = authority.as_str().len() > authority.host().len();
    match authority.port_u16() {
        None | Some(0) if has_port => Err(wrong("has no good port")),
        port => Ok(origin::written(scheme, authority.host(), port)),
    }
}

/// A word that is compared and never shown to anybody else.
pub(super) fn compared_word(given: &Given) -> Parsed<String> {
    let text = text(given)?;
    if text.is_empty() || text.len() > 512 || text.chars().any(char::is_control) {
        return Err(format!("`{text}` is empty, very long or has control characters"));
    }
    Ok(text.to_owned())
}

pub(super) fn org_id(given: &Given) -> Parsed<OrgId> {
    let text = text(given)?;
    OrgId::parse(text).map_err(|error| format!("`{text}` is {error}"))
}

pub(super) fn salesforce_org(given: &Given) -> Parsed<String> {
    let text = text(given)?;
    let good = matches!(text.len(), 15 | 18)
        && text.starts_with("00D")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    good.then(|| text.to_owned()).ok_or_else(|| {
        format!("`{text}` is not a Salesforce organization id: 00D and 12 or 15 more characters")
    })
}

/// A word in a path.
pub(super) fn path_word(given: &Given) -> Parsed<String> {
    let text = text(given)?;
    let good = (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    good.then(|| text.to_owned())
        .ok_or_else(|| format!("`{text}` is not 1 to 32 small letters, digits and hyphens"))
}

/// A text that is shown to people.
pub(super) fn shown_text(given: &Given) -> Parsed<String> {
    let text = text(given)?.trim();
    if text.is_empty() || text.chars().count() > 80 || text.chars().any(char::is_control) {
        return Err(format!(
            "`{text}` is empty, longer than 80 characters or has control characters"
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn words(given: &Given) -> Parsed<Vec<String>> {
    let Given::List(items) = given else {
        return Err(format!(
            "{} is not a list of texts, such as `[\"a\", \"b\"]`",
            describe(given)
        ));
    };
    items.iter().map(compared_word).collect()
}

/// Scopes are separated by spaces when they are sent (RFC 6749 section 3.3).
pub(super) fn scopes(given: &Given) -> Parsed<Vec<String>> {
    let scopes = words(given)?;
    match scopes.iter().find(|scope| !scope.bytes().all(|byte| byte.is_ascii_graphic())) {
        Some(wrong) => Err(format!("`{wrong}` is not one scope")),
        None => Ok(scopes),
    }
}

pub(super) fn organizations(given: &Given) -> Parsed<Vec<(String, OrgId)>> {
    match given {
        Given::Table(entries) if !entries.is_empty() => {
            entries.iter().map(|(value, given)| Ok((value.clone(), org_id(given)?))).collect()
        }
        other => Err(format!(
            "{} is not a table of the claim's values with their organizations, such as \
             `{{ \"acme.example\" = \"acme\" }}`",
            describe(other)
        )),
    }
}

/// https, or http on this machine: what somebody could exchange on the way is worth nothing.
pub(super) fn secure_url(given: &Given) -> Parsed<Url> {
    let text = text(given)?;
    let wrong = |what: &str| format!("`{text}` {what}");
    let url = Url::parse(text).map_err(|_| wrong("is not a URL"))?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(wrong("has a user name, a password or a fragment"));
    }
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_local =
        host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match url.scheme() {
        "https" if !host.is_empty() => Ok(url),
        "http" if is_local => Ok(url),
        _ => Err(wrong("is not an https URL (http is for this machine only)")),
    }
}

pub(super) fn sqlite_path(given: &Given) -> Parsed<PathBuf> {
    // Not shown back: the URL of another kind of database may hold a password.
    let wrong = || "it must be `sqlite:` and a path, such as `sqlite:exportgate.db`".to_owned();
    let text = text(given).map_err(|_| wrong())?;
    let path = text.strip_prefix("sqlite:").ok_or_else(wrong)?;
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.ends_with('/') || path.starts_with(':') || path.contains(['?', '\0'])
    {
        return Err(wrong());
    }
    Ok(PathBuf::from(path))
}

fn choice<T: Copy>(given: &Given, choices: &[(&str, T)]) -> Parsed<T> {
    let found = match given {
        Given::Text(text) => choices.iter().find(|(name, _)| name == text),
        _ => None,
    };
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        format!("{} is not one of {}", describe(given), names.join(", "))
    })
}

pub(super) fn audit(given: &Given) -> Parsed<Audit> {
    choice(given, &[("gathered", Audit::Gathered), ("strict", Audit::Strict)])
}

pub(super) fn log_format(given: &Given) -> Parsed<LogFormat> {
    choice(given, &[("text", LogFormat::Text), ("json", LogFormat::Json)])
}

pub(super) fn log_level(given: &Given) -> Parsed<LogLevel> {
    let choices = [
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];
    choice(given, &choices)
}
