//! Tables of good and wrong configurations.

mod oidc;

use std::fs;

use super::*;

fn load(
    toml: &str,
    environment: &[(&str, &str)],
    listen: Option<&str>,
) -> (Result<Config, Vec<String>>, String) {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join(CONFIG_NAME);
    fs::write(&file, toml).unwrap();
    let overrides = Overrides { listen: listen.map(|listen| listen.parse().unwrap()) };
    let environment = environment.iter().map(|(name, value)| (name.into(), value.into()));
    let config = Config::load_with(data.path(), None, overrides, environment);
    (config.map_err(|errors| errors.0), file.display().to_string())
}

#[track_caller]
fn check_good(toml: &str, environment: &[(&str, &str)], check: impl Fn(Config) -> bool) {
    let config = load(toml, environment, None).0.unwrap();
    assert!(check(config.clone()), "{config:#?}");
}

/// `FILE` stands for the file's path.
#[track_caller]
fn check_wrong(toml: &str, environment: &[(&str, &str)], expected: &[&str]) {
    let (config, file) = load(toml, environment, None);
    let errors: Vec<_> =
        config.unwrap_err().iter().map(|error| error.replace(&file, "FILE")).collect();
    assert_eq!(errors, expected, "{toml} {environment:?}");
}

#[test]
fn without_any_file_everything_has_its_default() {
    let data = tempfile::tempdir().unwrap();
    let config =
        Config::load_with(data.path(), None, Overrides::default(), [].into_iter()).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.http.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.store.file(Path::new("/data")), Path::new("/data/exportgate.db"));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("other.toml");
    let load = || Config::load_with(data.path(), Some(&file), Overrides::default(), [].into_iter());
    let error = load().unwrap_err().to_string();
    assert!(error.starts_with("cannot read `") && error.contains("other.toml"), "{error}");
    fs::write(&file, "[log]\nlevel = 'debug'").unwrap();
    assert_eq!(load().unwrap().log.level, LogLevel::Debug);
}

#[test]
fn every_setting_can_be_given_in_the_file() {
    let toml = r#"
        [http]
        listen = "0.0.0.0:9000"
        public_url = "HTTPS://Tokens.Example.com:443/"
        management_listen = "[::1]:9001"
        trusted_proxies = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]
        tls_certificate_file = "tls/cert.pem"
        tls_key_file = "/etc/key.pem"
        behind_tls_proxy = false
        [store]
        url = "sqlite:/var/lib/tokens.db"
        [history]
        audit = "strict"
        [engine]
        maximum_memory_mib = 8
        deadline_millis = 0x1F4
        [log]
        format = "json"
        level = "trace"
    "#;
    let (config, file) = load(toml, &[], None);
    let config = config.unwrap();
    let certificate = Path::new(&file).parent().unwrap().join("tls/cert.pem");
    let http = Http {
        listen: "0.0.0.0:9000".parse().unwrap(),
        public_url: Some("https://tokens.example.com".into()),
        management_listen: Some("[::1]:9001".parse().unwrap()),
        trusted_proxies: ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]
            .map(|net| net.parse().unwrap())
            .to_vec(),
        tls_certificate_file: Some(certificate),
        tls_key_file: Some("/etc/key.pem".into()),
        behind_tls_proxy: false,
    };
    assert_eq!(config.http, http);
    assert_eq!(config.store.file(Path::new("/data")), Path::new("/var/lib/tokens.db"));
    assert_eq!(config.history.audit, Audit::Strict);
    let engine = EngineConfig { maximum_memory_mib: 8, deadline: Duration::from_millis(500) };
    assert_eq!(config.engine, engine);
    let log = LogConfig { format: LogFormat::Json, level: LogLevel::Trace };
    assert_eq!(config.log, log);
}

