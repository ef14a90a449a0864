//! Knows what can be wrong with a request, as arguments for `curl`.

use std::io::Write as _;

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::routes::{Body, Route};

/// Who is named where a request has a body that is bad.
pub const SOMEBODY: &str = "anna";
/// A name that nobody has, for routes that would do something with a good one.
const NOBODY: &str = "tok_0000000000000000000000";
/// Far more than a body may have, in bytes.
const HUGE: usize = 10_000_000;
/// More than the whole head of a request may have, in bytes.
const LONG_HEADER: usize = 40_000;
/// As many fields as no client sends, and more than the host takes.
const MANY_HEADERS: usize = 200;
/// A text that is too long for every field, and short enough for a body.
const LONG_TEXT: usize = 60_000;

/// Any refusal that is the client's fault.
const REFUSED: &[u16] = &[400, 401, 403, 404, 409, 412, 422, 428, 429];
/// The same, or an answer that is "no" in words of its own: an export that is denied.
const REFUSED_OR_DENIED: &[u16] = &[200, 400, 401, 403, 404, 409, 422, 429];
const MALFORMED: &[u16] = &[400];
const TOO_LARGE: &[u16] = &[413];
const HEAD_TOO_LARGE: &[u16] = &[414, 431];
const UNSUPPORTED: &[u16] = &[415];

/// One bad request.
pub struct Bad {
    pub what: String,
    pub arguments: Vec<String>,
    pub path: String,
    /// Each of these statuses is right.
    pub expected: &'static [u16],
    /// Where `curl` finds the body.
    _body: Option<NamedTempFile>,
}

/// Everything that can be wrong with a request to this route. `token_id` is a token of whoever
/// calls, `secret` is its secret.
pub fn bad_requests(route: &Route, token_id: &str, secret: &str) -> Vec<Bad> {
    // A request whose body or query is bad names somebody; one that has neither would be a good one
    // then.
    let named = if route.path.contains("token_id") { token_id } else { SOMEBODY };
    let reads = route.body.is_some() || !route.query.is_empty();
    let name = if reads { named } else { NOBODY };
    let mut bad = List { path: filled(&route.path, name), all: Vec::new() };
    heads(&mut bad, route, secret);
    paths(&mut bad, route);
    queries(&mut bad, route);
    bodies_too_large(&mut bad, route);
    match &route.body {
        Some(body) if body.is_json() => json_bodies(&mut bad, route, body),
        Some(body) => forms(&mut bad, route, body),
        None => {}
    }
    bad.all
}

struct List {
    path: String,
    all: Vec<Bad>,
}

impl List {
    fn add(&mut self, what: &str, path: String, arguments: &[&str], expected: &'static [u16]) {
        let arguments = arguments.iter().map(|it| (*it).to_owned()).collect();
        self.all.push(Bad { what: what.to_owned(), arguments, path, expected, _body: None });
    }

    fn head(&mut self, what: &str, header: &str, expected: &'static [u16]) {
        self.add(what, self.path.clone(), &["-H", header], expected);
    }

    fn query(&mut self, query: &str, expected: &'static [u16]) {
        let path = format!("{}?{query}", self.path);
        self.add(&query.chars().take(60).collect::<String>(), path, &[], expected);
    }

    fn body(&mut self, what: &str, media_type: &str, body: &[u8], expected: &'static [u16]) {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(body).unwrap();
        let data = format!("@{}", file.path().display());
        // Without a value, `curl` leaves the header out.
        let media_type = format!("content-type: {media_type}");
        let path = self.path.clone();
        self.add(what, path, &["-H", media_type.trim(), "--data-binary", &data], expected);
        if let Some(bad) = self.all.last_mut() {
            bad._body = Some(file);
        }
    }
}

/// The route with a name in the place of its parameter.
fn filled(path: &str, name: &str) -> String {
    match (path.find('{'), path.find('}')) {
        (Some(start), Some(end)) => format!("{}{name}{}", &path[..start], &path[end + 1..]),
        _ => path.to_owned(),
    }
}

