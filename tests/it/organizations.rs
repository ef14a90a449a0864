//! Two organizations on one host: whatever one asks, nothing of the other is in the answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::assertions::{Key, claims, scene};
use crate::openid::{Visit, backchannel, me, provider::Provider, session};
use crate::stage::{Answer, Stage, check};

/// An organization with an administrator, an export service, tokens, uses and a policy. Every word
/// of it is nowhere else.
struct Org {
    name: &'static str,
    issuer: String,
    key: Key,
    provider: Provider,
    days: i64,
    n_tokens: usize,
    /// Filled while the scene is set.
    service_key: String,
    scim_key: String,
    secret: String,
    token_id: String,
}

impl Org {
    fn new(name: &'static str, key: Key, days: i64, n_tokens: usize) -> Self {
        let issuer = format!("https://{name}.example.com");
        let (service_key, scim_key, secret, token_id) = Default::default();
        let provider = Provider::start();
        Self {
            name,
            issuer,
            key,
            provider,
            days,
            n_tokens,
            service_key,
            scim_key,
            secret,
            token_id,
        }
    }

    fn word(&self, what: &str) -> String {
        format!("{}-{what}", self.name)
    }

    fn assertion(&self, stage: &Stage, subject: &str, role: &str) -> String {
        let mut claims = claims(stage, subject);
        claims["iss"] = json!(self.issuer);
        claims["role"] = json!(role);
        claims["preferred_username"] = json!(format!("{subject}-login"));
        claims["name"] = json!(format!("{subject}-shown"));
        self.key.assertion("ES256", "k", &claims)
    }

    /// Asks as the administrator.
    fn ask(
        &self,
        stage: &Stage,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &Value,
    ) -> Answer {
        let assertion = self.assertion(stage, &self.word("admin"), "administrator");
        let credential = format!("authorization: Bearer {assertion}");
        let headers = [&[credential.as_str()], headers].concat();
        stage.json(method, path, &headers, body)
    }

    fn get(&self, stage: &Stage, path: &str) -> Answer {
        self.ask(stage, "GET", path, &[], &json!({}))
    }

    fn service(&self) -> String {
        format!("authorization: Bearer {}", self.service_key)
    }

    fn set_up(&mut self, stage: &Stage) {
        let service = ["service", "add", &self.word("service"), "--org", self.name];
        self.service_key = stage.host.told(&service)["key"].as_str().unwrap().to_owned();
        let directory = ["scim-key", "add", &self.word("directory"), "--org", self.name];
        self.scim_key = stage.host.told(&directory)["key"].as_str().unwrap().to_owned();
        for number in 0..self.n_tokens {
            let label = json!({ "label": self.word(&format!("label-{number}")) });
            let created = self.ask(stage, "POST", "/v1/tokens", &[], &label);
            assert_eq!(created.status, 201, "{}", created.text);
            self.secret = created.body["secret"].as_str().unwrap().to_owned();
            self.token_id = created.body["token"]["token_id"].as_str().unwrap().to_owned();
            let export = json!({ "secret": self.secret, "data_source": self.word("source") });
            let allowed = stage.json("POST", "/v1/exports/validate", &[&self.service()], &export);
            assert_eq!(allowed.body["decision"], "allow", "{}", allowed.text);
        }
        let policy = self.policy();
        let changed = self.ask(stage, "PUT", "/v1/policy", &["if-match: \"1\""], &policy);
        assert_eq!(changed.status, 200, "{}", changed.text);
    }

    fn policy(&self) -> Value {
        json!({
            "maximum_expiry_days": self.days,
            "automatic_expiration": false,
            "maximum_active_tokens": 25,
        })
    }

    /// What nobody else may ever read.
    fn marks(&self) -> Vec<String> {
        let keys = [self.service_key.clone(), self.scim_key.clone()];
        let own = [self.secret.clone(), self.token_id.clone()].into_iter().chain(keys);
        // Ids, names, labels, sources and the service all begin so.
        own.chain([self.word(""), format!("/{}\"", self.name)]).collect()
    }
}

