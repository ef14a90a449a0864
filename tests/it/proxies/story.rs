//! Knows what a token opens and what it does not: reading with Basic and Bearer, every refusal with
//! its reason, revocation and expiry at the very next fetch.

use exportgate_core::secret::{SECRET_RANDOM_BYTES, Secret, SecretKind};
use exportgate_tests::sample_export::csv;
use exportgate_tests::sample_export::entity_set::{ENTITY_SETS, PAGE_ROWS};
use exportgate_tests::wait::{wait_for, within};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::curl::Credential::{Basic, Bearer, Nothing};
use super::curl::{Answer, fetch, fetch_in_parallel};
use super::front::Kind;
use super::stage::{SERVICE, Stage, USER, create_token_until, read_feed, revoke};
use super::through_both;

through_both! {
    a_token_opens_the_feed_and_the_csv,
    an_odata_client_reads_every_row_by_following_the_links,
    whoever_has_no_right_token_gets_a_reason_and_a_challenge,
    a_revoked_token_opens_nothing_from_the_next_fetch_on,
    a_token_opens_nothing_from_the_second_of_its_expiry_on,
    many_clients_behind_one_address_are_not_slowed_down,
    a_revoked_service_key_is_not_blamed_on_the_client,
}

const FEED: &str = "/odata/Opportunities";
const CSV: &str = "/csv/opportunities.csv";

fn a_token_opens_the_feed_and_the_csv(kind: Kind) {
    let stage = Stage::behind(kind);
    let token = stage.token();
    for credential in [Basic(USER, &token.secret), Bearer(&token.secret)] {
        let feed = fetch(&stage.at(FEED), credential);
        assert_eq!(feed.status, 200);
        assert!(feed.header("Content-Type").starts_with("application/json"));
        assert_eq!(feed.header("Cache-Control"), "private, no-store");
        assert_eq!(feed.json()["value"].as_array().unwrap().len() as u64, PAGE_ROWS);

        let csv = fetch(&stage.at(CSV), credential);
        assert_eq!(csv.status, 200);
        assert!(csv.header("Content-Type").starts_with("text/csv"));
        assert_eq!(hex::encode(Sha256::digest(&csv.body)), csv::digest(), "the CSV was changed");
    }
    let metadata = fetch(&stage.at("/odata/$metadata"), Basic(USER, &token.secret));
    assert!(metadata.header("Content-Type").starts_with("application/xml"));
    let nowhere = fetch(&stage.at("/odata/Nothing"), Basic(USER, &token.secret));
    assert_eq!(nowhere.status, 404);
}

fn an_odata_client_reads_every_row_by_following_the_links(kind: Kind) {
    let stage = Stage::behind(kind);
    let token = stage.token();
    // Files with Basic; with Bearer a program that makes its links from what the proxy tells it.
    for (feed, user) in [("/odata/", Some(USER)), ("/live/odata/", None)] {
        let (read, told) = read_feed(&stage.at(feed), user, &token.secret);
        assert!(read, "{told}");
        for set in ENTITY_SETS {
            let table = &told["tables"][set.name];
            assert_eq!(table["n_rows"], set.n_rows, "{} of {feed}", set.name);
            assert_eq!(table["sha256"], set.digest(), "a cell of {} of {feed}", set.name);
        }
    }
    revoke(&stage.host, &token);
    let (read, told) = read_feed(&stage.at("/odata/"), Some(USER), &token.secret);
    assert!(!read);
    assert_eq!((&told["status"], &told["reason"]), (&401.into(), &"revoked".into()));
}

fn whoever_has_no_right_token_gets_a_reason_and_a_challenge(kind: Kind) {
    let stage = Stage::behind(kind);
    let token = stage.token();
    // Of the right form and with the right checksum, but of no token.
    let unknown = Secret::generate(SecretKind::AccessToken, &[7; SECRET_RANDOM_BYTES]).unwrap();
    let typing_error = token.secret.to_uppercase();
    let cases = [
        (Nothing, "credential.missing"),
        (Basic(USER, "password"), "malformed"),
        (Basic(USER, &typing_error), "malformed"),
        (Bearer("egt_short"), "malformed"),
        (Bearer(unknown.expose()), "unknown"),
        (Basic("admin", &token.secret), "user_mismatch"),
    ];
    for path in [FEED, CSV, "/odata/$metadata", "/live/odata/", "/nowhere"] {
        for (credential, reason) in cases {
            check_refused(&fetch(&stage.at(path), credential), reason);
        }
    }
    // The user name is compared without case, as the host's rules say.
    let shouted = fetch(&stage.at(FEED), Basic("ZOË@example.com", &token.secret));
    assert_eq!(shouted.status, 200);
}

