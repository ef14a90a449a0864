//! Whether what an assertion claims may be believed: pure, after its signature was checked.
//!
//! RFC 7519 section 4.1 and RFC 7523 section 3; the limits are those of the HTTP contract.

use exportgate_core::{
    id::{OrgId, UserId},
    name::Name,
    time::Timestamp,
    user::Role,
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::Refusal;
use crate::{
    jwt::{Audience, NumericDate},
    person::{Identity, Person, Protocol, display_name},
};

/// `exp` lies at most so many seconds ahead.
pub const LONGEST_LIFE_SECS: i64 = 5 * 60;
/// The issuer's clock may be ahead by so many seconds.
pub const LEEWAY_SECS: i64 = 30;
/// A Salesforce id has 15 characters; the form with 18 adds a checksum over them.
const SALESFORCE_ID_CHARACTERS: usize = 15;

/// What an assertion says. Claims that are not here are of no interest.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    jti: Option<String>,
    org: Option<String>,
    name: Option<String>,
    preferred_username: Option<String>,
    role: Option<serde_json::Value>,
}

/// What the configuration says about an issuer.
#[derive(Clone, Debug)]
pub struct Expected {
    /// `iss`.
    pub issuer: String,
    /// The organization that the issuer speaks for.
    pub org_id: OrgId,
    /// The organization's id in Salesforce, where `org_id` is another word.
    pub salesforce_org: Option<String>,
    /// Whether the issuer says who is an administrator.
    pub gives_roles: bool,
    /// Whether a person's user name leads to an account that is there already.
    pub links_by_user_name: bool,
}

/// Whom an assertion names, and what makes it count once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// The user: `sub` is the id, `preferred_username` the user name, `name` the display name.
    pub person: Person,
    /// Stands for issuer and `jti`.
    pub digest: [u8; 32],
    /// `exp`: nobody accepts the assertion from here on.
    pub expires_at: Timestamp,
}

/// Checks everything that is claimed.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(
    claims: &Claims,
    expected: &Expected,
    audience: &str,
    now: Timestamp,
) -> Result<Asserted, Refusal> {
    if claims.iss.as_deref() != Some(&expected.issuer) {
        return Err(Refusal::IssuerUnknown);
    }
    if !claims.aud.as_ref().is_some_and(|aud| aud.names(audience)) {
        return Err(Refusal::AudienceWrong);
    }
    let expires_at = check_times(claims, now.unix_seconds())?;
    let organization = expected.salesforce_org.as_deref().unwrap_or(expected.org_id.as_str());
    if claims.org.as_deref().is_some_and(|org| !is_same_organization(org, organization)) {
        return Err(Refusal::OrganizationWrong);
    }
    let sub = claims.sub.as_deref().ok_or(Refusal::SubjectMissing)?;
    let user_id = UserId::parse(sub).map_err(|_| Refusal::SubjectMalformed)?;
    let jti = claims.jti.as_deref().filter(|jti| !jti.is_empty()).ok_or(Refusal::JtiMissing)?;
    let role = match &claims.role {
        Some(role) if expected.gives_roles => {
            Some(role.as_str().and_then(Role::parse).ok_or(Refusal::RoleUnknown)?)
        }
        _ => None,
    };
    let person = Person {
        org_id: expected.org_id.clone(),
        identity: Identity {
            protocol: Protocol::Assertion,
            issuer: expected.issuer.clone(),
            subject: sub.to_owned(),
        },
        other_user_name: Name::parse(user_id.as_str()).ok(),
        user_id,
        user_name: claims.preferred_username.as_deref().and_then(|name| Name::parse(name).ok()),
        display_name: claims.name.as_deref().and_then(display_name),
        role,
        links_by_user_name: expected.links_by_user_name,
    };
    Ok(Asserted { person, digest: digest(&expected.issuer, jti), expires_at })
}

fn check_times(claims: &Claims, now: i64) -> Result<Timestamp, Refusal> {
    let exp = claims.exp.ok_or(Refusal::ExpiryMissing)?.seconds();
    if now >= exp {
        return Err(Refusal::Expired);
    }
    if exp.saturating_sub(now) > LONGEST_LIFE_SECS {
        return Err(Refusal::ExpiryTooFar);
    }
    let earliest = now.saturating_add(LEEWAY_SECS);
    for instant in [claims.nbf, claims.iat].into_iter().flatten() {
        if instant.seconds() > earliest {
            return Err(Refusal::NotYetValid);
        }
    }
    Timestamp::from_unix_seconds(exp).ok_or(Refusal::ExpiryTooFar)
}

/// Whether two ids mean one organization: word for word, or one Salesforce id in both its forms.
fn is_same_organization(claimed: &str, expected: &str) -> bool {
    let short = |id: &str| {
        let is_salesforce = matches!(id.len(), 15 | 18)
            && id.starts_with("00D")
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_salesforce.then(|| id.get(..SALESFORCE_ID_CHARACTERS).map(str::to_owned)).flatten()
    };
    claimed == expected || short(claimed).is_some_and(|id| short(expected) == Some(id))
}

