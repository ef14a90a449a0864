//! One provider: asked when somebody signs in or out.

use std::{future::Future, sync::Arc};

use exportgate_core::{id::UserId, time::Timestamp};
use openidconnect::{
    AccessTokenHash, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError,
    ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, LogoutRequest, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
    core::{
        CoreClientAuthMethod, CoreErrorResponseType, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
        CoreResponseType,
    },
};
use parking_lot::Mutex;
use reqwest::Url;
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use super::{
    ProviderError, SIGN_IN, SignInError,
    attempt::Attempt,
    claims,
    logout::{self, Logout, LogoutClaims},
    metadata::{Client, Known, TokenAnswer, UserInfo, Verifier},
};
use crate::{
    config::Provider as ProviderConfig,
    jwt::{self, JwtError},
    outbound::{Document, Web, WebError},
    person::Person,
    session::SignedInAt,
    store::ProviderSession,
};

/// So many people can come back from a provider at once, each for at most some seconds.
const MAXIMUM_AT_ONCE: usize = 32;
/// The longest logout token.
const MAXIMUM_LOGOUT_BYTES: usize = 8 * 1024;

/// What a browser brings back from a provider (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207). It has
/// no `Debug`: a code is a secret.
pub struct Callback {
    /// The code, once good for tokens.
    pub code: Option<String>,
    /// Ours.
    pub state: Option<String>,
    /// Who says so.
    pub issuer: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// An OpenID provider as the configuration names it.
pub struct Provider {
    config: ProviderConfig,
    client_secret: Option<ClientSecret>,
    public_url: String,
    web: Arc<Web>,
    known: Arc<Document<Known>>,
    at_once: Semaphore,
}

impl Provider {
    /// Reads the client's secret, and asks nobody yet.
    ///
    /// # Errors
    /// [`ProviderError`]
    pub fn load(config: &ProviderConfig, public_url: &str) -> Result<Self, ProviderError> {
        let issuer = config.issuer_text.clone();
        let client_secret = match &config.client_secret_file {
            None => None,
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(|cause| {
                    ProviderError::Unreadable { issuer: issuer.clone(), file: file.clone(), cause }
                })?;
                let secret = text.trim().to_owned();
                if secret.is_empty() {
                    return Err(ProviderError::Empty { issuer, file: file.clone() });
                }
                Some(ClientSecret::new(secret))
            }
        };
        let web = Web::new(config.issuer.clone(), config.may_be_internal)
            .map_err(|cause| ProviderError::Connection { issuer: issuer.clone(), cause })?;
        let web = Arc::new(web);
        let mut url = config.issuer.clone();
        let path = format!("{}/.well-known/openid-configuration", url.path().trim_end_matches('/'));
        url.set_path(&path);
        let (ours, jwks) = (Arc::clone(&web), Mutex::default());
        let read = move |text: &[u8]| Known::read(text, &issuer, &ours, &mut jwks.lock());
        let known = Document::new("an OpenID provider's metadata", url, Arc::clone(&web), read);
        Ok(Self {
            config: config.clone(),
            client_secret,
            public_url: public_url.to_owned(),
            web,
            known: Arc::new(known),
            at_once: Semaphore::new(MAXIMUM_AT_ONCE),
        })
    }

