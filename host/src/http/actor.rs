//! Who is calling: one credential becomes one actor.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use exportgate_core::{
    code::Code,
    history,
    id::OrgId,
    secret::{Secret, SecretKind, contains_secret},
    user::Role,
    wire::ActorRecord,
};
use http::{HeaderMap, HeaderValue, Method, header, request::Parts};
use tracing::info;

use super::{caller::Caller, client_address, cookie, problem::Problem};
use crate::{
    app::App,
    assertion,
    directory::{Service, User},
    origin::OwnOrigin,
    session::digest_of,
    usecase::{
        read_history::Scope,
        recognise_person::{Effect, NotRecognised, recognise_person},
    },
};

/// The cookie that refers to a session. The prefix makes browsers insist on `Secure`, on the
/// whole host and on no other domain (RFC 6265bis section 4.1.3).
pub const SESSION_COOKIE: &str = "__Host-exportgate";

/// Whoever is calling.
pub enum Actor {
    /// A person who is signed in with the session of this digest, or whom an assertion names.
    User(Arc<User>, Option<[u8; 32]>),
    /// An export service.
    Service(Arc<Service>),
    /// The operator, on the local socket.
    Operator,
}

/// The signed-in person, or the one whom an assertion names.
pub struct SignedIn {
    /// Who it is.
    pub user: Arc<User>,
    /// The session's digest; none with an assertion.
    pub session: Option<[u8; 32]>,
}

impl SignedIn {
    fn of(actor: Actor) -> Result<Self, Problem> {
        match actor {
            Actor::User(user, session) => Ok(Self { user, session }),
            Actor::Service(_) | Actor::Operator => Err(not_permitted("a signed-in user")),
        }
    }

    /// The person's own history.
    #[must_use]
    pub fn own_scope(&self) -> Scope {
        Scope::Own(self.user.owner().user_id.clone())
    }

    /// All of the organization's history.
    ///
    /// # Errors
    /// `actor.not_permitted` unless the person is an administrator.
    pub fn all_scope(&self) -> Result<Scope, Problem> {
        match self.user.role() {
            Role::Administrator => Ok(Scope::All),
            Role::User => Err(not_permitted("an administrator, or with `scope=own` for you")),
        }
    }
}

/// [`SignedIn`] on a route that ends somebody's access: on a full disk an assertion is noted from
/// the space that is kept for that.
pub struct EndingAccess(pub SignedIn);

/// The signed-in administrator.
pub struct Administrator(Arc<User>);

impl Administrator {
    /// The organization that is administered.
    #[must_use]
    pub fn org_id(&self) -> OrgId {
        self.0.owner().org_id.clone()
    }

    /// The person as the actor of events.
    #[must_use]
    pub fn as_actor(&self) -> ActorRecord {
        ActorRecord::from(&history::Actor::user(&self.0.owner()))
    }
}

/// The operator.
pub struct Operator;

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Self::of(authenticate((&*parts).into(), app, Effect::Any).await?)
    }
}

impl FromRequestParts<Arc<App>> for EndingAccess {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        SignedIn::of(authenticate((&*parts).into(), app, Effect::EndsAccess).await?).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let SignedIn { user, .. } = SignedIn::from_request_parts(parts, app).await?;
        match user.role() {
            Role::Administrator => Ok(Self(user)),
            Role::User => Err(not_permitted("an administrator")),
        }
    }
}

/// The export service that is calling.
///
/// # Errors
/// What is wrong with the credential; `actor.not_permitted` for anybody else.
pub async fn asking_service(caller: Caller<'_>, app: &App) -> Result<Arc<Service>, Problem> {
    match authenticate(caller, app, Effect::Any).await? {
        Actor::Service(service) => Ok(service),
        Actor::User(..) | Actor::Operator => {
            Err(not_permitted("an export service with its service key"))
        }
    }
}

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        match authenticate((&*parts).into(), app, Effect::Any).await? {
            Actor::Operator => Ok(Self),
            _ => Err(not_permitted("the operator on the local socket")),
        }
    }
}

fn not_permitted(who: &str) -> Problem {
    Problem::new(Code::ActorNotPermitted, format!("this route is for {who}"))
}

/// Turns a request's credential into an actor.
async fn authenticate(caller: Caller<'_>, app: &App, effect: Effect) -> Result<Actor, Problem> {
    match Credential::read(caller.headers)? {
        Credential::Session(ticket) => {
            let (session, now) = (digest_of(ticket), app.clock.now());
            let user = app.sessions.user(&session, now).ok_or_else(|| {
                // What is over stays so after a crash, too, whatever the clock says then.
                app.clock.remember(now);
                Problem::new(Code::CredentialInvalid, "the session is over; sign in again")
            })?;
            check_same_origin(caller, &app.own_origin)?;
            Ok(Actor::User(user, Some(session)))
        }
        // No rule about origins here: no browser sends it along by itself.
        Credential::Bearer(credential) if assertion::is_meant(credential) => {
            // In a box, so that the futures of all the others stay small.
            let user = Box::pin(person(caller, app, credential, effect)).await?;
            Ok(Actor::User(user, None))
        }
        Credential::Bearer(key) => service(app, caller, key, None).map(Actor::Service),
        Credential::Basic { name, password } => {
            service(app, caller, &password, Some(&name)).map(Actor::Service)
        }
        Credential::None if caller.is_local() => Ok(Actor::Operator),
        Credential::None => {
            Err(Problem::new(Code::CredentialMissing, "this route needs to know who is calling"))
        }
    }
}

