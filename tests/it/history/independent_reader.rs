//! A reader who trusts nobody: checkpoint, inclusion and consistency are verified with code of
//! other people (Cloudflare's `signed_note` and `tlog_tiles`), from what the routes answer.

use serde_json::{Value, json};
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{checkpoint::Checkpoint, tlog};

use crate::stage::{Stage, stage};

fn get(stage: &Stage, cookie: &str, path: &str) -> Value {
    let answer = stage.as_user(cookie, "GET", path, &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn hashes(proof: &Value) -> Vec<tlog::Hash> {
    let proof = proof["proof"].as_array().unwrap();
    proof.iter().map(|hash| tlog::Hash::parse_hash(hash.as_str().unwrap()).unwrap()).collect()
}

/// The checkpoint that is signed by the key with which the reader began.
fn checkpoint(stage: &Stage, cookie: &str, verifier_key: &str) -> Checkpoint {
    let headers = ["-H", &format!("cookie: {cookie}"), "-H", "accept: text/plain"];
    let answer = stage.ask(&headers, "/v1/history/checkpoint");
    assert!(answer.head.contains("content-type: text/plain; charset=utf-8"), "{}", answer.head);
    let note = Note::from_bytes(answer.text.as_bytes()).unwrap();
    let verifier = StandardVerifier::new(verifier_key).unwrap();
    note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    Checkpoint::from_bytes(note.text()).unwrap()
}

#[test]
fn other_peoples_code_verifies_checkpoints_and_proofs() {
    let mut stage = stage();
    let (anna, admin) = (stage.cookie("anna"), stage.cookie("admin"));
    let create = |stage: &Stage, n| {
        for number in 0..n {
            let label = json!({ "label": format!("Token {number}") });
            stage.as_user(&anna, "POST", "/v1/tokens", &label);
        }
    };
    let key = get(&stage, &admin, "/v1/history/checkpoint")["verifier_key"].clone();
    let key = key.as_str().unwrap();
    create(&stage, 5);
    let old = checkpoint(&stage, &admin, key);
    stage.as_user(&anna, "POST", "/v1/tokens/revoke-all", &json!({}));
    create(&stage, 8);
    stage.host.stop();
    stage.host.restart();
    let new = checkpoint(&stage, &admin, key);
    assert!(new.size() > old.size() && new.origin() == old.origin());

    let (from, to) = (old.size(), new.size());
    let proof = get(&stage, &admin, &format!("/v1/history/proof/consistency?from={from}&to={to}"));
    tlog::check_tree(&hashes(&proof), to, *new.hash(), from, *old.hash()).unwrap();

    // The lines are the canonical bytes: the reader hashes what it was given.
    let headers = ["-H", &format!("cookie: {admin}"), "-H", "accept: application/x-ndjson"];
    let lines = stage.ask(&headers, "/v1/history?scope=all").text;
    assert_eq!(lines.lines().count() as u64, to);
    for (line, sequence) in lines.lines().rev().zip(0..) {
        let path = format!("/v1/history/proof/inclusion?sequence={sequence}&size={to}");
        let proof = get(&stage, &admin, &path);
        let leaf = tlog::record_hash(line.as_bytes());
        assert_eq!(tlog::Hash::parse_hash(proof["leaf"].as_str().unwrap()).unwrap(), leaf);
        tlog::check_record(&hashes(&proof), to, *new.hash(), sequence, leaf).unwrap();
    }
    // A user's own events are proven to the user.
    let own = get(&stage, &anna, "/v1/history?limit=1")["items"][0]["sequence"].clone();
    get(&stage, &anna, &format!("/v1/history/proof/inclusion?sequence={own}"));
}
