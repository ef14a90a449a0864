//! Who comes in, as whom, and out again.

use serde_json::json;

use super::{
    Visit, acme, configured, cookies, header, me, provider::Provider, session, signed_in, values,
};
use crate::assertions::{ISSUER, changed, keys, me as asserted, scene};
use crate::stage::{Stage, check, stage};

#[test]
fn a_person_signs_in_at_the_provider_and_out_again_at_both() {
    let (stage, provider) = acme("display_name = \"Acme\"");
    let options = stage.ask(&[], "/v1/sign-in").body;
    let url = format!("{}/v1/sign-in/oidc", stage.host.url());
    assert_eq!(
        options,
        json!({ "providers": [
        { "name": null, "display_name": "Acme", "url": url },
    ] })
    );
    let began = stage.ask(&[], "/v1/sign-in/oidc");
    let cookie = header(&began, "set-cookie");
    assert!(cookie.ends_with("Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
    assert_eq!(header(&began, "cache-control"), "no-store");

    let visit = Visit::begin(&stage);
    let request = &visit.request;
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "exportgate"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
        ("redirect_uri", &format!("{url}/callback")),
    ] {
        assert_eq!(request[name], value);
    }
    let answer = visit.finish(&stage, &provider, "eva", &json!({ "sid": "7" }));
    assert_eq!((answer.status, header(&answer, "location").as_str()), (303, "/"));
    // The sign-in's cookie goes, the session's comes.
    assert_eq!(cookies(&answer)["__Host-exportgate-sign-in"], "");
    assert!(answer.head.contains("Max-Age=43200; Secure; HttpOnly; SameSite=Strict"));
    let session = session(&answer);
    let eva = me(&stage, &session).body;
    assert_eq!(
        (eva["user_name"].as_str(), eva["display_name"].as_str(), eva["role"].as_str()),
        (Some("eva"), Some("eva at Acme"), Some("user"))
    );
    let (credential, body) = provider.asked("/acme/token").pop().unwrap();
    // Encoded as a form before it is Basic (RFC 6749 section 2.3.1).
    assert_eq!(credential, "Basic ZXhwb3J0Z2F0ZTpzM2NyJTNBdCUyRm9mK3RoZStob3N0");
    assert!(!body.contains("s3cr"), "{body}");

    let out = stage.as_user(&session, "POST", "/v1/sign-out", &json!({}));
    assert_eq!(out.status, 200);
    let place = out.body["provider_sign_out_url"].as_str().unwrap();
    let (place, query) = place.split_once('?').unwrap();
    assert_eq!(place, format!("{}/end", provider.issuer));
    let query = values(query);
    assert_eq!(query["client_id"], "exportgate");
    assert_eq!(query["post_logout_redirect_uri"], format!("{}/", stage.host.url()));
    assert_eq!(query["id_token_hint"].split('.').count(), 3);
    check(&me(&stage, &session), 401, "credential.invalid");
    assert_eq!(n_events(&stage, "user.signed_in"), 1);
}

fn n_events(stage: &Stage, kind: &str) -> usize {
    let listed = stage.host.cli(&["history", "--kind", kind, "--json"]);
    String::from_utf8(listed.stdout).unwrap().lines().count()
}

#[test]
fn names_follow_the_provider_and_the_subject_stays_who_it_is() {
    let (stage, provider) = acme("");
    let first = me(&stage, &signed_in(&stage, &provider, "eva", &json!({}))).body;
    let changes = json!({ "preferred_username": "eva.neu", "name": "Eva Neu" });
    let second = me(&stage, &signed_in(&stage, &provider, "eva", &changes)).body;
    assert_eq!(second["user_id"], first["user_id"]);
    assert_eq!(
        (&second["user_name"], &second["display_name"]),
        (&json!("eva.neu"), &json!("Eva Neu"))
    );
    // The old name is free; whoever has it now is somebody else.
    let other =
        me(&stage, &signed_in(&stage, &provider, "2", &json!({ "preferred_username": "eva" })));
    assert_eq!(other.body["user_name"], "eva");
    assert_ne!(other.body["user_id"], first["user_id"]);
}

#[test]
fn a_role_follows_the_groups_where_that_is_configured() {
    let (stage, provider) = acme("role_claim = \"groups\"\nadministrators = [\"it\", \"audit\"]");
    let role = |groups| {
        let session = signed_in(&stage, &provider, "eva", &json!({ "groups": groups }));
        me(&stage, &session).body["role"].clone()
    };
    assert_eq!(role(json!(["sales", "audit"])), "administrator");
    assert_eq!(role(json!(["sales"])), "user");
    assert_eq!(n_events(&stage, "user.role_changed"), 2);

    let (stage, provider) = acme("");
    signed_in(&stage, &provider, "eva", &json!({}));
    stage.host.told(&["user", "set-role", "eva", "administrator"]);
    let session = signed_in(&stage, &provider, "eva", &json!({ "groups": ["sales"] }));
    assert_eq!(me(&stage, &session).body["role"], "administrator");
}

#[test]
fn userinfo_fills_in_what_a_short_id_token_leaves_out() {
    let (stage, provider) = acme("role_claim = \"/realm/roles\"\nadministrators = [\"it\"]");
    let claims = json!({
        "sub": "1", "preferred_username": "eva", "name": "Another", "realm": { "roles": ["it"] },
        "email_verified": "true",
    });
    provider.change(|manner| manner.userinfo = Some(claims));
    let session =
        signed_in(&stage, &provider, "1", &json!({ "preferred_username": null, "name": "Eva" }));
    let eva = me(&stage, &session).body;
    // What is signed counts more.
    assert_eq!((&eva["user_name"], &eva["display_name"]), (&json!("eva"), &json!("Eva")));
    assert_eq!(eva["role"], "administrator");
}

#[test]
fn the_organization_is_the_one_of_the_claim_and_no_other() {
    let more = "organization_claim = \"tid\"\norganizations = { t1 = \"default\", t2 = \"beta\" }";
    let (stage, provider) = acme(more);
    let org = |tid| {
        let session = signed_in(&stage, &provider, "eva", &json!({ "tid": tid }));
        me(&stage, &session).body["org_id"].clone()
    };
    assert_eq!((org("t1"), org("t2")), (json!("default"), json!("beta")));
    for tid in [json!("t3"), json!(null), json!(["t1", "t2"])] {
        let answer = Visit::begin(&stage).finish(&stage, &provider, "eva", &json!({ "tid": tid }));
        check(&answer, 403, "sign_in.not_permitted");
    }
    assert!(stage.host.log().contains("organization_not_allowed"));
}

#[test]
fn an_account_that_is_deactivated_stays_closed() {
    let (stage, provider) = acme("");
    let session = signed_in(&stage, &provider, "eva", &json!({}));
    stage.host.told(&["user", "deactivate", "eva"]);
    check(&me(&stage, &session), 401, "credential.invalid");
    let answer = Visit::begin(&stage).finish(&stage, &provider, "eva", &json!({}));
    check(&answer, 403, "sign_in.not_permitted");
    stage.host.told(&["user", "reactivate", "eva"]);
    signed_in(&stage, &provider, "eva", &json!({}));
}

#[test]
fn a_user_name_leads_to_an_account_only_where_that_is_configured() {
    // `anna` was there before any provider.
    let (stage, provider) = acme("");
    let answer = Visit::begin(&stage).finish(&stage, &provider, "anna", &json!({}));
    check(&answer, 403, "sign_in.not_permitted");

    let (stage, provider) = acme("links_by_user_name = true");
    let anna = me(&stage, &stage.cookie("anna")).body;
    let linked =
        me(&stage, &signed_in(&stage, &provider, "7", &json!({ "preferred_username": "Anna" })));
    assert_eq!(linked.body["user_id"], anna["user_id"]);
    // The next one with this name is somebody else, who must not come into the account.
    let next = Visit::begin(&stage).finish(
        &stage,
        &provider,
        "8",
        &json!({ "preferred_username": "anna" }),
    );
    check(&next, 403, "sign_in.not_permitted");
}

/// A directory adds Eva, and Salesforce asserts her later, as a provider signs her in.
fn eva_of_the_directory(links: bool) -> (Stage, Provider, String) {
    let provider = Provider::start();
    let links = format!("links_by_user_name = {links}\n");
    let issuers = format!(
        "[[issuer]]\nissuer = \"{ISSUER}\"\norg_id = \"default\"\n\
         certificate_file = \"salesforce.pem\"\n{links}{}",
        configured(&provider, &links)
    );
    let files = [("salesforce.pem", &*keys::rsa().certificate), ("secret", "s")];
    let stage = scene(&issuers, &files);
    let key = stage.host.told(&["scim-key", "add", "entra"])["key"].as_str().unwrap().to_owned();
    let eva = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "eva@acme.example", "active": true,
    });
    let key = format!("authorization: Bearer {key}");
    let added = stage.json("POST", "/scim/v2/Users", &[&key], &eva);
    assert_eq!(added.status, 201, "{}", added.text);
    (stage, provider, key)
}