/// The length in front keeps two pairs apart that read the same in a row.
#[must_use]
pub fn digest(issuer: &str, jti: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(u64::try_from(issuer.len()).unwrap_or(u64::MAX).to_be_bytes());
    digest.update(issuer.as_bytes());
    digest.update(jti.as_bytes());
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const AUDIENCE: &str = "https://tokens.example.com";

    fn expected(gives_roles: bool) -> Expected {
        Expected {
            issuer: "https://acme.my.salesforce.com".to_owned(),
            org_id: OrgId::parse("acme").unwrap(),
            salesforce_org: Some("00D5g000000AbCdEAK".to_owned()),
            gives_roles,
            links_by_user_name: false,
        }
    }

    fn good() -> Value {
        json!({
            "iss": "https://acme.my.salesforce.com",
            "sub": "0055g00000AbCdEAAV",
            "aud": AUDIENCE,
            "exp": NOW + 60,
            "iat": NOW,
            "jti": "1",
        })
    }

    fn checked(changes: &Value, gives_roles: bool) -> Result<Asserted, Refusal> {
        let mut claims = good();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims: Claims = serde_json::from_value(claims).unwrap();
        let now = Timestamp::from_unix_seconds(NOW).unwrap();
        check(&claims, &expected(gives_roles), AUDIENCE, now)
    }

    #[track_caller]
    fn check_refused(changes: Value, refusal: Refusal) {
        assert_eq!(checked(&changes, true).unwrap_err(), refusal, "{changes}");
    }

    #[track_caller]
    fn check_good(changes: Value) -> Asserted {
        checked(&changes, true).unwrap_or_else(|refusal| panic!("{changes}: {refusal:?}"))
    }

    #[test]
    fn each_claim_that_is_wrong_is_refused_for_its_reason() {
        for issuer in [json!(null), json!("https://ACME.my.salesforce.com"), json!("")] {
            check_refused(json!({ "iss": issuer }), Refusal::IssuerUnknown);
        }
        let longer = format!("{AUDIENCE}/");
        for audience in [json!(null), json!(""), json!([]), json!(longer), json!(["x"])] {
            check_refused(json!({ "aud": audience }), Refusal::AudienceWrong);
        }
        check_refused(json!({ "exp": null }), Refusal::ExpiryMissing);
        for expiry in [json!(NOW), json!(NOW - 1), json!(0), json!(i64::MIN), json!(-1e300)] {
            check_refused(json!({ "exp": expiry }), Refusal::Expired);
        }
        for expiry in [json!(NOW + 301), json!(i64::MAX), json!(1e300)] {
            check_refused(json!({ "exp": expiry }), Refusal::ExpiryTooFar);
        }
        for claim in ["nbf", "iat"] {
            check_refused(json!({ claim: NOW + 31 }), Refusal::NotYetValid);
            check_refused(json!({ claim: i64::MAX }), Refusal::NotYetValid);
        }
        check_refused(json!({ "sub": null }), Refusal::SubjectMissing);
        for subject in ["", "a b", "a/../b", "x'; DROP TABLE users", &"x".repeat(65)] {
            check_refused(json!({ "sub": subject }), Refusal::SubjectMalformed);
        }
        for jti in [json!(null), json!("")] {
            check_refused(json!({ "jti": jti }), Refusal::JtiMissing);
        }
        for org in ["", "acme", "00D5g000000AbCd1", "00D5g000000abcd", "00D5g000000AbCe"] {
            check_refused(json!({ "org": org }), Refusal::OrganizationWrong);
        }
        for role in [json!("root"), json!("Administrator"), json!(["administrator"]), json!(1)] {
            check_refused(json!({ "role": role }), Refusal::RoleUnknown);
        }
    }

    #[test]
    fn what_lies_just_within_the_limits_is_good() {
        check_good(json!({ "aud": ["x", AUDIENCE] }));
        check_good(json!({ "exp": NOW + 1, "nbf": NOW + 30, "iat": NOW + 30 }));
        check_good(json!({ "exp": NOW + 300, "iat": null }));
        check_good(json!({ "exp": 1_800_000_060.75, "unknown": { "a": [1] } }));
        check_good(json!({ "org": "00D5g000000AbCd" }));
        check_good(json!({ "org": "00D5g000000AbCdEAK" }));
        check_good(json!({ "org": null }));
    }

    #[test]
    fn names_are_taken_where_they_can_be_shown() {
        let names = |changes: Value| {
            let asserted = check_good(changes);
            let user_name = asserted.person.user_name.map(|name| name.to_string());
            (user_name, asserted.person.display_name)
        };
        let anna = (Some("anna@acme.example".to_owned()), Some("Anna: Sales".to_owned()));
        assert_eq!(
            names(json!({ "preferred_username": "anna@acme.example", "name": " Anna: Sales " })),
            anna
        );
        for bad in ["", "a\u{0}b", "a\u{202e}b", &"x".repeat(129)] {
            assert_eq!(names(json!({ "preferred_username": bad, "name": bad })), (None, None));
        }
    }

    #[test]
    fn a_role_counts_only_from_an_issuer_that_gives_roles() {
        let administrator = json!({ "role": "administrator" });
        assert_eq!(checked(&administrator, true).unwrap().person.role, Some(Role::Administrator));
        assert_eq!(checked(&administrator, false).unwrap().person.role, None);
        assert_eq!(checked(&json!({ "role": "root" }), false).unwrap().person.role, None);
        assert_eq!(checked(&json!({}), true).unwrap().person.role, None);
    }

    #[test]
    fn an_id_of_two_issuers_is_two_ids() {
        assert_ne!(digest("a", "bc"), digest("ab", "c"));
        assert_ne!(digest("a", "b"), digest("a", "c"));
    }

    #[test]
    fn a_claim_that_is_given_twice_or_of_the_wrong_kind_cannot_be_read() {
        for text in [r#"{"sub":"a","sub":"b"}"#, r#"{"sub":7}"#, r#"{"exp":"1"}"#, "[]"] {
            assert!(serde_json::from_str::<Claims>(text).is_err(), "{text}");
        }
    }
}
