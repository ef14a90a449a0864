//! The operator gives export services their keys and takes them away.

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
    store::{StoredService, WriteError},
};

/// Adds an export service; the second part of the answer is its key.
///
/// # Errors
/// `service.name_taken`, or a failure of the store.
pub async fn add_service(
    app: &App,
    org_id: OrgId,
    name: Name,
) -> Result<(StoredService, Secret), Failure> {
    let service_id = ServiceId::from_random(random_bytes()?);
    let random = random_bytes::<SECRET_RANDOM_BYTES>()?;
    let key = Secret::generate(SecretKind::ServiceKey, &random)
        .map_err(|error| Failure::Refused(Code::Internal, error.to_string()))?;
    let digest = key.digest();
    let (directory, clock) = (Arc::clone(&app.directory), app.clock.clone());
    let added = app.store.write(move |tx| {
        if StoredService::find_live(tx, &org_id, &name)?.is_some() {
            let detail = format!("an export service `{name}` exists already");
            return Err(Failure::Refused(Code::ServiceNameTaken, detail).into());
        }
        let now = clock.now();
        let stored = tx.insert_service(org_id, service_id, name, digest, now)?;
        let kind = EventKind::ServiceCreated(named(&stored));
        let event =
            EventDraft::about_organization(stored.org_id.clone(), Actor::Operator, kind, now);
        tx.append((&event).into())?;
        let following = stored.clone();
        tx.after_commit(move || directory.insert_service(&following));
        Ok::<_, WriteError<Failure>>(stored)
    });
    Ok((added.await?, key))
}

/// Ends an export service's key. From the answer on, nothing is validated for it.
///
/// # Errors
/// `service.not_found`, or a failure of the store.
pub async fn revoke_service(
    app: &App,
    org_id: OrgId,
    name: Name,
) -> Result<StoredService, Failure> {
    let (directory, clock) = (Arc::clone(&app.directory), app.clock.clone());
    let revoked = app.store.write(move |tx| {
        let mut stored = StoredService::find_live(tx, &org_id, &name)?.ok_or_else(|| {
            let detail = format!("there is no live export service `{name}`");
            Failure::Refused(Code::ServiceNotFound, detail)
        })?;
        let now = clock.now();
        tx.revoke_service(stored.service_seq, now)?;
        stored.revoked_at = Some(now);
        let kind = EventKind::ServiceRevoked(named(&stored));
        let event = EventDraft::about_organization(org_id, Actor::Operator, kind, now);
        tx.append((&event).into())?;
        let digest = stored.digest;
        tx.after_commit(move || directory.remove_service(&digest));
        Ok::<_, WriteError<Failure>>(stored)
    });
    Ok(revoked.await?)
}

/// All export services, revoked ones too.
///
/// # Errors
/// A failure of the store.
pub async fn list_services(app: &App) -> Result<Vec<StoredService>, Failure> {
    Ok(app.store.read(StoredService::all).await?)
}

fn named(stored: &StoredService) -> NamedService {
    NamedService { service_id: stored.service_id.clone(), name: stored.name.clone() }
}
