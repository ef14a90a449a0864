//! An export service asks whether an export may run.

use std::{net::IpAddr, sync::Arc};

use exportgate_core::{
    id::OrgId,
    secret::{Secret, SecretKind},
    validate_export::{Facts, Reason, gather},
};

use super::{Failure, close_minutes::store_gathered};
use crate::{
    app::App,
    config::Audit,
    directory::Service,
    index::LiveToken,
    uses::{Gathered, Use},
};

/// What is presented on behalf of Power BI.
pub struct Presented<'a> {
    /// The text that should be a secret.
    pub secret: &'a str,
    /// The user name, if one was presented.
    pub user_name: Option<&'a str>,
    /// What is to be exported.
    pub data_source: Option<&'a str>,
    /// From where.
    pub client_address: Option<IpAddr>,
    /// Who asks.
    pub asker: &'a Asker,
}

/// Who asks for a validation.
pub enum Asker {
    /// An export service with its key.
    Service(Arc<Service>),
    /// A proxy on a trusted address, for one organization.
    TrustedProxy(OrgId),
}

impl Asker {
    fn org_id(&self) -> &OrgId {
        match self {
            Self::Service(service) => &service.org_id,
            Self::TrustedProxy(org_id) => org_id,
        }
    }

    const fn service(&self) -> Option<&Arc<Service>> {
        match self {
            Self::Service(service) => Some(service),
            Self::TrustedProxy(_) => None,
        }
    }
}

/// A decision.
pub struct Decision {
    /// Why; told to the asker as [`Reason::told`].
    pub reason: Reason,
    /// The token; only when the secret matched one that the asker may know of.
    pub token: Option<LiveToken>,
}

impl Decision {
    /// The reason in a sentence for people.
    #[must_use]
    pub fn message(&self) -> std::borrow::Cow<'static, str> {
        let token = self.token.as_ref();
        self.reason.message(
            token.and_then(|token| token.revoked_at),
            token.and_then(|token| token.expires_at),
        )
    }
}

/// A decision that may have to be stored before it is told.
pub struct Judged {
    decision: Decision,
    /// With `audit = "strict"`: the use.
    to_store: Option<Box<Gathered>>,
}

impl Judged {
    /// The decision, where nothing has to be stored before; else what was judged, for
    /// [`Judged::stored`].
    ///
    /// # Errors
    /// It has to be stored first.
    pub fn at_once(self) -> Result<Decision, Box<Self>> {
        if self.to_store.is_none() { Ok(self.decision) } else { Err(Box::new(self)) }
    }

    /// Stores what has to be, and gives the decision.
    ///
    /// # Errors
    /// A failure of the store: then nothing is allowed.
    pub async fn stored(self, app: &App) -> Result<Decision, Failure> {
        if let Some(used) = self.to_store {
            let stored = store_gathered(app, vec![*used]).await;
            stored.map_err(|(_, error)| Failure::Store(error))?;
        }
        Ok(self.decision)
    }
}

/// Decides, and counts the use. Reads memory only.
///
/// # Errors
/// A failure of the engine: then nothing is allowed.
pub fn judge(app: &App, presented: &Presented<'_>) -> Result<Judged, Failure> {
    let now = app.clock.now();
    let secret = Secret::parse(SecretKind::AccessToken, presented.secret).ok();
    let token = secret.as_ref().and_then(|secret| app.index.find(&secret.digest()));
    let facts = Facts {
        well_formed: secret.is_some(),
        ..token.as_ref().map_or_else(Facts::default, |token| {
            let active = token.user.is_active();
            gather(presented.asker.org_id(), presented.user_name, &token.user.owner(), active)
        })
    };
    let revoked_at = token.as_ref().and_then(|token| token.revoked_at);
    let expires_at = token.as_ref().and_then(|token| token.expires_at);
    let reason = app.engine.decide(facts, revoked_at, expires_at, now).inspect_err(|_| {
        app.metrics.engine_failure();
    })?;
    if let (Reason::Expired, Some(expires_at)) = (reason, expires_at) {
        // Whoever is told this must not hear anything else after a crash, whatever the clock says.
        app.clock.remember(expires_at);
    }
    app.metrics.validation(reason);
    let token = token.filter(|_| reason.names_token());
    let mut to_store = None;
    if let Some(token) = &token {
        let one = Use {
            token,
            reason,
            data_source: presented.data_source,
            client_address: presented.client_address,
            service: presented.asker.service(),
            at: now,
        };
        match app.audit {
            Audit::Gathered => app.uses.record(one),
            Audit::Strict => to_store = Some(Box::new(Gathered::single(one))),
        }
    }
    Ok(Judged { decision: Decision { reason, token }, to_store })
}

/// Decides, counts the use, and waits for the disk where each use is stored before its answer.
///
/// # Errors
/// A failure of the engine, or, with `audit = "strict"`, of the store: then nothing is allowed.
pub async fn validate_export(app: &App, presented: &Presented<'_>) -> Result<Decision, Failure> {
    judge(app, presented)?.stored(app).await
}