fn heads(bad: &mut List, route: &Route, secret: &str) {
    let encoded: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for secret in [secret, &secret.replace('_', "%5F"), &encoded] {
        bad.query(&format!("access_token={secret}"), MALFORMED);
        bad.query(&format!("a=b&{secret}"), MALFORMED);
        let path = format!("{}/{secret}", bad.path);
        bad.add("a secret in the path", path, &[], MALFORMED);
    }
    bad.head("a long header", &format!("x-long: {}", "x".repeat(LONG_HEADER)), HEAD_TOO_LARGE);
    let many: Vec<_> = (0..MANY_HEADERS).map(|n| format!("x-{n}: y")).collect();
    let many: Vec<_> = many.iter().flat_map(|header| ["-H", header]).collect();
    bad.add("many headers", bad.path.clone(), &many, HEAD_TOO_LARGE);
    let long = format!("{}?{}", bad.path, "x".repeat(LONG_HEADER));
    bad.add("a long address", long, &[], HEAD_TOO_LARGE);
    if !route.credential.is_empty() || route.on_socket {
        bad.head("a credential beyond ASCII", "authorization: Bearer \u{e9}gs_", REFUSED);
        bad.head("a credential of no scheme", "authorization: egs", REFUSED);
        bad.head("a credential that is no base64", "authorization: Basic %%%", REFUSED);
        let twice = ["-H", "authorization: Bearer a", "-H", "authorization: Bearer b"];
        bad.add("two credentials", bad.path.clone(), &twice, REFUSED);
    }
}

fn paths(bad: &mut List, route: &Route) {
    if !route.path.contains('{') {
        return;
    }
    let long = "x".repeat(5_000);
    for name in ["%00", "%ff", "%c0%af", "..%2f..%2f", "%F0%9F%98%80", "'%20OR%201=1", &long] {
        let path = filled(&route.path, name);
        let body = route.body.as_ref().map_or_else(String::new, |body| body.good.to_string());
        let arguments = ["-H", "content-type: application/json", "--data-raw", &body];
        let n_arguments = if route.body.is_some() { arguments.len() } else { 0 };
        let what = format!("the name {}", &name[..name.len().min(20)]);
        bad.add(&what, path, &arguments[..n_arguments], REFUSED);
    }
}

fn queries(bad: &mut List, route: &Route) {
    if route.query.is_empty() {
        return;
    }
    // Directories send parameters that RFC 7644 allows to ignore.
    if !route.path.starts_with("/scim/") {
        bad.query("nobody_knows=1", MALFORMED);
    }
    for name in &route.query {
        bad.query(&format!("{name}=1&{name}=1"), MALFORMED);
        if name != "label" {
            bad.query(&format!("{name}=a%00b"), MALFORMED);
            bad.query(&format!("{name}=%ff"), MALFORMED);
            bad.query(&format!("{name}={}", "9".repeat(1_000)), MALFORMED);
        }
    }
    if route.query.iter().any(|name| name == "limit") {
        for limit in [
            "0",
            "-1",
            "201",
            "4294967296",
            "18446744073709551616",
            "-9223372036854775809",
            "1e9",
            "1.5",
            "0x10",
            "NaN",
            "+",
            "1%20",
            "%D9%A1",
            "null",
            "[]",
        ] {
            bad.query(&format!("limit={limit}"), MALFORMED);
        }
    }
    if route.query.iter().any(|name| name == "cursor") {
        let zeros = "A".repeat(27);
        let ones = "_".repeat(27);
        let long = "A".repeat(10_000);
        for cursor in ["AAAA", "1", "0", "=", "%3D%3D", "../..", &zeros, &ones, &long] {
            bad.query(&format!("cursor={cursor}"), MALFORMED);
        }
    }
}

fn bodies_too_large(bad: &mut List, route: &Route) {
    let media_type = route.body.as_ref().map_or("application/json", |body| &body.media_type);
    bad.body("a body of ten megabytes", media_type, &vec![b' '; HUGE], TOO_LARGE);
    if route.body.is_some() {
        bad.body("as much in unknown length", media_type, &vec![b' '; HUGE], TOO_LARGE);
        if let Some(bad) = bad.all.last_mut() {
            bad.arguments.extend(["-H", "transfer-encoding: chunked"].map(str::to_owned));
        }
    }
}

