//! Knows which settings exist, and collects what is given for them with the place it came from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Every setting, `section.key`, and how its environment variable is read.
const SETTINGS: &[(&str, Kind)] = &[
    ("http.listen", Kind::Text),
    ("http.public_url", Kind::Text),
    ("http.management_listen", Kind::Text),
    ("http.trusted_proxies", Kind::List),
    ("http.tls_certificate_file", Kind::Text),
    ("http.tls_key_file", Kind::Text),
    ("http.behind_tls_proxy", Kind::Boolean),
    ("store.url", Kind::Text),
    ("history.audit", Kind::Text),
    ("history.keep_days", Kind::Number),
    ("engine.maximum_memory_mib", Kind::Number),
    ("engine.deadline_millis", Kind::Number),
    ("log.format", Kind::Text),
    ("log.level", Kind::Text),
];

/// Tables that can be there several times, each with its keys. They are in the file only: an
/// environment has no lists of tables.
const LISTS: &[(&str, &[&str])] = &[
    (
        "issuer",
        &[
            "issuer.issuer",
            "issuer.org_id",
            "issuer.certificate_file",
            "issuer.public_key_file",
            "issuer.jwks_url",
            "issuer.jwks_may_be_internal",
            "issuer.key_id",
            "issuer.gives_roles",
            "issuer.links_by_user_name",
            "issuer.salesforce_org",
        ],
    ),
    (
        "oidc",
        &[
            "oidc.name",
            "oidc.display_name",
            "oidc.issuer",
            "oidc.client_id",
            "oidc.client_secret_file",
            "oidc.scopes",
            "oidc.org_id",
            "oidc.organization_claim",
            "oidc.organizations",
            "oidc.user_name_claim",
            "oidc.role_claim",
            "oidc.administrators",
            "oidc.links_by_user_name",
            "oidc.may_be_internal",
            "oidc.listed",
        ],
    ),
];

/// Variables that begin like settings and are none: they belong to the command line.
const OTHER_VARIABLES: &[&str] =
    &["EXPORTGATE_DATA", "EXPORTGATE_SERVICE_KEY", "EXPORTGATE_URL", "EXPORTGATE_CONFIG_HOME"];
const PREFIX: &str = "EXPORTGATE_";
const TEST_PREFIX: &str = "EXPORTGATE_TEST_";

/// Whether Kubernetes gives every container of a namespace this variable, because the namespace
/// has a Service named `exportgate`: its own variables, and those of Docker links.
fn is_of_kubernetes(name: &str) -> bool {
    let Some(name) = name.strip_prefix(PREFIX) else { return false };
    matches!(name, "PORT" | "SERVICE_HOST" | "SERVICE_PORT")
        || name.starts_with("PORT_")
        || name.starts_with("SERVICE_PORT_")
}

/// From this likeness on, 0 to 1, one name is probably meant as the other; what is less like
/// would only lead astray. `formt` for `format` is 0.83,
/// `http.port` for `http.listen` 0.55.
const NEAR: f64 = 0.6;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Boolean,
    Number,
    List,
}

/// A value as it was given.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given {
    Text(String),
    Boolean(bool),
    Number(i64),
    List(Vec<Given>),
    Table(Vec<(String, Given)>),
    /// What no setting is, with its name for people.
    Other(&'static str),
}

#[derive(Debug, Clone)]
pub(super) enum Place {
    File { file: PathBuf, line: usize },
    Variable(String),
    Argument(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line } => write!(f, "in {}, line {line}", file.display()),
            Self::Variable(name) => write!(f, "in the environment variable {name}"),
            Self::Argument(name) => write!(f, "given as {name}"),
        }
    }
}

/// What is given by name, with its places.
pub(super) type Settings = BTreeMap<&'static str, (Given, Place)>;

/// What is given, and the mistakes found while collecting it.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) given: Settings,
    /// Each table of a list: the list's name, what is given, and its own place.
    pub(super) items: Vec<(&'static str, Settings, Place)>,
    pub(super) errors: Vec<String>,
}