fn two() -> (Stage, Org, Org) {
    let mut acme = Org::new("acme", Key::p256(), 77, 3);
    let mut globex = Org::new("globex", Key::p256(), 88, 1);
    let issuer = |org: &Org| {
        format!(
            "[[issuer]]\nissuer = \"{}\"\norg_id = \"{1}\"\npublic_key_file = \"{1}.pem\"\n\
             gives_roles = true\n\
             [[oidc]]\nname = \"{1}\"\nissuer = \"{2}\"\nclient_id = \"{1}-client\"\n\
             org_id = \"{1}\"\nlisted = false\n",
            org.issuer, org.name, org.provider.issuer
        )
    };
    let issuers = format!("{}{}", issuer(&acme), issuer(&globex));
    let files = [("acme.pem", &*acme.key.pem()), ("globex.pem", &*globex.key.pem())];
    let stage = scene(&issuers, &files);
    acme.set_up(&stage);
    globex.set_up(&stage);
    (stage, acme, globex)
}

/// Asks one operation of the contract as `ours`, about things of `theirs` wherever something can
/// be named; the answers, after what they must say was checked.
#[expect(clippy::too_many_lines, reason = "one arm for each route of the contract")]
fn walk(stage: &Stage, ours: &Org, theirs: &Org, method: &str, path: &str) -> Vec<Answer> {
    let none = json!({});
    let ask = |headers: &[&str], body: &Value| ours.ask(stage, method, path, headers, body);
    let about = theirs.token_id.as_str();
    let theirs_token = |body: &Value| {
        let path = path.replace("{token_id}", about);
        let answer = ours.ask(stage, method, &path, &[], body);
        check(&answer, 404, "token.not_found");
        vec![answer]
    };
    match (method, path) {
        ("GET", "/livez" | "/readyz" | "/metrics" | "/openapi.json") => {
            vec![stage.ask(&[], path)]
        }
        ("POST", "/v1/sign-in") => vec![stage.json("POST", path, &[], &json!({ "code": "00" }))],
        ("GET", "/v1/sign-in") => {
            let options = stage.ask(&[], path);
            assert_eq!(options.body, json!({ "providers": [] }));
            vec![options]
        }
        (_, path) if path.starts_with("/v1/sign-in/oidc") => {
            sign_in(stage, ours, theirs, method, path)
        }
        ("POST", "/v1/sign-out") => vec![ask(&[], &none)],
        ("GET", "/v1/me") => {
            let answer = ask(&[], &none);
            assert_eq!(answer.body["org_id"], ours.name);
            vec![answer]
        }
        ("POST", "/v1/tokens") => vec![ask(&[], &json!({ "label": ours.word("another") }))],
        ("GET", "/v1/tokens") => {
            let answers = vec![
                ours.get(stage, "/v1/tokens?limit=200&include=uses"),
                ours.get(stage, &format!("/v1/tokens?label={}", theirs.word("label"))),
            ];
            assert_eq!(answers[1].body["items"], json!([]));
            answers
        }
        ("GET", "/v1/tokens/{token_id}" | "/v1/tokens/{token_id}/uses")
        | ("POST", "/v1/tokens/{token_id}/revoke") => theirs_token(&none),
        ("PATCH", "/v1/tokens/{token_id}") => theirs_token(&json!({ "label": "Mine" })),
        ("POST", "/v1/tokens/revoke-all") => {
            // Somebody who has one token, with the id that the other's administrator has, too.
            let as_namesake = |path: &str, body: &Value| {
                let assertion = ours.assertion(stage, "namesake", "user");
                let credential = format!("authorization: Bearer {assertion}");
                stage.json("POST", path, &[&credential], body)
            };
            let created = as_namesake("/v1/tokens", &json!({ "label": "x" }));
            assert_eq!(created.status, 201, "{}", created.text);
            let revoked = as_namesake(path, &none);
            assert_eq!(revoked.body["n_revoked"], 1, "{}", revoked.text);
            vec![created, revoked]
        }
        ("GET", "/v1/history") => {
            let all = ours.get(stage, "/v1/history?scope=all&limit=200");
            assert!(all.text.contains(&ours.word("label-0")), "{}", all.text);
            let about = format!("/v1/history?scope=all&token_id={about}");
            let of_token = ours.get(stage, &about);
            let id = theirs.word("admin");
            let of_user = ours.get(stage, &format!("/v1/history?scope=all&user_id={id}"));
            for nothing in [&of_token, &of_user] {
                assert_eq!(nothing.body["items"], json!([]), "{}", nothing.text);
            }
            let form =
                |accept: &str| ours.ask(stage, "GET", "/v1/history?scope=all", &[accept], &none);
            let (csv, lines) = (form("accept: text/csv"), form("accept: application/x-ndjson"));
            assert!(csv.text.contains(&ours.word("label-0")), "{}", csv.text);
            assert!(lines.text.contains(&ours.word("label-0")), "{}", lines.text);
            vec![all, of_token, of_user, csv, lines]
        }
        ("GET", "/v1/history/activity") => {
            let all = ours.get(stage, "/v1/history/activity?scope=all");
            assert_eq!(sum_of(&all.body, "n_allowed"), ours.n_tokens as u64, "{}", all.text);
            let id = theirs.word("admin");
            let of_user = format!("/v1/history/activity?scope=all&user_id={id}");
            let of_user = ours.get(stage, &of_user);
            assert_eq!(sum_of(&of_user.body, "n_allowed"), 0, "{}", of_user.text);
            vec![all, of_user]
        }
        ("GET", "/v1/history/checkpoint") => {
            let checkpoint = ask(&[], &none);
            let events = ours.get(stage, "/v1/history?scope=all&limit=200");
            let n_events = events.body["items"].as_array().unwrap().len();
            assert_eq!(checkpoint.body["size"], n_events, "{}", checkpoint.text);
            let origin = checkpoint.body["origin"].as_str().unwrap();
            assert!(origin.ends_with(&format!("/{}", ours.name)), "{origin}");
            vec![checkpoint]
        }
        ("GET", "/v1/history/proof/inclusion") => {
            let good = ours.get(stage, &format!("{path}?sequence=1"));
            assert_eq!(good.status, 200, "{}", good.text);
            // More events than ours, though not more than there are on the host.
            let beyond = ours.get(stage, &format!("{path}?sequence=40"));
            check(&beyond, 404, "history.event_not_found");
            vec![good, beyond]
        }
        ("GET", "/v1/history/proof/consistency") => {
            let good = ours.get(stage, &format!("{path}?from=1"));
            assert_eq!(good.status, 200, "{}", good.text);
            vec![good]
        }
        ("GET", "/v1/policy") => {
            let policy = ask(&[], &none);
            assert_eq!(policy.body["maximum_expiry_days"], ours.days, "{}", policy.text);
            assert_eq!(policy.body["version"], 2, "{}", policy.text);
            vec![policy]
        }
        ("PUT", "/v1/policy") => {
            // The same policy again is no change of the other's version either.
            let answer = ask(&["if-match: \"1\""], &ours.policy());
            check(&answer, 412, "policy.version_conflict");
            vec![answer]
        }
        ("POST", "/v1/policy/preview") => {
            let mut policy = ours.policy();
            policy["maximum_expiry_days"] = json!(1);
            let answer = ask(&[], &policy);
            let listed = answer.body["ending_earlier"].as_array().unwrap();
            assert!(listed.len() >= ours.n_tokens, "{}", answer.text);
            vec![answer]
        }
        ("POST", "/v1/policy/apply-to-existing") => {
            let answer = ask(&["if-match: \"2\""], &json!({ "notice_days": 365 }));
            assert_eq!(answer.status, 200, "{}", answer.text);
            vec![answer]
        }
        ("POST", "/v1/exports/validate") => {
            let body = json!({ "secret": theirs.secret });
            let answer = stage.json(method, path, &[&ours.service()], &body);
            assert_eq!(
                (answer.body["decision"].as_str(), answer.body["reason"].as_str()),
                (Some("deny"), Some("unknown")),
                "{}",
                answer.text
            );
            vec![answer]
        }
        ("GET", "/v1/exports/authorize") => {
            let service = format!("x-exportgate-service: {}", ours.service_key);
            let secret = format!("authorization: Bearer {}", theirs.secret);
            let answer = stage.ask(&["-H", &service, "-H", &secret], path);
            assert_eq!(answer.status, 401, "{}", answer.text);
            assert!(answer.head.contains("x-exportgate-reason: unknown"), "{}", answer.head);
            vec![answer]
        }
        ("POST", "/oauth2/introspect") => {
            let form = format!("token={}", theirs.secret);
            let answer = stage.ask(&["-H", &ours.service(), "--data-raw", &form], path);
            assert_eq!(answer.body, json!({ "active": false }));
            vec![answer]
        }
        ("POST", "/oauth2/revoke") => {
            let unknown = "token=egt_0123456789ABCDEFGHIJKLMNOPQRSTUV1jTRGd";
            vec![stage.ask(&["--data-raw", unknown], path)]
        }
        (_, path) if path.starts_with("/scim/v2/") => {
            vec![provision(stage, ours, theirs, method, path)]
        }
        unknown => panic!("{unknown:?} is new: say here what two organizations see of it"),
    }
}