/// The person whom an assertion names. Whoever presents one that is not accepted learns nothing
/// about the reason, which the log tells by a stable name.
async fn person(
    caller: Caller<'_>,
    app: &App,
    assertion: &str,
    effect: Effect,
) -> Result<Arc<User>, Problem> {
    let judged = app.issuers.judge(assertion, &app.public_url, app.clock.now()).await;
    let recognised = match judged {
        Ok(asserted) => recognise_person(app, asserted, effect).await,
        Err(refusal) => Err(NotRecognised::Refused(refusal)),
    };
    match recognised {
        Ok(user) => Ok(user),
        Err(NotRecognised::Failed(failure)) => Err(failure.into()),
        Err(NotRecognised::Refused(refusal)) => {
            app.limiter.failure(client_address::client(caller, app))?;
            info!(reason = refusal.name(), "an assertion is not accepted");
            Err(invalid_bearer("the assertion is not accepted"))
        }
    }
}

fn invalid_bearer(detail: &str) -> Problem {
    let challenge = "Bearer realm=\"Exportgate\", error=\"invalid_token\"";
    Problem::new(Code::CredentialInvalid, detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

/// The export service with this key. `service_id` is the name in HTTP Basic.
///
/// # Errors
/// `credential.invalid` or, after too many of them, `rate.limited`; `actor.not_permitted` for a
/// user's access token, which is no credential for the host itself.
pub fn service(
    app: &App,
    caller: Caller<'_>,
    key: &str,
    service_id: Option<&str>,
) -> Result<Arc<Service>, Problem> {
    let found = Secret::parse(SecretKind::ServiceKey, key)
        .ok()
        .and_then(|key| app.directory.service(&key.digest()))
        .filter(|found| service_id.is_none_or(|id| found.named.service_id.as_str() == id));
    match found {
        Some(service) => Ok(service),
        None if Secret::parse(SecretKind::AccessToken, key).is_ok() => {
            Err(not_permitted("other credentials than access tokens"))
        }
        None if Secret::parse(SecretKind::ScimKey, key).is_ok() => {
            Err(not_permitted("other credentials than SCIM keys"))
        }
        None => {
            app.limiter.failure(client_address::client(caller, app))?;
            Err(invalid_bearer("the service key is wrong or revoked"))
        }
    }
}

/// What a request presents.
pub enum Credential<'a> {
    /// Nothing.
    None,
    /// A session's cookie.
    Session(&'a str),
    /// `Authorization: Bearer`.
    Bearer(&'a str),
    /// `Authorization: Basic` (RFC 7617).
    Basic {
        /// Before the colon.
        name: String,
        /// After it.
        password: String,
    },
}

impl<'a> Credential<'a> {
    fn read(headers: &'a HeaderMap) -> Result<Self, Problem> {
        match Self::authorization(headers)? {
            Self::None => {
                Ok(cookie::read(headers, SESSION_COOKIE).map_or(Self::None, Self::Session))
            }
            credential => Ok(credential),
        }
    }

    /// Reads the `Authorization` header alone.
    ///
    /// # Errors
    /// `request.malformed` for two of them (RFC 6750 section 3.1) and `credential.invalid` for
    /// one that is neither Basic nor Bearer.
    pub fn authorization(headers: &'a HeaderMap) -> Result<Self, Problem> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(Self::None) };
        if values.next().is_some() {
            return Err(Problem::malformed("`Authorization` is given more than once"));
        }
        let unreadable =
            || Problem::new(Code::CredentialInvalid, "`Authorization` is neither Basic nor Bearer");
        let value = value.to_str().map_err(|_| unreadable())?;
        let (scheme, rest) = value.split_once(' ').ok_or_else(unreadable)?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            Ok(Self::Bearer(rest))
        } else if scheme.eq_ignore_ascii_case("basic") {
            let decoded =
                STANDARD.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let decoded = decoded.ok_or_else(unreadable)?;
            let (name, password) = decoded.split_once(':').ok_or_else(unreadable)?;
            Ok(Self::Basic { name: name.to_owned(), password: password.to_owned() })
        } else {
            Err(unreadable())
        }
    }
}

/// A cookie comes along from every page that the browser shows; what changes state must come from
/// the host's own (OWASP ASVS 5.0, 3.5.1).
///
/// # Errors
/// `actor.not_permitted`.
pub fn check_same_origin(caller: Caller<'_>, own: &OwnOrigin) -> Result<(), Problem> {
    if matches!(*caller.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| caller.headers.get(name).and_then(|value| value.to_str().ok());
    let same = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => own.is(origin, text("host")),
        (None, None) => false,
    };
    if same {
        return Ok(());
    }
    let detail = "a change with a session's cookie needs `Sec-Fetch-Site: same-origin` or a \
                  matching `Origin`";
    Err(Problem::new(Code::ActorNotPermitted, detail))
}

/// Whether a header's value may go on into answers and logs.
#[must_use]
pub fn is_harmless(text: &str) -> bool {
    !contains_secret(text) && !text.chars().any(char::is_control)
}
