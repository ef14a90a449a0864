//! Long histories, made with the host's own store.

use std::path::{Path, PathBuf};

use exportgate_core::{
    history::{Actor, EventDraft, EventKind, Uses},
    id::{OrgId, TokenId, UserId},
    label::Label,
    name::Name,
    time::Timestamp,
    token::Owner,
    wire::EventDraftRecord,
};
use exportgate_host::{
    checkpoint_key,
    metrics::Metrics,
    store::{Store, StoreError, WriteError},
};

/// The database of a data folder.
pub fn database(data: &Path) -> PathBuf {
    data.join("exportgate.db")
}

/// A data folder whose organization `default` has so many events, one a second from `start` on.
pub fn grow(data: &Path, start: Timestamp, n_events: u64) {
    std::fs::create_dir_all(data).unwrap();
    std::fs::set_permissions(data, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    checkpoint_key::load_or_make(data).unwrap();
    let store = Store::open(database(data), "engine", Metrics::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    append(&store, &runtime, start, n_events);
}

/// Appends events in changes of ten thousand.
pub fn append(store: &Store, runtime: &tokio::runtime::Runtime, start: Timestamp, n_events: u64) {
    let mut done = 0;
    while done < n_events {
        let part = (n_events - done).min(10_000);
        let first = start.saturating_add_secs(done as i64);
        let written = store.write(move |tx| {
            tx.organization(&OrgId::parse("default").unwrap())?;
            for number in 0..part {
                tx.append(export(first.saturating_add_secs(number as i64)))?;
            }
            Ok::<_, WriteError<StoreError>>(())
        });
        assert!(runtime.block_on(written).is_ok(), "the store takes events");
        done += part;
    }
}

/// A gathered use of a token, as real ones look.
fn export(at: Timestamp) -> EventDraftRecord {
    let owner = Owner {
        org_id: OrgId::parse("default").unwrap(),
        user_id: UserId::parse("usr_0p5CG7QXiiU0TegIRp9enF").unwrap(),
        user_name: Name::parse("anna").unwrap(),
    };
    let uses = Uses {
        n_exports: 3,
        first_at: at,
        last_at: at,
        data_source: Some("/odata/Opportunities".into()),
        client_address: Some("203.0.113.7".into()),
        service: None,
    };
    (&EventDraft {
        org_id: owner.org_id.clone(),
        at,
        actor: Actor::Service,
        token_id: Some(TokenId::parse("tok_6oWGAadPDbom5FDFdy0TJ8").unwrap()),
        label: Some(Label::parse("Sales dashboard", "").unwrap()),
        owner: Some((&owner).into()),
        kind: EventKind::ExportAllowed(uses),
    })
        .into()
}
