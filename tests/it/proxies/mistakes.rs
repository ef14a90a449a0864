//! Knows that the stories would notice a mistake in a proxy's configuration: each is planted, and
//! the story that it must spoil is told once more, in a process of its own.

use std::process::{Command, Stdio};

use super::front::Kind::{self, Caddy, Nginx};
use super::through_both;

through_both! {
    every_mistake_spoils_its_story,
}

/// Names the mistake that a configuration has, where it has one.
const VARIABLE: &str = "EXPORTGATE_PROXY_MISTAKE";

/// A mistake in a configuration.
struct Mistake {
    kind: Kind,
    name: &'static str,
    /// What is replaced with what.
    edits: &'static [[&'static str; 2]],
    /// Who notices it, and with which words.
    story: &'static str,
    shows: &'static str,
}

const MISTAKES: [Mistake; 22] = [
    Mistake {
        kind: Nginx,
        name: "files-without-asking",
        edits: &[["    location / {\n", "    location / {\n        auth_request off;\n"]],
        story: "story::whoever_has_no_right_token_gets_a_reason_and_a_challenge",
        shows: "left: (200, \"\")",
    },
    Mistake {
        kind: Nginx,
        name: "program-without-asking",
        edits: &[["    location /live/ {\n", "    location /live/ {\n        auth_request off;\n"]],
        story: "story::whoever_has_no_right_token_gets_a_reason_and_a_challenge",
        shows: "left: (200, \"\")",
    },
    Mistake {
        kind: Nginx,
        name: "a-yes-is-kept",
        edits: &[
            [
                "upstream exportgate {",
                "proxy_cache_path tmp/kept keys_zone=kept:1m;\nupstream exportgate {",
            ],
            [
                "proxy_cache           off;",
                "proxy_cache kept; proxy_cache_key $http_authorization; proxy_cache_valid 200 1m; \
                 proxy_ignore_headers Cache-Control;",
            ],
        ],
        story: "story::a_revoked_token_opens_nothing_from_the_next_fetch_on",
        shows: "left: (200, \"\")",
    },
    Mistake {
        kind: Nginx,
        name: "open-while-the-host-is-away",
        edits: &[
            ["        internal;\n", "        internal;\n        error_page 502 504 =204 @open;\n"],
            [
                "    location @denied {",
                "    location @open { return 204; }\n    location @denied {",
            ],
        ],
        story: "outage::nothing_is_served_while_the_host_is_away",
        shows: "left: 200",
    },
    Mistake {
        kind: Nginx,
        name: "own-key-blamed-on-the-client",
        edits: &[["\"\"       @unavailable;", "\"\"       @denied;"]],
        story: "story::a_revoked_service_key_is_not_blamed_on_the_client",
        shows: "left: 401",
    },
    Mistake {
        kind: Nginx,
        name: "all-headers-to-exportgate",
        edits: &[["proxy_pass_request_headers off;", "proxy_pass_request_headers on;"]],
        story: "questions::exportgate_is_asked_with_the_clients_own_words_and_the_proxys_key",
        shows: "left: Some(\"__Host-exportgate=stolen\")",
    },
    Mistake {
        kind: Nginx,
        name: "clients-address-believed",
        edits: &[[
            "X-Exportgate-Data-Source $export_path;\n        proxy_set_header X-Forwarded-For          $remote_addr;",
            "X-Exportgate-Data-Source $export_path;\n        proxy_set_header X-Forwarded-For          $http_x_forwarded_for;",
        ]],
        story: "questions::exportgate_is_asked_with_the_clients_own_words_and_the_proxys_key",
        shows: "left: Some(\"203.0.113.7\")",
    },
    Mistake {
        kind: Nginx,
        name: "secret-to-the-program",
        edits: &[["proxy_set_header Authorization             \"\";", ""]],
        story: "questions::the_program_learns_who_it_is_but_never_the_secret",
        shows: "authorization",
    },
    Mistake {
        kind: Nginx,
        name: "clients-name-believed",
        edits: &[["proxy_set_header X-Exportgate-User         $exportgate_user;", ""]],
        story: "questions::the_program_learns_who_it_is_but_never_the_secret",
        shows: "left: (Some(\"admin\"), 1)",
    },
    Mistake {
        kind: Nginx,
        name: "query-in-the-log",
        edits: &[["$request_method $export_path $status", "$request_method $request_uri $status"]],
        story: "privacy::a_secret_in_the_address_is_refused_and_stands_in_no_log",
        shows: "is in a log",
    },
    Mistake {
        kind: Nginx,
        name: "secret-in-the-address-served",
        edits: &[["if ($export_path = \"/secret-in-url\")", "if ($export_path = \"/never\")"]],
        story: "privacy::a_secret_in_the_address_is_refused_and_stands_in_no_log",
        shows: "right: 400",
    },
    Mistake {
        kind: Caddy,
        name: "files-without-asking",
        edits: &[["forward_auth {", "forward_auth /live/* {"]],
        story: "story::whoever_has_no_right_token_gets_a_reason_and_a_challenge",
        shows: "left: (200, \"\")",
    },
    Mistake {
        kind: Caddy,
        name: "program-without-asking",
        edits: &[["forward_auth {", "@asked not path /live/*\n\t\tforward_auth @asked {"]],
        story: "story::whoever_has_no_right_token_gets_a_reason_and_a_challenge",
        shows: "left: (200, \"\")",
    },
    Mistake {
        kind: Caddy,
        name: "open-while-the-host-is-away",
        edits: &[[
            "\t\thandle @away {\n",
            "\t\thandle @away {\n\t\t\troute {\n\t\t\t\troot * {$EXPORT_FOLDER}\n\
             \t\t\t\ttry_files {path} {path}.json\n\
             \t\t\t\tfile_server {\n\t\t\t\t\tstatus 200\n\t\t\t\t}\n\t\t\t}\n",
        ]],
        story: "outage::nothing_is_served_while_the_host_is_away",
        shows: "left: 200",
    },
    Mistake {
        kind: Caddy,
        name: "own-key-blamed-on-the-client",
        edits: &[["\t\t\t\terror 503\n", "\t\t\t\terror 401\n"]],
        story: "story::a_revoked_service_key_is_not_blamed_on_the_client",
        shows: "left: 401",
    },
    Mistake {
        kind: Caddy,
        name: "cookies-to-exportgate",
        edits: &[["\t\t\theader_up -Cookie\n", ""]],
        story: "questions::exportgate_is_asked_with_the_clients_own_words_and_the_proxys_key",
        shows: "left: Some(\"__Host-exportgate=stolen\")",
    },
    Mistake {
        kind: Caddy,
        name: "query-to-exportgate",
        edits: &[["uri /v1/exports/authorize?", "uri /v1/exports/authorize"]],
        story: "questions::exportgate_is_asked_with_the_clients_own_words_and_the_proxys_key",
        shows: "/v1/exports/authorize?",
    },
    Mistake {
        kind: Caddy,
        name: "secret-to-the-program",
        edits: &[["header_up -Authorization\n", ""]],
        story: "questions::the_program_learns_who_it_is_but_never_the_secret",
        shows: "authorization",
    },
    Mistake {
        kind: Caddy,
        name: "clients-claims-handed-on",
        edits: &[["request_header -X-Exportgate-*", ""]],
        story: "questions::the_program_learns_who_it_is_but_never_the_secret",
        shows: "left: (Some(\"egs_mine\"), 1)",
    },
    Mistake {
        kind: Caddy,
        name: "query-in-the-log",
        edits: &[[
            "exports.log}\n\t\tformat filter {\n\t\t\twrap json\n\t\t\tfields {\n\t\t\t\trequest>uri regexp \"\\?.*|",
            "exports.log}\n\t\tformat filter {\n\t\t\twrap json\n\t\t\tfields {\n\t\t\t\trequest>uri regexp \"",
        ]],
        story: "privacy::a_secret_in_the_address_is_refused_and_stands_in_no_log",
        shows: "is in a log",
    },
    Mistake {
        kind: Caddy,
        name: "credential-in-the-log",
        edits: &[
            [
                "request>headers delete\n\t\t\t}\n\t\t}\n\t}\n\n\t# Inside",
                "request>headers>Cookie delete\n\t\t\t}\n\t\t}\n\t}\n\n\t# Inside",
            ],
            ["admin off", "admin off\n\tservers {\n\t\tlog_credentials\n\t}"],
        ],
        story: "privacy::a_secret_in_the_address_is_refused_and_stands_in_no_log",
        shows: "is in a log",
    },
    Mistake {
        kind: Caddy,
        name: "secret-in-the-address-served",
        edits: &[["respond @secret_in_url \"a secret in the address is never accepted\" 400", ""]],
        story: "privacy::a_secret_in_the_address_is_refused_and_stands_in_no_log",
        shows: "right: 400",
    },
];