#[test]
fn whoever_leaves_loses_all_tokens_whichever_way_they_came_in() {
    let (stage, provider, key) = eva_of_the_directory(true);
    let name = json!({ "preferred_username": "eva@acme.example" });
    let assertion = || keys::rsa().key.assertion("RS256", "k", &changed(&stage, &name));
    let by_salesforce = asserted(&stage, &assertion()).body;
    let session = signed_in(&stage, &provider, "00u1", &name);
    assert_eq!(me(&stage, &session).body["user_id"], by_salesforce["user_id"]);
    let created = stage.as_user(&session, "POST", "/v1/tokens", &json!({ "label": "x" }));
    let export = json!({ "secret": created.body["secret"] });
    assert_eq!(stage.validate(&export).body["decision"], "allow");

    let users =
        stage.ask(&["-H", &key], "/scim/v2/Users?filter=userName+eq+%22eva%40acme.example%22");
    assert_eq!(users.body["totalResults"], 1, "one account");
    let path = format!("/scim/v2/Users/{}", users.body["Resources"][0]["id"].as_str().unwrap());
    let leave = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": false }],
    });
    assert_eq!(stage.json("PATCH", &path, &[&key], &leave).status, 200);
    assert_eq!(stage.validate(&export).body["reason"], "owner_inactive");
    check(&me(&stage, &session), 401, "credential.invalid");
    check(&asserted(&stage, &assertion()), 401, "credential.invalid");
    let again = Visit::begin(&stage).finish(&stage, &provider, "00u1", &name);
    check(&again, 403, "sign_in.not_permitted");
}

