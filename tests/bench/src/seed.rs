//! Fills the database of a stopped host with people and tokens, whose secrets anybody can compute
//! again.

use std::{fs::File, path::Path};

use anyhow::{Context as _, ensure};
use exportgate_core::{
    history::{Actor, EventDraft, EventKind, canonical_bytes},
    id::{ID_RANDOM_BYTES, OrgId, TokenId, UserId},
    label::Label,
    merkle::{Frontier, Hash},
    name::Name,
    secret::{SECRET_RANDOM_BYTES, Secret, SecretKind},
    time::Timestamp,
    token::{Owner, Token},
    wire::EventDraftRecord,
};
use rusqlite::{Connection, Transaction};

/// So many tokens a person has.
const TOKENS_PER_USER: u64 = 100;
/// One token in so many expires.
const EXPIRING: u64 = 4;
/// When the first token was created: 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;
/// Far enough in the future for every run: 2100-01-01T00:00:00Z.
const END: i64 = 4_102_444_800;
/// A tile of the stored tree spans so many levels, and holds 256 hashes of one.
const TILE_HEIGHT: u32 = 8;
/// The indexes that are made again afterwards: sorting once is faster than ten million searches.
const LATER: [&str; 4] =
    ["tokens_by_owner", "tokens_to_expire", "events_by_user", "events_by_token"];

/// Whether the history tells of the new tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// An event for each: `exportgate check` finds nothing wrong.
    Told,
    /// No events: three times as fast, for what only looks at tokens. `exportgate check` complains.
    Untold,
}

/// What a number is drawn for, so that no two draws for one number are alike.
#[derive(Clone, Copy)]
enum For {
    Secret = 1,
    TokenId = 2,
    UserId = 3,
    Label = 4,
}

/// SplitMix64 from a point of its own for each purpose and number.
struct Draws(u64);

impl Draws {
    fn new(purpose: For, number: u64) -> Self {
        Self(mixed(mixed(number) ^ ((purpose as u64) << 56)))
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for (place, word) in bytes.chunks_mut(8).zip(self) {
            place.copy_from_slice(word.to_le_bytes().get(..place.len()).unwrap_or_default());
        }
        bytes
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next().unwrap_or_default() % limit
    }
}

impl Iterator for Draws {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Some(mixed(self.0))
    }
}

const fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The secret of the token with this number, counted from 0. Numbers beyond the last token's give
/// secrets that are well-formed and nobody's.
#[expect(clippy::expect_used, reason = "64 random bytes do not fail to suffice, and never end")]
pub fn secret(number: u64) -> Secret {
    let mut draws = Draws::new(For::Secret, number);
    (0..8)
        .find_map(|_| {
            let bytes: [u8; SECRET_RANDOM_BYTES] = draws.bytes();
            Secret::generate(SecretKind::AccessToken, &bytes).ok()
        })
        .expect("eight times 64 random bytes suffice for 32 digits")
}

/// The label of the token with this number: 10 to 30 characters, and a few of them not ASCII.
fn label(number: u64) -> String {
    const SUBJECTS: [&str; 6] =
        ["Sales pipeline", "Umsatzübersicht", "Service cases", "Forecast", "Accounts", "KPI"];
    const PLACES: [&str; 5] = ["EMEA", "Köln", "North America", "APAC", "all"];
    let mut draws = Draws::new(For::Label, number);
    let mut pick = |words: &[&'static str]| {
        let at = draws.below(words.len() as u64);
        words.get(usize::try_from(at).unwrap_or_default()).copied().unwrap_or_default()
    };
    let text = format!("{} {} {number} for the monthly report", pick(&SUBJECTS), pick(&PLACES));
    let length = 10 + usize::try_from(draws.below(21)).unwrap_or_default();
    let text: String = text.chars().take(length - 1).collect();
    // No label ends with a space.
    text + "."
}

fn instant(seconds: i64) -> anyhow::Result<Timestamp> {
    Timestamp::from_unix_seconds(seconds).context("not an instant")
}

