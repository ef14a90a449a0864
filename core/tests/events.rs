//! The documents of history events.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use exportgate_core::{
    history::{Actor, EventDraft, EventKind, NamedService, Uses},
    id::{OrgId, ServiceId, UserId},
    label::Label,
    name::Name,
    time::Timestamp,
    user::NamedUser,
    validate_export::Reason,
    wire::{ActorRecord, EventDraftRecord},
};
use serde_json::{Value, json};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn service() -> NamedService {
    let service_id = ServiceId::parse("svc_1").unwrap();
    NamedService { service_id, name: name("reports") }
}

#[test]
fn actors_are_read_as_they_were_written() {
    let user = NamedUser { user_id: UserId::parse("usr_anna").unwrap(), user_name: name("anna") };
    for actor in
        [Actor::User(user), Actor::Service, Actor::Operator, Actor::Host, Actor::SecretHolder]
    {
        assert_eq!(Actor::try_from(ActorRecord::from(&actor)).unwrap(), actor);
    }
}

#[test]
fn nobody_else_is_an_actor() {
    // Which key a directory has stands in the event's details, so that its record is not enough.
    let directory = ActorRecord::from(&Actor::Directory(service()));
    let nameless = ActorRecord { kind: "user".into(), ..ActorRecord::from(&Actor::Host) };
    let unknown = ActorRecord { kind: "root".into(), ..ActorRecord::from(&Actor::Host) };
    let user_id = Some(UserId::parse("usr_anna").unwrap());
    let named_host = ActorRecord { user_id, ..ActorRecord::from(&Actor::Host) };
    for record in [directory, nameless, unknown, named_host] {
        Actor::try_from(record).unwrap_err();
    }
}

#[test]
fn exports_are_told_with_how_many_when_what_from_where_and_why_not() {
    let at = |text| Timestamp::parse(text).unwrap();
    let uses = Uses {
        n_exports: 3,
        first_at: at("2027-03-01T12:00:01Z"),
        last_at: at("2027-03-01T12:00:59Z"),
        data_source: Some("Accounts".into()),
        client_address: Some("203.0.113.7".into()),
        service: Some(service()),
    };
    for (kind, word, reason) in [
        (EventKind::ExportAllowed(uses.clone()), "export.allowed", Value::Null),
        (EventKind::ExportDenied(Reason::Revoked, uses), "export.denied", json!("revoked")),
    ] {
        let draft = EventDraft {
            org_id: OrgId::parse("default").unwrap(),
            at: at("2027-03-01T12:00:59Z"),
            actor: Actor::Service,
            token_id: None,
            label: Some(Label::parse("Sales", "").unwrap()),
            owner: None,
            kind,
        };
        let document = serde_json::to_value(EventDraftRecord::from(&draft)).unwrap();
        assert_eq!(
            document,
            json!({
                "org_id": "default",
                "at": "2027-03-01T12:00:59Z",
                "kind": word,
                "actor": { "kind": "service", "user_id": null, "user_name": null },
                "token_id": null,
                "label": "Sales",
                "owner": null,
                "reason": reason,
                "details": {
                    "n_exports": 3,
                    "first_at": "2027-03-01T12:00:01Z",
                    "last_at": "2027-03-01T12:00:59Z",
                    "data_source": "Accounts",
                    "client_address": "203.0.113.7",
                    "service": { "service_id": "svc_1", "name": "reports" },
                },
            })
        );
    }
}

#[test]
fn keys_are_told_by_id_and_name() {
    for (kind, word) in [
        (EventKind::ServiceCreated(service()), "service.created"),
        (EventKind::ServiceRevoked(service()), "service.revoked"),
        (EventKind::ScimKeyCreated(service()), "scim_key.created"),
        (EventKind::ScimKeyRevoked(service()), "scim_key.revoked"),
    ] {
        let draft = EventDraft {
            org_id: OrgId::parse("default").unwrap(),
            at: Timestamp::MIN,
            actor: Actor::Operator,
            token_id: None,
            label: None,
            owner: None,
            kind,
        };
        let record = EventDraftRecord::from(&draft);
        assert_eq!(record.kind, word);
        assert_eq!(record.details, json!({ "service_id": "svc_1", "name": "reports" }));
    }
}
