//! Knows that a program can ask Exportgate by itself, without any proxy, as `sample-export
//! --authorize` does.

use exportgate_tests::sample_export::csv;
use exportgate_tests::sample_export::entity_set::ENTITY_SETS;
use sha2::{Digest as _, Sha256};

use super::curl::Credential::{Basic, Bearer, Nothing};
use super::curl::fetch;
use super::stage::{Program, USER, create_token, host_with_service, read_feed, revoke};

#[test]
fn a_program_that_asks_by_itself_serves_and_refuses_like_one_behind_a_proxy() {
    let dir = tempfile::tempdir().unwrap();
    let (mut host, key) = host_with_service(dir.path());
    let program = Program::start(dir.path(), &["--authorize", host.url()], Some(&key));
    let at = |path: &str| format!("{}{path}", program.url);
    let token = create_token(&host);
    let good = Basic(USER, &token.secret);

    let (read, told) = read_feed(&at("/odata/"), Some(USER), &token.secret);
    assert!(read, "{told}");
    for set in ENTITY_SETS {
        assert_eq!(told["tables"][set.name]["sha256"], set.digest(), "a cell of {}", set.name);
    }
    let file = fetch(&at("/csv/opportunities.csv"), Bearer(&token.secret));
    assert_eq!(hex::encode(Sha256::digest(&file.body)), csv::digest());

    let refused = fetch(&at("/odata/"), Nothing);
    assert_eq!((refused.status, refused.n_headers("WWW-Authenticate")), (401, 1));
    assert_eq!(refused.header("X-Exportgate-Reason"), "credential.missing");
    assert_eq!(fetch(&at("/nowhere"), Nothing).status, 401);
    assert_eq!(fetch(&at("/nowhere"), good).status, 404);

    host.stop();
    for credential in [good, Nothing] {
        assert_eq!(fetch(&at("/odata/"), credential).status, 503);
    }
    host.restart();
    assert_eq!(fetch(&at("/odata/"), good).status, 200);

    revoke(&host, &token);
    let refused = fetch(&at("/odata/"), good);
    assert_eq!((refused.status, refused.header("X-Exportgate-Reason")), (401, "revoked"));
    assert_eq!(refused.json()["reason"], "revoked");
}