fn a_revoked_token_opens_nothing_from_the_next_fetch_on(kind: Kind) {
    let stage = Stage::behind(kind);
    let (revoked, other) = (stage.token(), stage.token());
    assert_eq!(fetch(&stage.at(FEED), Basic(USER, &revoked.secret)).status, 200);
    revoke(&stage.host, &revoked);
    for path in [FEED, CSV, "/live/odata/Accounts"] {
        check_refused(&fetch(&stage.at(path), Basic(USER, &revoked.secret)), "revoked");
        check_refused(&fetch(&stage.at(path), Bearer(&revoked.secret)), "revoked");
        assert_eq!(fetch(&stage.at(path), Basic(USER, &other.secret)).status, 200);
    }
}

fn a_token_opens_nothing_from_the_second_of_its_expiry_on(kind: Kind) {
    let stage = Stage::behind(kind);
    let (refused, expires_at) = within("a fetch before the end", 5, |seconds| {
        let expires_at = OffsetDateTime::now_utc().unix_timestamp() + seconds;
        let expires_at = OffsetDateTime::from_unix_timestamp(expires_at).unwrap();
        let expires = expires_at.format(&Rfc3339).unwrap();
        let token = create_token_until(&stage.host, &expires)?;
        let mut n_allowed = 0;
        let refused = wait_for("the token to expire", || {
            let before = OffsetDateTime::now_utc();
            let answer = fetch(&stage.at("/odata/$metadata"), Basic(USER, &token.secret));
            if answer.status != 200 {
                return Some(answer);
            }
            assert!(before < expires_at, "an expired token was let in");
            n_allowed += 1;
            None
        });
        (n_allowed > 0).then_some((refused, expires_at))
    });
    assert!(OffsetDateTime::now_utc() >= expires_at, "refused before it expired");
    check_refused(&refused, "expired");
}

fn many_clients_behind_one_address_are_not_slowed_down(kind: Kind) {
    let stage = Stage::behind(kind);
    const N_FETCHES: usize = 1_000;
    let token = stage.token();
    let url = stage.at("/odata/$metadata");
    let good = fetch_in_parallel(&url, Basic(USER, &token.secret), N_FETCHES);
    assert_eq!(good, vec![200; N_FETCHES]);
    // A report with a mistyped password must not lock out its neighbours either.
    let wrong = fetch_in_parallel(&url, Basic(USER, "mistyped"), N_FETCHES);
    assert_eq!(wrong, vec![401; N_FETCHES]);
    assert_eq!(fetch(&url, Basic(USER, &token.secret)).status, 200);
}

fn a_revoked_service_key_is_not_blamed_on_the_client(kind: Kind) {
    let stage = Stage::behind(kind);
    let token = stage.token();
    stage.host.told(&["service", "revoke", SERVICE]);
    for credential in [Basic(USER, &token.secret), Nothing] {
        let answer = fetch(&stage.at(CSV), credential);
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(!answer.text().contains("Opportunity"));
    }
}

/// A clear no: the reason for programs and in the body, and a challenge that makes Power BI ask
/// for the credential.
#[track_caller]
fn check_refused(answer: &Answer, reason: &str) {
    assert_eq!((answer.status, answer.header("X-Exportgate-Reason")), (401, reason));
    assert_eq!(answer.n_headers("WWW-Authenticate"), 1);
    let challenge = answer.header("WWW-Authenticate");
    assert!(challenge.starts_with("Basic realm=") && challenge.contains("Bearer realm="));
    assert_eq!(answer.header("Content-Type"), "application/problem+json");
    assert!(answer.header("Cache-Control").contains("no-store"));
    let body = answer.json();
    assert_eq!((&body["status"], &body["reason"]), (&401.into(), &reason.into()));
}
