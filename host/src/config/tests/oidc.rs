use super::*;
use crate::config::{Organizations, Roles};

#[test]
fn providers_are_read_with_their_defaults() {
    let toml = r#"
        [[oidc]]
        issuer = "https://login.example.com/acme"
        client_id = "exportgate"
        org_id = "acme"
        [[oidc]]
        name = "entra"
        display_name = " Beta "
        issuer = "http://127.0.0.1:4000"
        client_id = "1-2"
        client_secret_file = "secret"
        scopes = ["profile"]
        organization_claim = "tid"
        organizations = { "t 1" = "beta", t2 = "gamma" }
        user_name_claim = "email"
        role_claim = "/realm/roles"
        administrators = ["it"]
        links_by_user_name = true
        may_be_internal = true
        listed = false
    "#;
    let (config, file) = load(toml, &[], None);
    let [acme, entra] = <[Provider; 2]>::try_from(config.unwrap().providers).unwrap();
    assert_eq!(acme.name, None);
    assert_eq!(acme.display_name, "login.example.com");
    assert_eq!(acme.issuer_text, "https://login.example.com/acme");
    assert_eq!(acme.client_secret_file, None);
    assert_eq!(acme.scopes, ["profile", "email"]);
    assert_eq!(acme.user_name_claim, "preferred_username");
    assert_eq!(acme.organizations, Organizations::One(OrgId::parse("acme").unwrap()));
    assert_eq!(acme.roles, None);
    assert!(acme.listed && !acme.may_be_internal && !acme.links_by_user_name);

    assert_eq!((entra.name.as_deref(), &*entra.display_name), (Some("entra"), "Beta"));
    assert_eq!(entra.client_secret_file, Some(Path::new(&file).with_file_name("secret")));
    assert_eq!(entra.scopes, ["profile"]);
    assert_eq!(entra.user_name_claim, "email");
    let organizations = [("t 1", "beta"), ("t2", "gamma")];
    let organizations =
        organizations.map(|(value, id)| (value.to_owned(), OrgId::parse(id).unwrap()));
    let claim = "tid".to_owned();
    let by_claim = Organizations::ByClaim { claim, organizations: organizations.to_vec() };
    assert_eq!(entra.organizations, by_claim);
    let roles = Roles { claim: "/realm/roles".to_owned(), administrators: vec!["it".to_owned()] };
    assert_eq!(entra.roles, Some(roles));
    assert!(!entra.listed && entra.may_be_internal && entra.links_by_user_name);
}

#[test]
fn what_is_wrong_with_a_provider_is_told_with_its_line() {
    let either = "it needs either `oidc.org_id`, or `oidc.organization_claim` together with \
                  `oidc.organizations`";
    let place = "`[[oidc]]` in FILE, line 1: ";
    check_wrong(
        "[[oidc]]\nname = 'A b'\nisuer = 'x'\nscopes = ['a b']",
        &[],
        &[
            "unknown key `oidc.isuer` in FILE, line 3; did you mean `oidc.issuer`?",
            &format!("{place}`oidc.issuer` is missing"),
            &format!("{place}`oidc.client_id` is missing"),
            "`oidc.name` in FILE, line 2: `A b` is not 1 to 32 small letters, digits and hyphens",
            "`oidc.scopes` in FILE, line 4: `a b` is not one scope",
            &format!("{place}{either}"),
        ],
    );
    let good = "[[oidc]]\nissuer = 'https://a'\nclient_id = 'b'\n";
    for more in [
        "",
        "organization_claim = 'a'",
        "organizations = { a = 'b' }",
        "org_id = 'a'\norganization_claim = 'a'",
        "org_id = 'a'\norganizations = { a = 'b' }",
        "org_id = 'a'\norganization_claim = 'a'\norganizations = { a = 'b' }",
    ] {
        check_wrong(&format!("{good}{more}"), &[], &[&format!("{place}{either}")]);
    }
    let good = format!("{good}org_id = 'c'\n");
    for (more, mistake) in [
        (
            "role_claim = 'a'",
            "`[[oidc]]` in FILE, line 1: `oidc.role_claim` and `oidc.administrators` go together",
        ),
        (
            "administrators = ['a']",
            "`[[oidc]]` in FILE, line 1: `oidc.role_claim` and `oidc.administrators` go together",
        ),
        ("name = 'callback'", "`oidc.name` in FILE, line 5: this is the name of another route"),
        (
            "display_name = ''",
            "`oidc.display_name` in FILE, line 5: `` is empty, longer than 80 characters or has control characters",
        ),
        (
            "role_claim = 'a'\nadministrators = 'b'",
            "`oidc.administrators` in FILE, line 6: `b` is not a list of texts, such as `[\"a\", \"b\"]`",
        ),
    ] {
        check_wrong(&format!("{good}{more}"), &[], &[mistake]);
    }
    check_wrong(
        &good.replace("https://a", "http://a.example"),
        &[],
        &["`oidc.issuer` in FILE, line 2: `http://a.example` is not an https URL (http is for \
           this machine only)"],
    );
    check_wrong(
        &format!("{good}{}", good.replace("https://a", "https://b")),
        &[],
        &["`[[oidc]]` in FILE, line 5: another `[[oidc]]` has no `oidc.name` either; at most one \
           can"],
    );
    check_wrong(
        &format!("{good}{good}name = 'c'\n"),
        &[],
        &["`oidc.issuer` in FILE, line 6: it names the same issuer as another `[[oidc]]`"],
    );
    check_wrong(
        "[[oidc]]\nissuer = 'https://a'\nclient_id = 'b'\norganization_claim = 'c'\norganizations = ['d']",
        &[],
        &[
            "`oidc.organizations` in FILE, line 5: a list is not a table of the claim's values with \
           their organizations, such as `{ \"acme.example\" = \"acme\" }`",
        ],
    );
    let public = format!("[http]\nlisten = '0.0.0.0:1'\nbehind_tls_proxy = true\n{good}");
    check_wrong(
        &public,
        &[],
        &["`http.public_url`: it is missing: with an `[[oidc]]` it says where the provider sends \
           people back to"],
    );
}