#[test]
fn the_environment_wins_over_the_file_and_the_command_line_over_both() {
    let toml = "[http]\nlisten = '127.0.0.1:1'\ntrusted_proxies = []\n[log]\nlevel = 'warn'";
    let variables = [("EXPORTGATE_HTTP_LISTEN", "localhost:2"), ("EXPORTGATE_LOG_FORMAT", "json")];
    let config = load(toml, &variables, None).0.unwrap();
    assert_eq!(config.http.listen, "127.0.0.1:2".parse().unwrap());
    assert_eq!((config.log.format, config.log.level), (LogFormat::Json, LogLevel::Warn));
    let config = load(toml, &variables, Some("127.0.0.1:3")).0.unwrap();
    assert_eq!(config.http.listen, "127.0.0.1:3".parse().unwrap());
}

#[test]
fn variables_are_read_as_what_their_setting_is() {
    check_good("", &[("EXPORTGATE_HTTP_BEHIND_TLS_PROXY", "true")], |it| it.http.behind_tls_proxy);
    check_good("", &[("EXPORTGATE_ENGINE_DEADLINE_MILLIS", "250")], |it| {
        it.engine.deadline == Duration::from_millis(250)
    });
    check_good("", &[("EXPORTGATE_STORE_URL", "sqlite:123")], |it| {
        it.store.file(Path::new("/d")) == Path::new("/d/123")
    });
    for (list, n) in [
        ("10.0.0.0/8, ::1", 2),
        (r#"["10.0.0.0/8", "::1"]"#, 2),
        ("192.0.2.7", 1),
        ("", 0),
        ("[]", 0),
    ] {
        check_good("", &[("EXPORTGATE_HTTP_TRUSTED_PROXIES", list)], |it| {
            it.http.trusted_proxies.len() == n
        });
    }
}

#[test]
fn variables_of_the_command_line_and_of_tests_are_not_settings() {
    let variables = [
        ("EXPORTGATE_DATA", "x"),
        ("EXPORTGATE_SERVICE_KEY", "egs_secret"),
        ("EXPORTGATE_URL", "x"),
        ("EXPORTGATE_CONFIG_HOME", "x"),
        ("EXPORTGATE_TEST_ANYTHING", "x"),
        ("EXPORTGATED", "x"),
        ("PATH", "x"),
    ];
    check_good("", &variables, |config| config == Config::default());
}

#[test]
fn unknown_names_are_told_with_their_place_and_the_nearest_known_name() {
    check_wrong(
        "# ours\n[http]\nlistn = 'x'\n",
        &[],
        &["unknown key `http.listn` in FILE, line 3; did you mean `http.listen`?"],
    );
    check_wrong(
        "http.lisen = 'x'",
        &[],
        &["unknown key `http.lisen` in FILE, line 1; did you mean `http.listen`?"],
    );
    check_wrong(
        "\nlisten = 'x'",
        &[],
        &["unknown key `listen` in FILE, line 2; did you mean `http.listen`?"],
    );
    check_wrong(
        "[htpp]\nlisten = 'x'",
        &[],
        &["unknown section `[htpp]` in FILE, line 1; did you mean `[http]`?"],
    );
    check_wrong(
        "[[logs]]\nx = 1",
        &[],
        &["unknown section `[logs]` in FILE, line 1; did you mean `[log]`?"],
    );
    check_wrong("log = 'text'", &[], &["`log` in FILE, line 1 is a section, write `[log]`"]);
    check_wrong(
        "",
        &[("EXPORTGATE_HTTP_LISTN", "x")],
        &["unknown environment variable `EXPORTGATE_HTTP_LISTN`; did you mean \
           `EXPORTGATE_HTTP_LISTEN`?"],
    );
    check_wrong(
        "",
        &[("EXPORTGATE_LISTEN", "x")],
        &["unknown environment variable `EXPORTGATE_LISTEN`; did you mean \
           `EXPORTGATE_HTTP_LISTEN`?"],
    );
}

#[test]
fn a_name_that_is_like_none_is_not_explained_by_another() {
    check_wrong(
        "[telemetry]\nx = 1\n[log]\ncolour = 1\n",
        &[("EXPORTGATE_IMAGE", "x")],
        &[
            "unknown key `log.colour` in FILE, line 4",
            "unknown section `[telemetry]` in FILE, line 1",
            "unknown environment variable `EXPORTGATE_IMAGE`",
        ],
    );
}

#[test]
fn variables_that_kubernetes_makes_of_a_service_do_not_stop_the_start() {
    let variables = [
        ("EXPORTGATE_PORT", "tcp://10.0.0.1:80"),
        ("EXPORTGATE_PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("EXPORTGATE_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("EXPORTGATE_PORT_80_TCP_PORT", "80"),
        ("EXPORTGATE_PORT_80_TCP_PROTO", "tcp"),
        ("EXPORTGATE_SERVICE_HOST", "10.0.0.1"),
        ("EXPORTGATE_SERVICE_PORT", "80"),
        ("EXPORTGATE_SERVICE_PORT_HTTP", "80"),
    ];
    check_good("", &variables, |config| config == Config::default());
    check_wrong(
        "",
        &[("EXPORTGATE_SERVICE_KEYS", "x")],
        &["unknown environment variable `EXPORTGATE_SERVICE_KEYS`; did you mean \
           `EXPORTGATE_SERVICE_KEY`?"],
    );
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    let (config, _) = load("[http]\nlisten = \n", &[], None);
    let errors = config.unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].starts_with("not TOML in ") && errors[0].contains(", line 2: "),
        "{errors:?}"
    );
    let (config, _) = load("[http]\nlisten = 'a'\nlisten = 'b'\n", &[], None);
    assert!(config.unwrap_err()[0].contains(", line 3: duplicate key"));
}