/// Adds people and `n_tokens` live tokens to the database of a host that was started and stopped
/// before. The secret of each is [`secret`] of its number.
///
/// # Errors
/// The database is not one, is in use, or was filled before.
pub fn fill(database: &Path, n_tokens: u64, history: History) -> anyhow::Result<()> {
    let mut connection = Connection::open(database)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    // One transaction of gigabytes: it is not written twice. A half-filled database is thrown away.
    connection.pragma_update(None, "journal_mode", "OFF")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "cache_size", -2_000_000)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    let tx = connection.transaction().context("the database is in use")?;
    let indexes = LATER.map(|index| {
        let sql = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?1";
        let sql: rusqlite::Result<String> = tx.query_row(sql, [index], |row| row.get(0));
        sql.with_context(|| format!("the database has no index `{index}`"))
    });
    for index in LATER {
        tx.execute_batch(&format!("DROP INDEX {index}"))?;
    }
    Filler::new(&tx, history)?.fill(n_tokens)?;
    for sql in indexes {
        tx.execute_batch(&sql?)?;
    }
    tx.execute_batch("UPDATE store SET change_sequence = change_sequence + 1")?;
    tx.commit()?;
    // As the host left it.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    File::open(database)?.sync_all()?;
    Ok(())
}

/// A transaction that fills the database.
struct Filler<'c> {
    tx: &'c Transaction<'c>,
    org_seq: i64,
    org_id: OrgId,
    frontier: Frontier,
    /// The leaves of the tile that is not full yet.
    leaves: Vec<u8>,
    history: History,
}

impl<'c> Filler<'c> {
    fn new(tx: &'c Transaction<'c>, history: History) -> anyhow::Result<Self> {
        let (org_seq, org_id, n_events, hashes): (i64, String, u64, Vec<u8>) = tx
            .query_row(
                "SELECT org_seq, org_id, n_events, frontier FROM organizations LIMIT 1",
                [],
                |row| row.try_into(),
            )
            .context("the host was never started")?;
        let filled: bool =
            tx.query_row("SELECT EXISTS (SELECT 1 FROM tokens)", [], |row| row.get(0))?;
        ensure!(!filled, "there are tokens already");
        let frontier = Frontier::from_bytes(n_events, &hashes).context("the tree's edge")?;
        ensure!(n_events < 256, "there is too much history already");
        let leaves = tx
            .prepare("SELECT digest FROM events WHERE org_seq = ?1 ORDER BY sequence")?
            .query_map([org_seq], |row| row.get::<_, [u8; 32]>(0))?
            .collect::<Result<Vec<_>, _>>()?
            .concat();
        Ok(Self { tx, org_seq, org_id: OrgId::parse(&org_id)?, frontier, leaves, history })
    }

    fn fill(mut self, n_tokens: u64) -> anyhow::Result<()> {
        for user in 0..n_tokens.div_ceil(TOKENS_PER_USER) {
            let (user_seq, owner) = self.user(user)?;
            let first = user * TOKENS_PER_USER;
            for number in first..n_tokens.min(first + TOKENS_PER_USER) {
                self.token(number, user_seq, &owner)?;
            }
        }
        self.tx.execute(
            "UPDATE organizations SET n_events = ?2, frontier = ?3 WHERE org_seq = ?1",
            (self.org_seq, self.frontier.size(), self.frontier.to_bytes()),
        )?;
        Ok(())
    }