#[test]
fn an_issuer_that_links_nobody_makes_no_second_account_beside_the_directorys() {
    let (stage, provider, _) = eva_of_the_directory(false);
    let name = json!({ "preferred_username": "eva@acme.example" });
    let assertion = keys::rsa().key.assertion("RS256", "k", &changed(&stage, &name));
    check(&asserted(&stage, &assertion), 401, "credential.invalid");
    assert!(stage.host.log().contains("\"assertion.user_name_taken\""));
    let answer = Visit::begin(&stage).finish(&stage, &provider, "00u1", &name);
    check(&answer, 403, "sign_in.not_permitted");
}

#[test]
fn a_sign_in_outlives_a_restart_of_the_host() {
    let (mut stage, provider) = acme("");
    let visit = Visit::begin(&stage);
    stage.host.stop();
    stage.host.restart();
    assert_eq!(visit.finish(&stage, &provider, "eva", &json!({ "sid": "1" })).status, 303);
}

#[test]
fn without_a_provider_there_is_nothing_to_offer() {
    let stage = stage();
    assert_eq!(stage.ask(&[], "/v1/sign-in").body, json!({ "providers": [] }));
    for path in ["/v1/sign-in/oidc", "/v1/sign-in/oidc/x", "/v1/sign-in/oidc/callback?code=1"] {
        check(&stage.ask(&[], path), 404, "route.not_found");
    }
}

#[test]
fn a_provider_that_is_not_listed_still_signs_in() {
    let (open, hidden) = (Provider::start(), Provider::start());
    let second = configured(&hidden, "name = \"beta\"\nlisted = false");
    let config = format!("{}{second}", configured(&open, "display_name = \"Acme\""));
    let stage = scene(&config, &[("secret", "s")]);
    let options = stage.ask(&[], "/v1/sign-in").text;
    assert!(options.contains("Acme") && !options.contains("beta"), "{options}");
    let visit = Visit::begin_at(&stage, "/beta");
    assert!(visit.request["redirect_uri"].ends_with("/callback/beta"));
    assert_eq!(visit.finish(&stage, &hidden, "eva", &json!({})).status, 303);
}