#[test]
fn wrong_values_are_told_in_a_sentence() {
    let rows = [
        ("http.listen = 'here'", "`here` is not an address with a port, such as `127.0.0.1:8080`"),
        (
            "http.listen = \"a\\nb\"",
            "`a\\nb` is not an address with a port, such as `127.0.0.1:8080`",
        ),
        ("http.listen = 8080", "`8080` is not text in quotes"),
        (
            "http.listen = ':8080'",
            "`:8080` is not an address with a port, such as `127.0.0.1:8080`",
        ),
        ("http.behind_tls_proxy = 'true'", "`true` is neither `true` nor `false`"),
        (
            "http.trusted_proxies = '10.0.0.1'",
            "`10.0.0.1` is not a list of addresses and networks, such as `[\"10.0.0.0/8\", \"::1\"]`",
        ),
        (
            "http.trusted_proxies = ['proxy']",
            "`proxy` is neither an address nor a network, such as `10.0.0.0/8`",
        ),
        (
            "http.trusted_proxies = ['10.1.2.3/8']",
            "`10.1.2.3/8` is an address inside a network: write `10.1.2.3` or `10.0.0.0/8`",
        ),
        ("http.trusted_proxies = [1]", "`1` is not text in quotes"),
        ("history.audit = 'loose'", "`loose` is not one of `gathered`, `strict`"),
        ("log.format = 'xml'", "`xml` is not one of `text`, `json`"),
        ("log.level = 3", "`3` is not one of `error`, `warn`, `info`, `debug`, `trace`"),
        ("engine.maximum_memory_mib = 17", "`17` is not a whole number from 4 to 16"),
        ("engine.maximum_memory_mib = -1", "`-1` is not a whole number from 4 to 16"),
        (
            "engine.deadline_millis = 1.5",
            "a number with a fraction is not a whole number from 100 to 60000",
        ),
        (
            "store.url = 'postgres://me:secret@db/x'",
            "it must be `sqlite:` and a path, such as `sqlite:exportgate.db`",
        ),
        (
            "store.url = 'sqlite::memory:'",
            "it must be `sqlite:` and a path, such as `sqlite:exportgate.db`",
        ),
    ];
    for (toml, mistake) in rows {
        let name = toml.split(' ').next().unwrap();
        check_wrong(toml, &[], &[&format!("`{name}` in FILE, line 1: {mistake}")]);
    }
    check_wrong(
        "",
        &[("EXPORTGATE_HTTP_BEHIND_TLS_PROXY", "yes")],
        &["`http.behind_tls_proxy` in the environment variable EXPORTGATE_HTTP_BEHIND_TLS_PROXY: \
           `yes` is neither `true` nor `false`"],
    );
}