/// Signs in with our provider; theirs is worth nothing there.
fn sign_in(stage: &Stage, ours: &Org, theirs: &Org, method: &str, path: &str) -> Vec<Answer> {
    let (own, other) = (format!("/{}", ours.name), format!("/{}", theirs.name));
    let signed_in = |org: &Org, at: &str| {
        let visit = Visit::begin_at(stage, at);
        assert_eq!(visit.request["client_id"], org.word("client"));
        // Two people of one name.
        visit.finish(stage, &org.provider, "namesake", &json!({ "sid": "1" }))
    };
    match (method, path.strip_prefix("/v1/sign-in/oidc").unwrap()) {
        (_, nameless @ ("" | "/callback" | "/backchannel-logout")) => {
            let form: &[&str] = if method == "POST" { &["-d", "logout_token=x"] } else { &[] };
            let answer = stage.ask(form, path);
            check(&answer, 404, "route.not_found");
            assert!(!answer.text.contains(&other), "{nameless}");
            vec![answer]
        }
        ("GET", "/{name}") => vec![stage.ask(&[], &format!("/v1/sign-in/oidc{own}"))],
        ("GET", "/callback/{name}") => {
            let visit = Visit::begin_at(stage, &own);
            let theirs = visit.finish(stage, &theirs.provider, "namesake", &json!({}));
            check(&theirs, 401, "sign_in.not_accepted");
            let answer = signed_in(ours, &own);
            let me = me(stage, &session(&answer));
            assert_eq!(me.body["org_id"], ours.name);
            vec![theirs, answer, me]
        }
        ("POST", "/backchannel-logout/{name}") => {
            let [mine, their] =
                [(ours, &own), (theirs, &other)].map(|(org, at)| session(&signed_in(org, at)));
            let mut claims = backchannel::logout_claims(&ours.provider, &json!({ "sid": "1" }));
            claims["aud"] = json!(ours.word("client"));
            let token = ours.provider.signed(&claims);
            let elsewhere = backchannel::send_to(stage, &other, &token);
            check(&elsewhere, 400, "request.malformed");
            let ended = backchannel::send_to(stage, &own, &token);
            assert_eq!(ended.status, 200, "{}", ended.text);
            assert_eq!((me(stage, &mine).status, me(stage, &their).status), (401, 200));
            vec![ended]
        }
        unknown => panic!("{unknown:?} is new: say here what two organizations see of it"),
    }
}

