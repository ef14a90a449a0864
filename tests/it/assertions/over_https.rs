//! Keys over https: from a server whose certificate this machine trusts, and from no other.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use super::keys::openssl;
use super::{ISSUER, Key, check_refused, claims, me, scene_in};

/// OpenSSL's own server, which hands out the files of a folder.
struct HttpsServer {
    child: Child,
    url: String,
}

impl HttpsServer {
    /// Makes an authority, `ca.pem`, and a server that it vouches for.
    fn start(folder: &Path) -> Self {
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let key_into = |name: &str| {
            let kind = ["-newkey", "rsa:2048", "-nodes", "-keyout"].map(str::to_owned);
            kind.into_iter().chain([path(name)]).collect::<Vec<_>>()
        };
        let run = |command: &[&str], more: &[String]| {
            let more = more.iter().map(String::as_str);
            openssl(&command.iter().copied().chain(more).collect::<Vec<_>>());
        };
        let (authority, request, certificate) = (path("ca.pem"), path("csr"), path("server.pem"));
        run(
            &["req", "-x509", "-days", "2", "-subj", "/CN=Authority", "-out", &authority],
            &key_into("ca.key"),
        );
        let name = "subjectAltName=IP:127.0.0.1";
        run(
            &["req", "-subj", "/CN=keys", "-addext", name, "-out", &request],
            &key_into("server.key"),
        );
        run(
            &["x509", "-req", "-days", "2", "-copy_extensions", "copy", "-CA", &authority],
            &["-in", &request, "-CAkey", &path("ca.key"), "-out", &certificate].map(str::to_owned),
        );
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-WWW"])
            .args(["-cert", &certificate, "-key", &path("server.key")])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl");
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = said.find_map(|line| Some(line.ok()?.strip_prefix("ACCEPT ")?.to_owned()));
        let url = format!("https://{}/keys", address.expect("where it listens"));
        // It stops when nobody reads what it says.
        std::thread::spawn(move || said.for_each(drop));
        Self { child, url }
    }
}

impl Drop for HttpsServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn keys_come_over_https_from_a_server_that_is_trusted_and_no_other() {
    let key = Key::p256();
    let folder = tempfile::tempdir().unwrap();
    let set = json!({ "keys": [key.jwk("k")] }).to_string();
    std::fs::write(folder.path().join("keys"), set).unwrap();
    let server = HttpsServer::start(folder.path());
    let url = &server.url;
    let issuer =
        format!("[[issuer]]\nissuer = \"{ISSUER}\"\norg_id = \"default\"\njwks_url = \"{url}\"\n");

    let trusting = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("ca.pem"), trusting.path().join("ca.pem")).unwrap();
    let stage = scene_in(trusting, &issuer, &[]);
    let answer = me(&stage, &key.assertion("ES256", "k", &claims(&stage, "eva")));
    assert_eq!(answer.status, 200, "{}", stage.host.log());

    let stage = scene_in(tempfile::tempdir().unwrap(), &issuer, &[]);
    let assertion = key.assertion("ES256", "k", &claims(&stage, "eva"));
    check_refused(&stage, &assertion, "keys_unavailable");
    assert!(stage.host.log().contains("certificate"), "{}", stage.host.log());
}