impl Sources {
    pub(super) fn read_file(&mut self, file: &Path, may_be_absent: bool) {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if may_be_absent && error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                self.errors.push(format!("cannot read `{}`: {error}", file.display()));
                return;
            }
        };
        let place = |span: Range<usize>| {
            let before = text.as_bytes().iter().take(span.start);
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            Place::File { file: file.to_owned(), line }
        };
        match DeTable::parse(&text) {
            Ok(table) => self.read_sections(table.get_ref(), &place),
            Err(error) => {
                let place = place(error.span().unwrap_or_default());
                self.errors.push(format!("not TOML {place}: {}", error.message()));
            }
        }
    }

    fn read_sections(&mut self, table: &DeTable<'_>, place: &dyn Fn(Range<usize>) -> Place) {
        for (section, value) in table {
            let name = section.get_ref();
            let here = place(section.span());
            let list = LISTS.iter().find(|(list, _)| name == list);
            match (value.get_ref(), list) {
                (DeValue::Array(items), Some(list)) => {
                    for item in items {
                        self.read_item(*list, item, place);
                    }
                    continue;
                }
                (_, Some((list, _))) => {
                    self.errors.push(format!(
                        "`{list}` {here} can be there several times, write `[[{list}]]`"
                    ));
                    continue;
                }
                (_, None) => {}
            }
            match value.get_ref() {
                DeValue::Table(keys) if is_section(name) => {
                    for (key, value) in keys {
                        self.read_key(&format!("{name}.{}", key.get_ref()), key, value, place);
                    }
                }
                DeValue::Table(_) | DeValue::Array(_) if !is_section(name) => {
                    let likeness = |section: &str| likeness(name, section);
                    let is_list = |name: &str| LISTS.iter().any(|(list, _)| *list == name);
                    let known = sections().chain(LISTS.iter().map(|(list, _)| *list));
                    let meant = suggestion(known, likeness, |known| match is_list(known) {
                        true => format!("[[{known}]]"),
                        false => format!("[{known}]"),
                    });
                    self.errors.push(format!("unknown section `[{name}]` {here}{meant}"));
                }
                _ if is_section(name) => {
                    self.errors.push(format!("`{name}` {here} is a section, write `[{name}]`"));
                }
                _ => self.unknown_key(name, &here),
            }
        }
    }

    fn read_item(
        &mut self,
        (list, known_keys): (&'static str, &'static [&'static str]),
        item: &Spanned<DeValue<'_>>,
        place: &dyn Fn(Range<usize>) -> Place,
    ) {
        let here = place(item.span());
        let DeValue::Table(keys) = item.get_ref() else {
            self.errors.push(format!("`{list}` {here} is a section, write `[[{list}]]`"));
            return;
        };
        let mut settings = Settings::new();
        for (key, value) in keys {
            let (name, here) = (format!("{list}.{}", key.get_ref()), place(key.span()));
            match known_keys.iter().find(|known| **known == name) {
                Some(known) => {
                    settings.insert(known, (from_toml(value.get_ref()), here));
                }
                None => {
                    let likeness = |known: &str| likeness(&name, known);
                    let known = known_keys.iter().copied();
                    let meant = suggestion(known, likeness, str::to_owned);
                    self.errors.push(format!("unknown key `{name}` {here}{meant}"));
                }
            }
        }
        self.items.push((list, settings, here));
    }

    fn read_key(
        &mut self,
        name: &str,
        key: &Spanned<impl AsRef<str>>,
        value: &Spanned<DeValue<'_>>,
        place: &dyn Fn(Range<usize>) -> Place,
    ) {
        let here = place(key.span());
        match SETTINGS.iter().find(|(setting, _)| *setting == name) {
            Some((setting, _)) => {
                self.given.insert(setting, (from_toml(value.get_ref()), here));
            }
            None => self.unknown_key(name, &here),
        }
    }

    fn unknown_key(&mut self, name: &str, here: &Place) {
        // A key without its section is compared with keys without theirs.
        let by_setting = |setting: &str| match (name.contains('.'), setting.split_once('.')) {
            (false, Some((_, key))) => strsim::jaro_winkler(name, key),
            _ => likeness(name, setting),
        };
        let meant = suggestion(settings(), by_setting, str::to_owned);
        self.errors.push(format!("unknown key `{name}` {here}{meant}"));
    }

    pub(super) fn read_environment(
        &mut self,
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) {
        let mut ours: Vec<_> = variables
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| name.starts_with(PREFIX) && !name.starts_with(TEST_PREFIX))
            .filter(|(name, _)| !OTHER_VARIABLES.contains(&name.as_str()))
            .filter(|(name, _)| !is_of_kubernetes(name))
            .collect();
        ours.sort();
        for (name, value) in ours {
            let Some((setting, kind)) = SETTINGS.iter().find(|(it, _)| variable(it) == name) else {
                let known: Vec<_> = SETTINGS.iter().map(|(setting, _)| variable(setting)).collect();
                let known = known.iter().map(String::as_str).chain(OTHER_VARIABLES.iter().copied());
                // All of them are alike in their beginning.
                let known = known.filter_map(|known| known.strip_prefix(PREFIX));
                let given = name.strip_prefix(PREFIX).unwrap_or(&name);
                // Somebody may have left out the section.
                let likeness = |known: &str| {
                    let key = known.split_once('_').map_or("", |(_, key)| key);
                    likeness(given, known).max(likeness(given, key))
                };
                let meant = suggestion(known, likeness, |known| format!("{PREFIX}{known}"));
                self.errors.push(format!("unknown environment variable `{name}`{meant}"));
                continue;
            };
            let Ok(value) = value.into_string() else {
                self.errors.push(format!("the environment variable `{name}` is not UTF-8"));
                continue;
            };
            self.given.insert(setting, (from_text(value, *kind), Place::Variable(name)));
        }
    }

    pub(super) fn set_listen(&mut self, listen: SocketAddr) {
        let given = Given::Text(listen.to_string());
        self.given.insert("http.listen", (given, Place::Argument("--listen")));
    }
}