fn json_bodies(bad: &mut List, route: &Route, body: &Body) {
    let good = body.good.to_string();
    for media_type in ["", "text/plain", "application/x-www-form-urlencoded", "application/json5"] {
        bad.body(
            &format!("the media type `{media_type}`"),
            media_type,
            good.as_bytes(),
            UNSUPPORTED,
        );
    }
    let mut malformed = |what: &str, text: &[u8]| {
        bad.body(what, &body.media_type, text, MALFORMED);
    };
    for text in ["", "{", "[]", "null", "7", "\"x\"", "{}{}", "{\"", "\u{feff}{}", "NaN"] {
        malformed(&format!("the body `{text}`"), text.as_bytes());
    }
    let in_order: Vec<_> = body.required.iter().map(|name| &body.good[name]).collect();
    malformed("a list of the fields", json!(in_order).to_string().as_bytes());
    malformed("lists in lists", "[".repeat(LONG_TEXT).as_bytes());
    malformed("objects in objects", "{\"a\":".repeat(LONG_TEXT / 5).as_bytes());
    malformed("no UTF-8", b"{\"label\": \"\xff\xfe\"}");
    malformed("UTF-16", &good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    malformed("more after its end", format!("{good}, 1").as_bytes());
    let with = |name: &str, value: Value| {
        let mut changed = body.good.clone();
        changed[name] = value;
        changed.to_string()
    };
    if !body.is_scim() {
        malformed("an unknown field", with("nobody_knows", json!(1)).as_bytes());
    }
    for name in &body.required {
        let mut without = body.good.clone();
        without.as_object_mut().unwrap().remove(name);
        malformed(&format!("no `{name}`"), without.to_string().as_bytes());
        if !body.nullable.contains(name) {
            malformed(&format!("`{name}` is null"), with(name, json!(null)).as_bytes());
        }
        let twice = good.replacen('{', &format!("{{\"{name}\": {}, ", body.good[name]), 1);
        malformed(&format!("`{name}` twice"), twice.as_bytes());
    }
    for name in &body.texts {
        for value in [json!(7), json!(true), json!(["x"]), json!({ "x": "y" })] {
            malformed(&format!("`{name}` is {value}"), with(name, value).as_bytes());
        }
        for lone in ["\\ud800", "x\\udfff", "\\ud800\\ud800", "\\udc00\\ud800"] {
            let text = with(name, json!("HERE")).replace("HERE", lone);
            malformed(&format!("`{name}` is {lone}"), text.as_bytes());
        }
    }
    let expected = if route.path.ends_with("/validate") { REFUSED_OR_DENIED } else { REFUSED };
    for name in &body.texts {
        for (what, text) in [
            ("holds NUL", "a\u{0}b".to_owned()),
            ("is long", "x".repeat(LONG_TEXT)),
            ("turns the direction of writing", "\u{202e}\u{0}".to_owned()),
        ] {
            let text = with(name, json!(text));
            let what = format!("`{name}` {what}");
            bad.body(&what, &body.media_type, text.as_bytes(), expected);
        }
    }
}

fn forms(bad: &mut List, route: &Route, body: &Body) {
    let name = &body.required[0];
    let good = format!("{name}=x");
    for media_type in ["", "text/plain", "application/json", "multipart/form-data; boundary=x"] {
        bad.body(
            &format!("the media type `{media_type}`"),
            media_type,
            good.as_bytes(),
            UNSUPPORTED,
        );
    }
    for text in ["", "x", "nobody_knows=1", "{}", &format!("{good}&{good}")] {
        bad.body(&format!("the form `{text}`"), &body.media_type, text.as_bytes(), MALFORMED);
    }
    // Texts that are no secret: an answer, and it is "no". Of a logout token the provider is told
    // that it is none.
    let expected = if route.path.contains("logout") { MALFORMED } else { &[200] };
    for text in ["a%00b", "%ff", "%", "%F0%9F%98%80", &"x".repeat(LONG_TEXT)] {
        let what = format!("the secret {}", &text[..text.len().min(20)]);
        bad.body(&what, &body.media_type, format!("{name}={text}").as_bytes(), expected);
    }
}