#[test]
fn a_public_url_is_scheme_host_and_port() {
    let good = [
        ("https://tokens.example.com", "https://tokens.example.com"),
        ("https://tokens.example.com/", "https://tokens.example.com"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://a:80", "http://a"),
        ("https://a:80", "https://a:80"),
    ];
    for (given, expected) in good {
        check_good(&format!("http.public_url = '{given}'"), &[], |it| {
            it.http.public_url.as_deref() == Some(expected)
        });
    }
    let wrong = [
        ("tokens.example.com", "is not an http or https URL"),
        ("ftp://a", "is not an http or https URL"),
        ("https://a/path", "has a path or a query"),
        ("https://a?b", "has a path or a query"),
        ("https://a#b", "has a fragment"),
        ("https://me@a", "has a user name"),
        ("https://a:99999", "has no good port"),
        ("https://a:", "has no good port"),
        ("https://:80", "names no host"),
        ("https://a b", "is not a URL"),
        ("", "is not a URL"),
    ];
    for (given, what) in wrong {
        let (config, _) = load(&format!("http.public_url = '{given}'"), &[], None);
        let errors = config.expect_err(given);
        assert!(errors[0].contains(&format!("line 1: `{given}` {what}; ")), "{errors:?}");
    }
}

#[test]
fn plain_http_is_for_this_machine_or_behind_a_proxy_with_tls() {
    let open = "http.listen = '0.0.0.0:80'\n";
    let (config, _) = load(open, &[], None);
    let errors = config.unwrap_err();
    assert!(errors[0].contains("line 1: `0.0.0.0:80` can be reached from other"), "{errors:?}");
    check_good(&format!("{open}http.behind_tls_proxy = true"), &[], |_| true);
    let tls = "http.tls_certificate_file = 'c'\nhttp.tls_key_file = 'k'";
    check_good(&format!("{open}{tls}"), &[], |_| true);
    check_good("http.listen = '127.8.8.8:80'", &[], |_| true);

    let errors = load("", &[], Some("[::]:80")).0.unwrap_err();
    assert!(errors[0].starts_with("`http.listen` given as --listen: `[::]:80` "), "{errors:?}");
    let errors = load(&format!("http.management_listen = '0.0.0.0:9'\n{tls}"), &[], None);
    assert!(errors.0.unwrap_err()[0].starts_with("`http.management_listen` in "));
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    check_wrong(
        "http.tls_key_file = 'k'",
        &[],
        &["`http.tls_key_file` in FILE, line 1: `http.tls_certificate_file` is missing: TLS \
           needs both files"],
    );
    check_wrong(
        "http.management_listen = '127.0.0.1:8080'",
        &[],
        &["`http.management_listen` in FILE, line 1: it must be another address than \
           `http.listen`; leave it out to answer on both"],
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let toml = "[http]\nlistn = 1\npublic_url = 'x'\n[log]\nlevel = 'loud'\n";
    let (config, _) = load(toml, &[("EXPORTGATE_LOGS", "1")], None);
    assert_eq!(config.unwrap_err().len(), 4);
}

#[test]
fn issuers_are_read_with_their_keys() {
    let toml = r#"
        [[issuer]]
        issuer = "https://acme.my.salesforce.com"
        org_id = "acme"
        certificate_file = "acme.pem"
        key_id = "Exportgate"
        gives_roles = true
        salesforce_org = "00D5g000000AbCdEAK"
        [[issuer]]
        issuer = "https://login.example.com"
        org_id = "default"
        jwks_url = "https://login.example.com/keys"
        jwks_may_be_internal = true
        [[issuer]]
        issuer = "b"
        org_id = "default"
        jwks_url = "http://[::1]:8000/keys"
    "#;
    let (config, file) = load(toml, &[], None);
    let [acme, login, b] = <[Issuer; 3]>::try_from(config.unwrap().issuers).unwrap();
    let certificate = Path::new(&file).with_file_name("acme.pem");
    assert_eq!(acme.keys, IssuerKeys::CertificateFile(certificate));
    assert_eq!((acme.org_id.as_str(), acme.gives_roles), ("acme", true));
    assert_eq!(acme.key_id.as_deref(), Some("Exportgate"));
    assert!(matches!(login.keys, IssuerKeys::Jwks { may_be_internal: true, .. }));
    assert!(!login.gives_roles && login.salesforce_org.is_none());
    assert!(matches!(b.keys, IssuerKeys::Jwks { may_be_internal: false, .. }));
}

#[test]
fn what_is_wrong_with_an_issuer_is_told_with_its_line() {
    check_wrong(
        "[[issuer]]\nissuer = 'a'\norg_id = 'b'\npublic_key_fle = 'k'\ngives_roles = 'yes'",
        &[],
        &[
            "unknown key `issuer.public_key_fle` in FILE, line 4; did you mean \
             `issuer.public_key_file`?",
            "`[[issuer]]` in FILE, line 1: it needs exactly one of `issuer.certificate_file`, \
             `issuer.public_key_file` and `issuer.jwks_url`",
            "`issuer.gives_roles` in FILE, line 5: `yes` is neither `true` nor `false`",
        ],
    );
    check_wrong(
        "[[issuer]]\njwks_url = 'https://a/'\nkey_id = 'x'\nsalesforce_org = '00X'\norg_id = 'a b'",
        &[],
        &[
            "`[[issuer]]` in FILE, line 1: `issuer.issuer` is missing",
            "`issuer.key_id` in FILE, line 3: a key set names its keys itself; leave it out with \
             `issuer.jwks_url`",
            "`issuer.org_id` in FILE, line 5: `a b` is not an identifier of 1 to 64 letters, \
             digits, `_` and `-`",
            "`issuer.salesforce_org` in FILE, line 4: `00X` is not a Salesforce organization id: \
             00D and 12 or 15 more characters",
        ],
    );
    let twice = "[[issuer]]\nissuer = 'a'\norg_id = 'b'\npublic_key_file = 'k'\n";
    check_wrong(
        &twice.repeat(2),
        &[],
        &["`issuer.issuer` in FILE, line 6: it names the same issuer as another `[[issuer]]`"],
    );
    check_wrong(
        "[issuer]\nissuer = 'a'",
        &[],
        &["`issuer` in FILE, line 1 can be there several times, write `[[issuer]]`"],
    );
    check_wrong(
        "[[isuer]]\nissuer = 'a'",
        &[],
        &["unknown section `[isuer]` in FILE, line 1; did you mean `[[issuer]]`?"],
    );
    let public = format!("[http]\nlisten = '0.0.0.0:1'\nbehind_tls_proxy = true\n{twice}");
    check_wrong(
        &public,
        &[],
        &["`http.public_url`: it is missing: with an `[[issuer]]` it says which `aud` is this \
           host's"],
    );
}

#[test]
fn keys_come_over_https_or_from_this_machine() {
    for url in [
        "http://example.com/keys",
        "http://169.254.169.254/",
        "ftp://a/",
        "file:///etc/passwd",
        "https://a:b@c/",
        "https://a/#b",
        "keys",
        "http://127.0.0.1.example.com/",
    ] {
        let toml = format!("[[issuer]]\nissuer = 'a'\norg_id = 'b'\njwks_url = '{url}'");
        let errors = load(&toml, &[], None).0.unwrap_err();
        assert!(errors[0].starts_with("`issuer.jwks_url` in "), "{url}: {errors:?}");
    }
}