    fn user(&self, number: u64) -> anyhow::Result<(i64, Owner)> {
        let random: [u8; ID_RANDOM_BYTES] = Draws::new(For::UserId, number).bytes();
        let owner = Owner {
            org_id: self.org_id.clone(),
            user_id: UserId::from_random(random),
            user_name: Name::parse(&format!("person.{number}@example.com"))?,
        };
        self.tx
            .prepare_cached(
                "INSERT INTO users (org_seq, user_id, user_name, user_name_folded, display_name,
                     email, role, active, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, NULL, 'user', 1, ?6)",
            )?
            .execute((
                self.org_seq,
                owner.user_id.as_str(),
                owner.user_name.as_str(),
                owner.user_name.folded(),
                format!("Person {number}"),
                START,
            ))?;
        Ok((self.tx.last_insert_rowid(), owner))
    }

    fn token(&mut self, number: u64, user_seq: i64, owner: &Owner) -> anyhow::Result<()> {
        let secret = secret(number);
        let created_at = START + i64::try_from(number / 1_000)?;
        let expires_at = number
            .is_multiple_of(EXPIRING)
            .then(|| instant(END + created_at - START))
            .transpose()?;
        let label = Label::parse(&label(number), "")
            .map_err(|mistakes| anyhow::anyhow!("the label of {number}: {mistakes:?}"))?;
        let token = Token {
            token_id: TokenId::from_random(Draws::new(For::TokenId, number).bytes()),
            label,
            hint: secret.hint(),
            created_at: instant(created_at)?,
            expires_at,
            revoked_at: None,
        };
        self.tx
            .prepare_cached(
                "INSERT INTO tokens (token_id, user_seq, label, hint, digest, created_at,
                     expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute((
                token.token_id.as_str(),
                user_seq,
                token.label.as_str(),
                token.hint.as_str(),
                secret.digest().as_bytes(),
                created_at,
                expires_at.map(Timestamp::unix_seconds),
            ))?;
        if self.history == History::Told {
            self.tell(&token, owner)?;
        }
        Ok(())
    }

    /// Appends the event of a token's creation, and the tiles that it completes.
    fn tell(&mut self, token: &Token, owner: &Owner) -> anyhow::Result<()> {
        let kind = EventKind::TokenCreated { hint: token.hint, expires_at: token.expires_at };
        let actor = Actor::user(owner);
        let draft = EventDraft::about_token(token, owner, actor, kind, token.created_at);
        // The digest of no engine: none decided this.
        let engine = "0".repeat(64);
        let event = EventDraftRecord::from(&draft).at_place(self.frontier.size(), &engine);
        let canonical = canonical_bytes(&event).map_err(|error| anyhow::anyhow!("{error}"))?;
        let leaf = Hash::of_leaf(&canonical);
        self.tx
            .prepare_cached(
                "INSERT INTO events (org_seq, sequence, at, kind, token_id, user_id, digest,
                     canonical)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute((
                self.org_seq,
                event.sequence,
                event.at.unix_seconds(),
                &event.kind,
                token.token_id.as_str(),
                owner.user_id.as_str(),
                leaf.as_bytes(),
                canonical,
            ))?;
        self.leaves.extend(leaf.as_bytes());
        let mut completed = Vec::new();
        self.frontier.push(leaf, |place, hash| {
            if place.level.is_multiple_of(TILE_HEIGHT) {
                completed.push((place, hash));
            }
        });
        for (place, hash) in completed {
            let level = place.level / TILE_HEIGHT;
            if level == 1 {
                let leaves = std::mem::take(&mut self.leaves);
                self.append_to_tile(0, place.index, &leaves)?;
            }
            self.append_to_tile(level, place.index >> TILE_HEIGHT, hash.as_bytes())?;
        }
        Ok(())
    }

    fn append_to_tile(&self, level: u32, tile: u64, hashes: &[u8]) -> anyhow::Result<()> {
        self.tx
            .prepare_cached(
                "INSERT INTO tree_tiles (org_seq, level, tile, hashes) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET hashes = CAST(hashes || excluded.hashes AS BLOB)",
            )?
            .execute((self.org_seq, level, tile, hashes))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use exportgate_tests::host_process::HostProcess;

    use super::*;

    #[test]
    fn secrets_are_the_same_each_time_and_differ_from_each_other() {
        let shown: Vec<String> =
            (0..1000).map(|number| secret(number).expose().to_owned()).collect();
        assert_eq!(secret(7).expose(), shown[7]);
        let different: std::collections::HashSet<_> = shown.iter().collect();
        assert_eq!(different.len(), 1000);
    }

    #[test]
    fn labels_have_10_to_30_characters() {
        for number in 0..10_000 {
            let label = Label::parse(&label(number), "").unwrap();
            assert!((10..=30).contains(&label.as_str().chars().count()), "{label}");
        }
    }

    #[test]
    fn a_filled_database_holds_every_invariant_and_its_tokens_are_live() {
        let folder = tempfile::tempdir().unwrap();
        let mut host = HostProcess::start(folder.path());
        host.stop();
        fill(&host.data().join("exportgate.db"), 70_000, History::Told).unwrap();
        host.restart();
        assert_eq!(host.told(&["check"])["ok"], true);
        assert_eq!(host.told(&["history", "verify"])["ok"], true);
        host.stop();
    }
}
