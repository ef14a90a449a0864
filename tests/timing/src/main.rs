//! Measures whether the time of a comparison, of a look-up and of a whole validation tells of
//! secrets, as dudect does: two classes of input, and Welch's t-test between their times.
//!
//! What an attacker chooses is the text that is presented. So the two classes of look-ups and
//! validations are secrets that share all but their last character with one that exists, and
//! secrets that share nothing with any. That what exists takes longer than what does not is no
//! secret: the answer says it.

use std::collections::HashMap;
use std::hint::black_box;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use dudect_bencher::ctbench::{BenchMetadata, BenchName, BenchOpts, run_benches_console};
use dudect_bencher::{BenchRng, Class, CtRunner};
use exportgate_core::{
    id::{OrgId, TokenId, UserId},
    label::Label,
    name::Name,
    secret::{SECRET_RANDOM_BYTES, Secret, SecretDigest, SecretKind},
    time::Timestamp,
    user::Role,
};
use exportgate_host::{
    app::{Accept, App},
    clock::Clock,
    config::Config,
    directory::User,
    index::LiveToken,
    store::StoredUser,
    usecase::validate_export::{Asker, Presented, judge},
};
use tempfile::TempDir;

/// Measurements of each bench.
const SAMPLES: usize = 1_000_000;
/// Tokens that there are.
const TOKENS: usize = 10_000;
/// Characters of a secret behind its prefix.
const RANDOM: usize = 32;
/// Below this there is no sign that the classes differ.
const NOTHING: f64 = 5.0;
/// Above this nobody doubts it: what the control has to reach.
const CERTAIN: f64 = 100.0;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("measure") {
        return measure();
    }
    // The library prints what it found and returns nothing, so this program reads itself.
    let itself = std::env::current_exe().expect("the path of this program");
    let output = Command::new(itself)
        .arg("measure")
        .stderr(Stdio::inherit())
        .output()
        .expect("this program once more");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut is_good = output.status.success();
    for (name, wanted) in [
        ("timing: naive_comparison", Wanted::Certain),
        ("timing: naive_look_up", Wanted::Certain),
        ("timing: digest_comparison", Wanted::Nothing),
        ("timing: look_up", Wanted::Nothing),
        ("timing: validation", Wanted::Nothing),
        ("timing: unknown_or_allowed", Wanted::Told),
    ] {
        let t = t_of(&told, name.trim_start_matches("timing: "));
        let is_right = match (wanted, t) {
            (Wanted::Certain, Some(t)) => t.abs() > CERTAIN,
            (Wanted::Nothing, Some(t)) => t.abs() < NOTHING,
            (Wanted::Told, Some(_)) => true,
            (_, None) => false,
        };
        is_good &= is_right;
        println!(
            "{name}: t = {}, {}{}",
            t.map_or_else(|| "?".to_owned(), |t| format!("{t:+.1}")),
            wanted.words(),
            if is_right { "" } else { ": WRONG" },
        );
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is expected of a bench.
#[derive(Clone, Copy)]
enum Wanted {
    Certain,
    Nothing,
    /// The answer tells it anyway.
    Told,
}

impl Wanted {
    fn words(self) -> String {
        match self {
            Self::Certain => format!("a control, has to be above {CERTAIN}"),
            Self::Nothing => format!("has to be below {NOTHING}"),
            Self::Told => "for comparison: the answer tells it".to_owned(),
        }
    }
}

/// The t-value in a line such as `bench NAME ... : n == +1.000M, max t = +1.5, …`.
fn t_of(told: &str, name: &str) -> Option<f64> {
    let line = told.lines().find(|line| line.contains(name) && line.contains("max t = "))?;
    line.split("max t = ").nth(1)?.split(',').next()?.trim().parse().ok()
}

fn measure() -> ExitCode {
    let bench = |name, benchfn| BenchMetadata { name: BenchName(name), seed: None, benchfn };
    let benches = vec![
        bench("naive_comparison", naive_comparison as fn(&mut CtRunner, &mut BenchRng)),
        bench("naive_look_up", naive_look_up),
        bench("digest_comparison", digest_comparison),
        bench("look_up", look_up),
        bench("validation", validation),
        bench("unknown_or_allowed", unknown_or_allowed),
    ];
    match run_benches_console(BenchOpts::default(), benches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("timing: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The control: stops at the first byte that differs. Left: only the last one differs.
fn naive_comparison(runner: &mut CtRunner, _: &mut BenchRng) {
    let stored = [7_u8; 32];
    let (mut near, far) = (stored, [8_u8; 32]);
    near[31] = 8;
    for class in classes() {
        let presented = if matches!(class, Class::Left) { near } else { far };
        runner.run_one(class, || {
            black_box(&stored)
                .iter()
                .zip(black_box(&presented))
                .all(|(one, other)| black_box(one) == black_box(other))
        });
    }
}

/// The control of look-ups: secrets found by how they begin, and then compared. Left: all but the last
/// character are those of a secret that exists.
fn naive_look_up(runner: &mut CtRunner, _: &mut BenchRng) {
    const BEGINNING: usize = 12;
    let host = Host::new();
    let stored: HashMap<&str, &str> =
        host.secrets.iter().map(|secret| (&secret[..BEGINNING], secret.as_str())).collect();
    for class in classes() {
        let presented = host.wrong(matches!(class, Class::Left));
        runner.run_one(class, || {
            let stored = stored.get(&black_box(&presented)[..BEGINNING])?;
            let mut pairs = stored.bytes().zip(presented.bytes());
            Some(pairs.all(|(one, other)| black_box(one) == black_box(other)))
        });
    }
}

/// As the host compares digests where it compares two of them. Left: only the last byte differs.
fn digest_comparison(runner: &mut CtRunner, _: &mut BenchRng) {
    let stored = [7_u8; 32];
    let (mut near, far) = (stored, [8_u8; 32]);
    near[31] = 8;
    let [stored, near, far] = [stored, near, far].map(SecretDigest::from_bytes);
    for class in classes() {
        let presented = if matches!(class, Class::Left) { &near } else { &far };
        runner.run_one(class, || black_box(&stored) == black_box(presented));
    }
}

/// What is presented: text, digest, look-up. Left: all but the last character are those of a
/// secret that exists.
fn look_up(runner: &mut CtRunner, _: &mut BenchRng) {
    let host = Host::new();
    for class in classes() {
        let presented = host.wrong(matches!(class, Class::Left));
        runner.run_one(class, || {
            let secret = Secret::parse(SecretKind::AccessToken, black_box(&presented)).ok()?;
            host.app.index.find(&secret.digest())
        });
    }
}

/// Everything that a validation does in the process, as each of its routes has it done.
fn validation(runner: &mut CtRunner, _: &mut BenchRng) {
    let host = Host::new();
    for class in classes() {
        let presented = host.wrong(matches!(class, Class::Left));
        runner.run_one(class, || host.validate(black_box(&presented)));
    }
}

/// Left: secrets that exist.
fn unknown_or_allowed(runner: &mut CtRunner, _: &mut BenchRng) {
    let host = Host::new();
    for class in classes() {
        let presented = if matches!(class, Class::Left) {
            host.secrets[fastrand::usize(..TOKENS)].clone()
        } else {
            host.wrong(false)
        };
        runner.run_one(class, || host.validate(black_box(&presented)));
    }
}

/// In an order that nothing else can follow.
fn classes() -> impl Iterator<Item = Class> {
    (0..SAMPLES).map(|_| if fastrand::bool() { Class::Left } else { Class::Right })
}

/// A host in this process, with tokens in memory.
struct Host {
    app: App,
    secrets: Vec<String>,
    /// Where its database is.
    _folder: TempDir,
}

impl Host {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (config, url) = (Config::default(), "http://127.0.0.1".to_owned());
        let (database, clock) = (config.store.file(folder.path()), Clock::default());
        let app = App::start(&config, database, url, clock, folder.path(), Accept::default());
        let app = app.expect("a host");
        let user = app.directory.insert_user(user());
        let secrets = (0..TOKENS).map(|number| {
            let secret = secret(None);
            app.index.put(&secret.digest(), &token(number, &user));
            secret.expose().to_owned()
        });
        Self { secrets: secrets.collect(), app, _folder: folder }
    }

    /// A well-formed secret that nobody was given: near one that exists, or near none.
    fn wrong(&self, is_near: bool) -> String {
        let near = &self.secrets[fastrand::usize(..TOKENS)];
        // Both ways are gone, so that the caches do not tell them apart.
        let (near, far) = (secret(Some(near)), secret(None));
        let chosen = if is_near { &near } else { &far };
        chosen.expose().to_owned()
    }

    /// As a proxy's request does it.
    fn validate(&self, presented: &str) -> bool {
        let org_id = OrgId::parse("default").expect("an id");
        let asker = Asker::TrustedProxy(org_id);
        let presented = Presented {
            secret: presented,
            user_name: None,
            data_source: None,
            client_address: None,
            asker: &asker,
        };
        judge(&self.app, &presented).is_ok()
    }
}

/// A secret, at random or with all but the last of its random characters those of `near`.
fn secret(near: Option<&str>) -> Secret {
    let mut random = [0; SECRET_RANDOM_BYTES];
    random.fill_with(|| fastrand::u8(..));
    if let Some(near) = near {
        for (place, digit) in random.iter_mut().zip(near.bytes().skip(4)).take(RANDOM - 1) {
            *place = value_of(digit);
        }
        // Never the same: what exists takes longer to answer.
        let last = near.bytes().nth(4 + RANDOM - 1).map_or(0, value_of);
        random[RANDOM - 1] = (last + fastrand::u8(1..62)) % 62;
    }
    Secret::generate(SecretKind::AccessToken, &random).expect("enough random bytes")
}

/// Which byte gives this base62 digit.
fn value_of(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'A'..=b'Z' => digit - b'A' + 10,
        _ => digit - b'a' + 36,
    }
}

fn token(number: usize, user: &Arc<User>) -> LiveToken {
    let mut random = [0; 16];
    random[..8].copy_from_slice(&(number as u64).to_le_bytes());
    LiveToken {
        token_seq: number as i64,
        token_id: (&TokenId::from_random(random)).into(),
        label: (&Label::parse("Sales pipeline EMEA", "").expect("a label")).into(),
        created_at: Timestamp::MIN,
        expires_at: Some(Timestamp::MAX),
        revoked_at: None,
        user: Arc::clone(user),
    }
}

fn user() -> StoredUser {
    StoredUser {
        user_seq: 1,
        org_id: OrgId::parse("default").expect("an id"),
        user_id: UserId::parse("user_1").expect("an id"),
        user_name: Name::parse("anna").expect("a name"),
        display_name: String::new(),
        email: None,
        role: Role::User,
        active: true,
    }
}
