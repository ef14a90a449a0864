//! Measures whether the time of a comparison, of a look-up and of a whole validation tells of
//! secrets, as dudect does: two classes of input, and Welch's t-test between their times.
//!
//! What an attacker chooses is the text that is presented. So the two classes of look-ups and
//! validations are secrets that share all but their last character with one that exists, and those
//! that share as much with one that does not. That what exists takes longer than what does not is no
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
    secret::{SECRET_LENGTH, SECRET_RANDOM_BYTES, Secret, SecretDigest, SecretKind},
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

/// Measurements of each bench in one run.
const SAMPLES: usize = 1_000_000;
/// Runs, each in a process of its own, whose memory lies elsewhere.
const RUNS: usize = 4;
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
    let (mut told, mut is_good) = (Vec::new(), true);
    for _ in 0..RUNS {
        // The library prints what it found and returns nothing, so this program reads itself.
        let itself = std::env::current_exe().expect("the path of this program");
        let output = Command::new(itself)
            .arg("measure")
            .stderr(Stdio::inherit())
            .output()
            .expect("this program once more");
        told.push(String::from_utf8_lossy(&output.stdout).into_owned());
        is_good &= output.status.success();
    }
    for (name, wanted) in [
        ("timing: naive_comparison", Wanted::Certain),
        ("timing: naive_look_up", Wanted::Certain),
        ("timing: digest_comparison", Wanted::Nothing),
        ("timing: look_up", Wanted::Nothing),
        ("timing: validation", Wanted::Nothing),
        ("timing: unknown_or_allowed", Wanted::Told),
    ] {
        let bench = name.trim_start_matches("timing: ");
        let each: Vec<f64> = told.iter().filter_map(|told| t_of(told, bench)).collect();
        let t = together(&each);
        // All at once, and each alone: what has another sign in each process would cancel itself out.
        let mut all = each.iter().chain([&t]).map(|t| t.abs());
        let is_right = each.len() == RUNS
            && match wanted {
                Wanted::Certain => all.all(|t| t > CERTAIN),
                Wanted::Nothing => all.all(|t| t < NOTHING),
                Wanted::Told => true,
            };
        is_good &= is_right;
        println!(
            "{name}: t = {t:+.1} of {}, {}{}",
            each.iter().map(|t| format!("{t:+.1}")).collect::<Vec<_>>().join(" "),
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

/// The t-value of all runs together (Stouffer): noise has either sign and averages out, and what leaks
/// has the same one each time, so that it shows although one run alone would not tell.
fn together(each: &[f64]) -> f64 {
    each.iter().sum::<f64>() / (each.len() as f64).sqrt()
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
    for (class, presented) in inputs(|is_near| if is_near { near } else { far }) {
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
    let mut stored = HashMap::new();
    let inputs = inputs(|exists| {
        let base = secret();
        let presented = near(&base);
        if exists {
            let base = base.expose().to_owned();
            stored.insert(base[..BEGINNING].to_owned(), base);
        }
        presented
    });
    for (class, presented) in inputs {
        let presented = read(&presented);
        runner.run_one(class, || {
            let stored = stored.get(&black_box(presented)[..BEGINNING])?;
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
    for (class, presented) in inputs(|is_near| if is_near { near } else { far }) {
        runner.run_one(class, || black_box(&stored) == black_box(&presented));
    }
}

/// What is presented: text, digest, look-up. Left: all but the last character are those of a
/// secret that exists.
fn look_up(runner: &mut CtRunner, _: &mut BenchRng) {
    let host = Host::new();
    for (class, presented) in inputs(|exists| near(&host.secret(exists))) {
        let presented = read(&presented);
        runner.run_one(class, || {
            let secret = Secret::parse(SecretKind::AccessToken, black_box(presented)).ok()?;
            host.app.index.find(&secret.digest())
        });
    }
}

/// Everything that a validation does in the process, as each of its routes has it done.
fn validation(runner: &mut CtRunner, _: &mut BenchRng) {
    let host = Host::new();
    for (class, presented) in inputs(|exists| near(&host.secret(exists))) {
        let presented = read(&presented);
        runner.run_one(class, || host.validate(black_box(presented)));
    }
}

/// Left: secrets that exist.
fn unknown_or_allowed(runner: &mut CtRunner, _: &mut BenchRng) {
    let host = Host::new();
    let present = |exists| {
        let secret = host.secret(exists);
        if exists { text(&secret) } else { near(&secret) }
    };
    for (class, presented) in inputs(present) {
        let presented = read(&presented);
        runner.run_one(class, || host.validate(black_box(presented)));
    }
}

/// Inputs in an order that nothing else can follow, all of them made before the first is measured:
/// otherwise it can be seen in the times how one was made, or where on the stack it was taken from.
fn inputs<T>(mut make: impl FnMut(bool) -> T) -> Vec<(Class, T)> {
    let input = |_| {
        let is_left = fastrand::bool();
        (if is_left { Class::Left } else { Class::Right }, make(is_left))
    };
    (0..SAMPLES).map(input).collect()
}

/// A host in this process.
struct Host {
    app: App,
    owner: Arc<User>,
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
        let owner = app.directory.insert_user(user());
        Self { app, owner, _folder: folder }
    }

    /// A secret, new each time: of those that come again, a processor learns the text. It is that of
    /// a token, or of none.
    fn secret(&self, exists: bool) -> Secret {
        let secret = secret();
        if exists {
            self.app.index.put(&secret.digest(), &token(&self.owner));
        }
        secret
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

/// A well-formed secret at random.
fn secret() -> Secret {
    let mut random = [0; SECRET_RANDOM_BYTES];
    random.fill_with(|| fastrand::u8(..));
    generate(&random)
}

/// A well-formed secret with all but the last of its random characters those of `base`.
fn near(base: &Secret) -> Text {
    let mut random = [0; SECRET_RANDOM_BYTES];
    for (place, digit) in random.iter_mut().zip(base.expose().bytes().skip(4)).take(RANDOM) {
        *place = value_of(digit);
    }
    // Never the same: what exists takes longer to answer.
    random[RANDOM - 1] = (random[RANDOM - 1] + fastrand::u8(1..62)) % 62;
    text(&generate(&random))
}

/// The text of a secret. All texts lie in one row: on the heap it would depend on what was made between
/// them how fast they can be had.
type Text = [u8; SECRET_LENGTH];

fn text(secret: &Secret) -> Text {
    secret.expose().as_bytes().try_into().expect("the length of a secret")
}

fn read(text: &Text) -> &str {
    str::from_utf8(text).expect("a text")
}

fn generate(random: &[u8; SECRET_RANDOM_BYTES]) -> Secret {
    Secret::generate(SecretKind::AccessToken, random).expect("enough random bytes")
}

/// Which byte gives this base62 digit.
fn value_of(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'A'..=b'Z' => digit - b'A' + 10,
        _ => digit - b'a' + 36,
    }
}

fn token(owner: &Arc<User>) -> LiveToken {
    let mut random = [0; 16];
    random.fill_with(|| fastrand::u8(..));
    LiveToken {
        token_seq: fastrand::i64(0..),
        token_id: (&TokenId::from_random(random)).into(),
        label: (&Label::parse("Sales pipeline EMEA", "").expect("a label")).into(),
        created_at: Timestamp::MIN,
        expires_at: Some(Timestamp::MAX),
        revoked_at: None,
        user: Arc::clone(owner),
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