fn sections() -> impl Iterator<Item = &'static str> {
    settings().filter_map(|setting| Some(setting.split_once('.')?.0))
}

fn is_section(name: &str) -> bool {
    sections().any(|section| section == name)
}

/// The environment variable of a setting.
pub(super) fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.replace('.', "_").to_uppercase())
}

/// Every setting, `section.key`, in the order in which they are shown.
pub(super) fn settings() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|(setting, _)| *setting)
}

/// Every list of tables with its keys.
pub(super) fn lists() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    LISTS.iter().map(|(list, keys)| {
        (*list, keys.iter().filter_map(|key| Some(key.split_once('.')?.1)).collect())
    })
}

fn likeness(one: &str, other: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(one, other)
}

/// Half a sentence with the known name that is most alike, if one is near.
fn suggestion<'a>(
    known: impl Iterator<Item = &'a str>,
    likeness: impl Fn(&str) -> f64,
    shown: impl FnOnce(&str) -> String,
) -> String {
    known
        .map(|known| (known, likeness(known)))
        .filter(|(_, likeness)| *likeness >= NEAR)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(known, _)| format!("; did you mean `{}`?", shown(known)))
        .unwrap_or_default()
}

fn from_toml(value: &DeValue<'_>) -> Given {
    match value {
        DeValue::String(text) => Given::Text(text.to_string()),
        DeValue::Boolean(value) => Given::Boolean(*value),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Given::Other("a number out of range"), Given::Number),
        DeValue::Array(items) => {
            Given::List(items.iter().map(|item| from_toml(item.get_ref())).collect())
        }
        DeValue::Float(_) => Given::Other("a number with a fraction"),
        DeValue::Datetime(_) => Given::Other("a date"),
        DeValue::Table(keys) => Given::Table(
            keys.iter()
                .map(|(key, value)| (key.get_ref().to_string(), from_toml(value.get_ref())))
                .collect(),
        ),
    }
}

/// A variable is always text; what should be something else and is not stays text, which the
/// setting then refuses in its own words.
fn from_text(text: String, kind: Kind) -> Given {
    match kind {
        Kind::Text => Given::Text(text),
        Kind::Boolean => text.parse().map_or(Given::Text(text), Given::Boolean),
        Kind::Number => text.parse().map_or(Given::Text(text), Given::Number),
        Kind::List => match DeValue::parse(&text) {
            Ok(value) if matches!(value.get_ref(), DeValue::Array(_)) => from_toml(value.get_ref()),
            _ => Given::List(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(|item| Given::Text(item.to_owned()))
                    .collect(),
            ),
        },
    }
}