/// Asks a route of SCIM with our directory's key, about their administrator where somebody is named.
fn provision(stage: &Stage, ours: &Org, theirs: &Org, method: &str, path: &str) -> Answer {
    let their_path = path.replace("/Users/{user_id}", &format!("/Users/{}", theirs.word("admin")));
    let body = match method {
        "PATCH" => json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "active", "value": false }],
        }),
        _ => json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": ours.word("provisioned"),
        }),
    };
    let (key, body) = (format!("authorization: Bearer {}", ours.scim_key), body.to_string());
    let mut arguments = vec!["-X", method, "-H", &key];
    if !matches!(method, "GET" | "DELETE") {
        arguments.extend(["-H", "content-type: application/scim+json", "--data-raw", &body]);
    }
    let answer = stage.ask(&arguments, &their_path);
    if their_path != path {
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
    }
    if (method, path) == ("GET", "/scim/v2/Users") {
        assert!(answer.text.contains(&ours.word("admin")), "{}", answer.text);
    }
    answer
}

fn sum_of(value: &Value, name: &str) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(|item| sum_of(item, name)).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| match value.as_u64() {
                Some(number) if key == name => number,
                _ => sum_of(value, name),
            })
            .sum(),
        _ => 0,
    }
}

#[test]
fn no_answer_of_any_route_holds_anything_of_another_organization() {
    let (stage, acme, globex) = two();
    let document = stage.ask(&[], "/openapi.json").body;
    let mut walked = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            for (ours, theirs) in [(&acme, &globex), (&globex, &acme)] {
                for answer in walk(&stage, ours, theirs, &method, path) {
                    for mark in theirs.marks() {
                        let shown = format!("{}\n{}", answer.head, answer.text);
                        assert!(!shown.contains(&mark), "{method} {path}: {mark} in {shown}");
                    }
                }
            }
            walked.insert(format!("{method} {path}"));
        }
    }
    assert!(walked.len() >= 24, "{walked:?}");
    // After all that, each still has its own.
    for org in [&acme, &globex] {
        let export = json!({ "secret": org.secret });
        let answer = stage.json("POST", "/v1/exports/validate", &[&org.service()], &export);
        assert_eq!(answer.body["decision"], "allow", "{}", answer.text);
        let own = org.get(&stage, &format!("/v1/tokens/{}", org.token_id));
        assert_eq!(own.status, 200, "{}", own.text);
    }
    let report = stage.host.told(&["check"]);
    assert_eq!(report["ok"], true, "{report}");
}

