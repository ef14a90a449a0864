//! The operator gives export services and directories their keys and takes them away.

use std::sync::Arc;

use exportgate_core::{
    code::Code,
    history::{Actor, EventDraft, EventKind, NamedService},
    id::{OrgId, ServiceId},
    name::Name,
    secret::{SECRET_RANDOM_BYTES, Secret, SecretKind},
};

use super::Failure;
use crate::{
    app::App,
    entropy::random_bytes,
    store::{ServiceKind, StoredService, WriteError},
};

/// Adds an export service or a SCIM key; the second part of the answer is its key.
///
/// # Errors
/// `service.name_taken`, or a failure of the store.
pub async fn add_service(
    app: &App,
    kind: ServiceKind,
    org_id: OrgId,
    name: Name,
) -> Result<(StoredService, Secret), Failure> {
    let (service_id, secret_kind) = match kind {
        ServiceKind::Export => (ServiceId::from_random(random_bytes()?), SecretKind::ServiceKey),
        ServiceKind::Scim => (ServiceId::of_scim_key(random_bytes()?), SecretKind::ScimKey),
    };
    let random = random_bytes::<SECRET_RANDOM_BYTES>()?;
    let key = Secret::generate(secret_kind, &random)
        .map_err(|error| Failure::Refused(Code::Internal, error.to_string()))?;
    let digest = key.digest();
    let (directory, clock) = (Arc::clone(&app.directory), app.clock.clone());
    let added = app.store.write(move |tx| {
        if StoredService::find_live(tx, kind, &org_id, &name)?.is_some() {
            let detail = format!("the {} `{name}` exists already", noun(kind));
            return Err(Failure::Refused(Code::ServiceNameTaken, detail).into());
        }
        let now = clock.now();
        let stored = tx.insert_service(kind, org_id, service_id, name, digest, now)?;
        let happened = match kind {
            ServiceKind::Export => EventKind::ServiceCreated(named(&stored)),
            ServiceKind::Scim => EventKind::ScimKeyCreated(named(&stored)),
        };
        let event =
            EventDraft::about_organization(stored.org_id.clone(), Actor::Operator, happened, now);
        tx.append((&event).into())?;
        let following = stored.clone();
        tx.after_commit(move || directory.insert_service(&following));
        Ok::<_, WriteError<Failure>>(stored)
    });
    Ok((added.await?, key))
}

/// Ends a key. From the answer on, nothing is done for it.
///
/// # Errors
/// `service.not_found`, or a failure of the store.
pub async fn revoke_service(
    app: &App,
    kind: ServiceKind,
    org_id: OrgId,
    name: Name,
) -> Result<StoredService, Failure> {
    let (directory, clock) = (Arc::clone(&app.directory), app.clock.clone());
    let revoked = app.store.end_access(move |tx| {
        let mut stored = StoredService::find_live(tx, kind, &org_id, &name)?.ok_or_else(|| {
            let detail = format!("there is no live {} `{name}`", noun(kind));
            Failure::Refused(Code::ServiceNotFound, detail)
        })?;
        let now = clock.now();
        tx.revoke_service(stored.service_seq, now)?;
        stored.revoked_at = Some(now);
        let happened = revocation_of(&stored);
        let event = EventDraft::about_organization(org_id.clone(), Actor::Operator, happened, now);
        tx.append((&event).into())?;
        let (directory, digest) = (Arc::clone(&directory), stored.digest);
        tx.after_commit(move || directory.remove_service(kind, &digest));
        Ok::<_, WriteError<Failure>>(stored)
    });
    Ok(revoked.await?)
}

/// All services of a kind, revoked ones too.
///
/// # Errors
/// A failure of the store.
pub async fn list_services(app: &App, kind: ServiceKind) -> Result<Vec<StoredService>, Failure> {
    let all = app.store.read(StoredService::all).await?;
    Ok(all.into_iter().filter(|stored| stored.kind == kind).collect())
}

fn noun(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Export => "export service",
        ServiceKind::Scim => "SCIM key",
    }
}

/// What the history tells of the end of a key.
pub(super) fn revocation_of(stored: &StoredService) -> EventKind {
    match stored.kind {
        ServiceKind::Export => EventKind::ServiceRevoked(named(stored)),
        ServiceKind::Scim => EventKind::ScimKeyRevoked(named(stored)),
    }
}

fn named(stored: &StoredService) -> NamedService {
    NamedService { service_id: stored.service_id.clone(), name: stored.name.clone() }
}
