//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.6): pure, after the signature
//! was checked.

use exportgate_core::time::Timestamp;
use serde::Deserialize;

use crate::jwt::{Audience, NumericDate};

/// What every logout token says is over.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The provider's clock may be ahead by so many seconds.
const LEEWAY_SECS: i64 = 30;

/// What a logout token says.
#[derive(Debug, Deserialize)]
pub struct LogoutClaims {
    iss: String,
    aud: Audience,
    iat: NumericDate,
    exp: NumericDate,
    jti: String,
    events: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    nonce: Option<serde_json::Value>,
}

/// A good logout token.
#[derive(Debug, PartialEq, Eq)]
pub struct Logout {
    /// Whose sessions end.
    pub subject: Option<String>,
    /// Which one of them.
    pub session_id: Option<String>,
    /// Names the token within its issuer.
    pub jti: String,
    /// From here on nobody accepts it.
    pub expires_at: Timestamp,
}

/// Whether a token of this kind can be one. Providers that do not say a kind are many.
#[must_use]
pub fn is_logout_type(typ: Option<&str>) -> bool {
    typ.is_none_or(|typ| matches!(typ, "logout+jwt" | "jwt"))
}

/// Checks everything that is claimed.
///
/// # Errors
/// A sentence about the first thing that is wrong.
pub fn check(
    claims: LogoutClaims,
    issuer: &str,
    client_id: &str,
    now: Timestamp,
) -> Result<Logout, &'static str> {
    if claims.iss != issuer {
        return Err("another issuer");
    }
    if !claims.aud.names(client_id) {
        return Err("meant for somebody else");
    }
    if now.unix_seconds() >= claims.exp.seconds() {
        return Err("too late");
    }
    if claims.iat.seconds() > now.unix_seconds().saturating_add(LEEWAY_SECS) {
        return Err("too early");
    }
    if !claims.events.get(EVENT).is_some_and(serde_json::Value::is_object) {
        return Err("no event of a logout");
    }
    // So that no ID token passes for one.
    if claims.nonce.is_some() {
        return Err("it has a nonce");
    }
    if claims.sub.is_none() && claims.sid.is_none() {
        return Err("neither `sub` nor `sid`");
    }
    if claims.jti.is_empty() {
        return Err("no `jti`");
    }
    let expires_at = Timestamp::from_unix_seconds(claims.exp.seconds()).ok_or("too late")?;
    Ok(Logout { subject: claims.sub, session_id: claims.sid, jti: claims.jti, expires_at })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn checked(changes: &Value) -> Result<Logout, &'static str> {
        let mut claims = json!({
            "iss": "https://login.example", "aud": "exportgate", "iat": NOW, "exp": NOW + 120,
            "jti": "1", "events": { EVENT: {} }, "sub": "s", "sid": "5",
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims: LogoutClaims = serde_json::from_value(claims).map_err(|_| "unreadable")?;
        let now = Timestamp::from_unix_seconds(NOW).unwrap();
        check(claims, "https://login.example", "exportgate", now)
    }

    #[test]
    fn a_logout_token_is_refused_for_each_thing_that_is_wrong() {
        for (changes, expected) in [
            (json!({ "iss": "https://login.example/" }), "another issuer"),
            (json!({ "aud": ["x"] }), "meant for somebody else"),
            (json!({ "exp": NOW }), "too late"),
            (json!({ "exp": null }), "unreadable"),
            (json!({ "iat": NOW + 31 }), "too early"),
            (json!({ "iat": null }), "unreadable"),
            (json!({ "events": {} }), "no event of a logout"),
            (json!({ "events": { EVENT: 1 } }), "no event of a logout"),
            (json!({ "events": [EVENT] }), "unreadable"),
            (json!({ "nonce": "n" }), "it has a nonce"),
            (json!({ "sub": null, "sid": null }), "neither `sub` nor `sid`"),
            (json!({ "jti": "" }), "no `jti`"),
        ] {
            assert_eq!(checked(&changes).unwrap_err(), expected, "{changes}");
        }
        let by_session = checked(&json!({ "sub": null, "aud": ["x", "exportgate"] })).unwrap();
        assert_eq!((by_session.subject, by_session.session_id.as_deref()), (None, Some("5")));
        assert!(checked(&json!({ "sid": null, "iat": NOW + 30 })).is_ok());
    }
}