#[test]
fn an_issuer_speaks_for_its_own_organization_only() {
    let (stage, acme, globex) = two();
    // The same `sub` in both is two people.
    let me = |org: &Org| {
        let credential =
            format!("authorization: Bearer {}", org.assertion(&stage, "namesake", "user"));
        stage.ask(&["-H", &credential], "/v1/me").body
    };
    assert_eq!((&me(&acme)["org_id"], &me(&globex)["org_id"]), (&json!("acme"), &json!("globex")));
    // The key of one does not sign for the other, whatever the claims say.
    let mut claims = claims(&stage, "acme-admin");
    claims["iss"] = json!(acme.issuer);
    claims["org"] = json!("acme");
    let forged = globex.key.assertion("ES256", "k", &claims);
    let credential = format!("authorization: Bearer {forged}");
    check(&stage.ask(&["-H", &credential], "/v1/me"), 401, "credential.invalid");
    claims["iss"] = json!(globex.issuer);
    let foreign = globex.key.assertion("ES256", "k", &claims);
    let credential = format!("authorization: Bearer {foreign}");
    check(&stage.ask(&["-H", &credential], "/v1/me"), 401, "credential.invalid");
    assert!(stage.host.log().contains("\"assertion.organization_wrong\""));
}

#[test]
fn the_operator_names_the_organization_that_is_meant() {
    let (stage, acme, globex) = two();
    let people = |org: &str| {
        let listed = stage.host.cli(&["user", "list", "--org", org]);
        String::from_utf8(listed.stdout).unwrap()
    };
    for (ours, theirs) in [(&acme, &globex), (&globex, &acme)] {
        let listed = people(ours.name);
        assert!(listed.contains(&ours.word("admin")), "{listed}");
        assert!(!listed.contains(theirs.name), "{listed}");
        let policy = stage.host.told(&["policy", "show", "--org", ours.name]);
        assert_eq!(policy["maximum_expiry_days"], ours.days);
        let history = stage.host.cli(&["history", "--org", ours.name]);
        let history = String::from_utf8(history.stdout).unwrap();
        assert!(history.contains(&ours.word("label-0")) && !history.contains(theirs.name));
    }
    // Who is deactivated in one goes on in the other.
    for org in [&acme, &globex] {
        let assertion = org.assertion(&stage, "namesake", "user");
        let credential = format!("authorization: Bearer {assertion}");
        assert_eq!(stage.ask(&["-H", &credential], "/v1/me").status, 200);
    }
    stage.host.told(&["user", "deactivate", "namesake-login", "--org", "acme"]);
    for (org, status) in [(&acme, 401), (&globex, 200)] {
        let assertion = org.assertion(&stage, "namesake", "user");
        let credential = format!("authorization: Bearer {assertion}");
        assert_eq!(stage.ask(&["-H", &credential], "/v1/me").status, status);
    }
}