    /// The end of its routes.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.config.name.as_deref()
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.config.display_name
    }

    /// What it calls itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.config.issuer_text
    }

    /// Whether everybody may know of it.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.config.listed
    }

    /// Where a sign-in begins. With scheme and host, so that it begins where it ends: the cookie
    /// stays with one host name.
    #[must_use]
    pub fn sign_in_url(&self) -> String {
        self.route("")
    }

    fn route(&self, what: &str) -> String {
        let name = self.name().map(|name| format!("/{name}")).unwrap_or_default();
        format!("{}{SIGN_IN}{what}{name}", self.public_url)
    }

    /// Where the browser goes to sign in.
    ///
    /// # Errors
    /// [`SignInError::Unavailable`]
    pub async fn begin(&self, attempt: &Attempt) -> Result<Url, SignInError> {
        let known = self.known().await?;
        let verifier = PkceCodeVerifier::new(attempt.verifier());
        let (state, nonce) = (attempt.state(), attempt.nonce());
        let client = self.client(&known)?;
        let scopes = self.config.scopes.iter().cloned().map(Scope::new);
        let (url, _, _) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// Who came back. `user_id` is the id of somebody new.
    ///
    /// # Errors
    /// [`SignInError`]
    pub async fn finish(
        &self,
        attempt: &Attempt,
        callback: Callback,
        user_id: UserId,
    ) -> Result<(Person, SignedInAt), SignInError> {
        let state = callback.state.unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(attempt.state().as_bytes())) {
            return Err(SignInError::NotStarted);
        }
        let known = self.known().await?;
        // RFC 9207 section 2.4: what another provider sends here is not believed.
        let says_issuer =
            known.metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match &callback.issuer {
            Some(issuer) if issuer == self.issuer() => {}
            None if !says_issuer => {}
            _ => return Err(SignInError::NotAccepted("response_of_another_issuer")),
        }
        if callback.error.is_some() {
            return Err(SignInError::Declined);
        }
        let code = callback.code.ok_or(SignInError::NotAccepted("code_missing"))?;
        let _one = self
            .at_once
            .try_acquire()
            .map_err(|_| SignInError::Unavailable("too many people at once".to_owned()))?;
        let client = self.client(&known)?;
        let token = self.exchange(&client, code, attempt).await?;
        let (subject, mut claims, session) = self.verify(&known, &token, attempt).await?;
        if client.user_info_url().is_some() {
            let more = self.user_info(&client, &token, &subject).await?;
            add_missing(&mut claims, more);
        }
        let person = claims::person(&claims, &subject, &self.config, user_id)?;
        Ok((person, session))
    }

    /// Where the browser goes to sign out, if the provider has such a place.
    pub async fn sign_out_url(&self, signed_in_at: &SignedInAt) -> Option<Url> {
        let known = self.known().await.ok()?;
        let endpoint = known.metadata.additional_metadata().end_session_endpoint.clone()?;
        let back = PostLogoutRedirectUrl::new(format!("{}/", self.public_url)).ok()?;
        let request = LogoutRequest::from(endpoint)
            .set_client_id(ClientId::new(self.config.client_id.clone()))
            .set_post_logout_redirect_uri(back);
        let mut url = request.http_get_url();
        if let Some(id_token) = &signed_in_at.id_token {
            url.query_pairs_mut().append_pair("id_token_hint", id_token);
        }
        Some(url)
    }

    /// Judges a logout token.
    ///
    /// # Errors
    /// A sentence about the first thing that is wrong.
    pub async fn judge_logout(&self, token: &str, now: Timestamp) -> Result<Logout, &'static str> {
        if token.len() > MAXIMUM_LOGOUT_BYTES {
            return Err("it is too long");
        }
        let header = jwt::read_header(token).map_err(JwtError::as_str)?;
        if !logout::is_logout_type(header.typ.as_deref()) {
            return Err("another kind of token");
        }
        let known = self.known.get().await.ok_or("the provider cannot be asked")?;
        let key = known.jwks.find(header.kid.as_deref(), header.algorithm).await;
        let key = key.map_err(JwtError::as_str)?;
        let claims: LogoutClaims =
            jwt::verify(token, &key, header.algorithm).map_err(JwtError::as_str)?;
        logout::check(claims, self.issuer(), &self.config.client_id, now)
    }

    async fn known(&self) -> Result<Arc<Known>, SignInError> {
        let known = self.known.get().await;
        known.ok_or_else(|| SignInError::Unavailable("its metadata cannot be read".to_owned()))
    }

    fn client(&self, known: &Known) -> Result<Client, SignInError> {
        let redirect = RedirectUrl::new(self.route("/callback"))
            .map_err(|error| SignInError::Unavailable(error.to_string()))?;
        let client = Client::from_provider_metadata(
            known.metadata.clone(),
            ClientId::new(self.config.client_id.clone()),
            self.client_secret.clone(),
        );
        // Without a word about it, providers take Basic (Discovery 1.0 section 3).
        let methods = known.metadata.token_endpoint_auth_methods_supported();
        let basic = CoreClientAuthMethod::ClientSecretBasic;
        let takes_basic = methods.is_none_or(|methods| methods.contains(&basic));
        let auth_type = if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody };
        Ok(client.set_redirect_uri(redirect).set_auth_type(auth_type))
    }

    fn http(&self) -> impl Fn(HttpRequest) -> Answering + Send + Sync + use<> {
        let web = Arc::clone(&self.web);
        move |request| {
            let web = Arc::clone(&web);
            Box::pin(async move {
                let request = reqwest::Request::try_from(request).map_err(WebError::Network)?;
                let answer = web.send(request).await?;
                let mut response = HttpResponse::new(answer.body);
                *response.status_mut() = answer.status;
                *response.headers_mut() = answer.headers;
                Ok(response)
            })
        }
    }

    async fn exchange(
        &self,
        client: &Client,
        code: String,
        attempt: &Attempt,
    ) -> Result<TokenAnswer, SignInError> {
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| SignInError::Unavailable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier()));
        request.request_async(&self.http()).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(answer)
                if *answer.error() == CoreErrorResponseType::InvalidGrant =>
            {
                SignInError::NotAccepted("code_refused")
            }
            RequestTokenError::ServerResponse(answer) => {
                SignInError::Unavailable(format!("it refuses this host: {}", answer.error()))
            }
            RequestTokenError::Request(error) => SignInError::Unavailable(error.to_string()),
            // What it wrote may hold tokens.
            _ => SignInError::Unavailable("its token endpoint answers no tokens".to_owned()),
        })
    }

    /// Verifies the ID token (OpenID Connect Core 1.0 section 3.1.3.7).
    async fn verify(
        &self,
        known: &Known,
        token: &TokenAnswer,
        attempt: &Attempt,
    ) -> Result<(String, Value, SignedInAt), SignInError> {
        let id_token = token.id_token().ok_or(SignInError::NotAccepted("id_token_missing"))?;
        let text = id_token.to_string();
        let refused = |error: JwtError| match error {
            JwtError::KeysUnavailable => SignInError::Unavailable(error.as_str().to_owned()),
            error => SignInError::NotAccepted(error.as_str()),
        };
        let header = jwt::read_header(&text).map_err(refused)?;
        // Reads the keys again when this one is new.
        known.jwks.find(header.kid.as_deref(), header.algorithm).await.map_err(refused)?;
        let keys = known.jwks.text().ok_or(JwtError::KeysUnavailable).map_err(refused)?;
        let keys: CoreJsonWebKeySet =
            serde_json::from_slice(&keys).map_err(|_| refused(JwtError::KeysUnavailable))?;
        let client_id = ClientId::new(self.config.client_id.clone());
        let issuer: IssuerUrl = known.metadata.issuer().clone();
        let verifier = Verifier::new_public_client(client_id.clone(), issuer, keys)
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                CoreJwsSigningAlgorithm::EdDsa,
            ]);
        let nonce = Nonce::new(attempt.nonce());
        let claims = id_token
            .claims(&verifier, &nonce)
            .map_err(|error| SignInError::NotAccepted(reason(&error)))?;
        if claims.authorized_party().is_some_and(|party| *party != client_id) {
            return Err(SignInError::NotAccepted("id_token_of_another_party"));
        }
        if let Some(expected) = claims.access_token_hash() {
            let of_another = || SignInError::NotAccepted("access_token_of_another");
            let algorithm = id_token.signing_alg().map_err(|_| of_another())?;
            let key = id_token.signing_key(&verifier).map_err(|_| of_another())?;
            let found = AccessTokenHash::from_token(token.access_token(), algorithm, key);
            if found.map_err(|_| of_another())? != *expected {
                return Err(of_another());
            }
        }
        let subject = claims.subject().to_string();
        let claims = serde_json::to_value(claims)
            .map_err(|_| SignInError::NotAccepted("claims_unreadable"))?;
        let session_id = claims.get("sid").and_then(Value::as_str).map(str::to_owned);
        let session = ProviderSession {
            issuer: self.issuer().to_owned(),
            subject: subject.clone(),
            session_id,
        };
        Ok((subject, claims, SignedInAt { session, id_token: Some(text.into()) }))
    }

    /// More claims: many providers keep ID tokens short.
    async fn user_info(
        &self,
        client: &Client,
        token: &TokenAnswer,
        subject: &str,
    ) -> Result<Value, SignInError> {
        let unavailable = |cause: &str| SignInError::Unavailable(format!("its userinfo: {cause}"));
        let expected = openidconnect::SubjectIdentifier::new(subject.to_owned());
        let request = client
            .user_info(token.access_token().clone(), Some(expected))
            .map_err(|error| unavailable(&error.to_string()))?;
        // The signature that it can have adds nothing to that of the connection.
        let answer: UserInfo =
            request.require_signed_response(false).request_async(&self.http()).await.map_err(
                |error| match error {
                    openidconnect::UserInfoError::ClaimsVerification(_) => {
                        SignInError::NotAccepted("userinfo_of_another")
                    }
                    openidconnect::UserInfoError::Request(error) => unavailable(&error.to_string()),
                    _ => unavailable("it answers no claims"),
                },
            )?;
        serde_json::to_value(answer).map_err(|error| unavailable(&error.to_string()))
    }
}

/// An answer under way.
type Answering = std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, WebError>> + Send>>;

/// What the ID token says is signed, and stays.
fn add_missing(claims: &mut Value, more: Value) {
    if let (Value::Object(claims), Value::Object(more)) = (claims, more) {
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
    }
}

/// A stable name for the log: the crate's sentences repeat what the other side wrote.
const fn reason(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "id_token_expired",
        ClaimsVerificationError::InvalidAudience(_) => "id_token_audience_wrong",
        ClaimsVerificationError::InvalidIssuer(_) => "id_token_issuer_wrong",
        ClaimsVerificationError::InvalidNonce(_) => "id_token_nonce_wrong",
        ClaimsVerificationError::InvalidSubject(_) => "id_token_subject_wrong",
        ClaimsVerificationError::SignatureVerification(_) => "id_token_signature_wrong",
        _ => "id_token_malformed",
    }
}
