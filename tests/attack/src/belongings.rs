//! What somebody has, as they and the operator see it, so that whatever changed any of it is
//! noticed.

use anyhow::ensure;
use exportgate_tests::client::Body;
use http::Method;

use crate::scene::{Headers, Person, Scene};

/// What people see of their own: the newest tokens and how many are active, and that they are
/// still signed in, as what.
const OWN: [&str; 2] = ["/v1/tokens?limit=50", "/v1/me"];
/// What the operator sees of the organization.
const ORGANIZATION: [&str; 4] = [
    "/v1/operator/policy",
    "/v1/operator/users",
    "/v1/operator/services",
    "/v1/operator/scim-keys",
];

/// What was answered, by what was asked.
#[derive(PartialEq, Eq)]
pub struct Belongings(Vec<(&'static str, String)>);

impl Belongings {
    /// Looks at all that a person of our organization has.
    ///
    /// # Errors
    ///
    /// When the host does not answer.
    pub async fn of(scene: &mut Scene, owner: Person) -> anyhow::Result<Self> {
        let mut found = Vec::new();
        for path in ORGANIZATION {
            let answer =
                scene.send_locally(Method::GET, path, &Headers::new(), Body::Empty).await?;
            ensure!(answer.status().is_success(), "{path}: {}", answer.status());
            found.push((path, String::from_utf8_lossy(answer.body()).into_owned()));
        }
        // Whoever left comes back for the look only; what they have is theirs still.
        if owner == Person::Lena {
            scene.activate(owner, true).await?;
        }
        for path in OWN {
            let headers = scene.headers_of(owner)?;
            let answer = scene.send(Method::GET, path, &headers, Body::Empty).await?;
            let status = answer.status();
            let body = if status.is_success() { answer.body().as_ref() } else { b"" };
            found.push((path, format!("{status} {}", String::from_utf8_lossy(body))));
        }
        if owner == Person::Lena {
            scene.activate(owner, false).await?;
        }
        Ok(Self(found))
    }

    /// What differs from what was there before.
    pub fn changes(&self, before: &Self) -> Vec<&'static str> {
        let both = self.0.iter().zip(&before.0);
        both.filter(|(now, before)| now != before).map(|((path, _), _)| *path).collect()
    }
}