/// A proxy's configuration, with the mistake that this process shall make.
#[track_caller]
pub fn planted(kind: Kind, configuration: &str) -> String {
    let mut configuration = configuration.to_owned();
    let Ok(name) = std::env::var(VARIABLE) else { return configuration };
    let is_meant = |mistake: &&Mistake| mistake.kind == kind && mistake.name == name;
    let mistake = MISTAKES.iter().find(is_meant).expect("a mistake with this name");
    for [right, wrong] in mistake.edits {
        assert_eq!(configuration.matches(right).count(), 1, "{name}: `{right}` is there once");
        configuration = configuration.replace(right, wrong);
    }
    configuration
}

fn every_mistake_spoils_its_story(kind: Kind) {
    let missed: Vec<String> =
        MISTAKES.iter().filter(|mistake| mistake.kind == kind).filter_map(missed).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// What the story said that did not notice a mistake.
fn missed(mistake: &Mistake) -> Option<String> {
    let (page, story) = mistake.story.split_once("::").expect("a page and its story");
    let through = format!("through_{:?}", mistake.kind).to_lowercase();
    let output = Command::new(std::env::current_exe().expect("the path of this test"))
        .args(["--exact", &format!("proxies::{page}::{through}::{story}")])
        .env(VARIABLE, mistake.name)
        .stdin(Stdio::null())
        .output()
        .expect("run this test again");
    let said = String::from_utf8_lossy(&output.stdout);
    let is_noticed = !output.status.success() && said.contains(mistake.shows);
    (!is_noticed).then(|| format!("{:?}, {}: {said}", mistake.kind, mistake.name))
}
