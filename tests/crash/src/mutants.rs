//! Hosts with a planted mistake: the kit must catch each, or it would not notice a real one.

use std::path::Path;

use exportgate_tests::planted::{Place, catch_all};

/// Rounds of the host without a mistake.
const CONTROL_ROUNDS: u32 = 10;
/// A mistake has to show within so many rounds. Most show in the first one, and the one that shows
/// only when the kill comes in the middle of a commit in one of fifteen.
const MOST_ROUNDS: u32 = 300;

/// The mistakes, and what they do.
pub const MUTANTS: [(&str, &str); 10] = [
    ("acknowledge-before-commit", "a change is answered before it is durable"),
    ("show-before-commit", "a change is in memory before it is durable"),
    ("keep-revoked-in-memory", "a revocation does not reach the memory that validation reads"),
    ("revoke-in-memory-late", "a revocation reaches that memory after its answer"),
    ("revoke-in-memory-only", "a revocation is not stored"),
    ("rename-in-memory-only", "a rename is not stored"),
    ("revoke-without-event", "a revocation is not in the history"),
    ("create-without-event", "a creation is not in the history"),
    ("drop-log-at-start", "what was not copied out of the write-ahead log is gone after a kill"),
    ("forget-revocations-at-start", "after a start all tokens live again"),
];

/// Mistakes that only a power cut shows.
pub const POWER_MUTANTS: [(&str, &str); 3] = [
    ("keep-failed-log", "after a failed sync the next commit is written in the same place"),
    ("synchronous-normal", "the log is synced only before it is copied"),
    ("synchronous-off", "nothing is synced"),
];
/// So many cuts have to be enough for each.
const POWER_CUTS: &str = "60";

/// Where the mistakes are made.
const PLACES: [Place; 12] = [
    Place {
        file: "store.rs",
        line: "self.send(Job::Write(Box::new(Asked::new(change, ends_access, answer))))?;",
        instead: r#"
            if crate::mutant("acknowledge-before-commit") {
                let (early, told) = oneshot::channel();
                let (late, refused) = oneshot::channel::<Result<(), WriteError<E>>>();
                let (mut early, mut change) = (Some(early), change);
                let change = move |tx: &mut Tx<'_>| {
                    let value = change(tx)?;
                    if let Some(early) = early.take() {
                        let _ = early.send(value);
                    }
                    Ok(())
                };
                let late = |outcome| {
                    let _ = late.send(outcome);
                };
                self.send(Job::Write(Box::new(Asked::new(change, ends_access, late))))?;
                return match told.await {
                    Ok(value) => Ok(value),
                    Err(_) => match refused.await {
                        Ok(Err(error)) => Err(error),
                        _ => Err(WriteError::Store(StoreError::Busy)),
                    },
                };
            }
            self.send(Job::Write(Box::new(Asked::new(change, ends_access, answer))))?;
        "#,
    },
    Place {
        file: "store/writer.rs",
        line: "self.effects.push(Box::new(effect));",
        instead: r#"
            if crate::mutant("acknowledge-before-commit") || crate::mutant("show-before-commit") {
                effect();
            } else {
                self.effects.push(Box::new(effect));
            }
        "#,
    },
    Place {
        file: "usecase/revoke_tokens.rs",
        line: "tx.after_commit(move || index.put(&digest, &live));",
        instead: r#"
            if crate::mutant("revoke-in-memory-late") {
                tx.after_commit(move || {
                    std::thread::spawn(move || {
                        std::thread::sleep(std::time::Duration::from_millis(3));
                        index.put(&digest, &live);
                    });
                });
            } else if !crate::mutant("keep-revoked-in-memory") {
                tx.after_commit(move || index.put(&digest, &live));
            }
        "#,
    },
    Place {
        file: "usecase/revoke_tokens.rs",
        line: "tx.update_token(stored.token_seq, &stored.token)?;",
        instead: r#"
            if !crate::mutant("revoke-in-memory-only") {
                tx.update_token(stored.token_seq, &stored.token)?;
            }
        "#,
    },
    Place {
        file: "usecase/rename_token.rs",
        line: "tx.update_token(stored.token_seq, &stored.token)?;",
        instead: r#"
            if !crate::mutant("rename-in-memory-only") {
                tx.update_token(stored.token_seq, &stored.token)?;
            }
        "#,
    },
    Place {
        file: "usecase/revoke_tokens.rs",
        line: "tx.append(revoked.event)?;",
        instead: r#"
            if !crate::mutant("revoke-without-event") {
                tx.append(revoked.event)?;
            }
        "#,
    },
    Place {
        file: "usecase/create_token.rs",
        line: "tx.append(created.event)?;",
        instead: r#"
            if !crate::mutant("create-without-event") {
                tx.append(created.event)?;
            }
        "#,
    },
    Place {
        file: "store/connection.rs",
        line: "create_private(file)?;",
        instead: r#"
            if crate::mutant("drop-log-at-start") {
                let _ = fs::remove_file(format!("{}-wal", file.display()));
                // The host itself would notice it by its witness, and refuse to start.
                let _ = fs::remove_file(file.with_file_name("exportgate.witness"));
            }
            create_private(file)?;
        "#,
    },
    Place {
        file: "store/connection.rs",
        line: r#"connection.pragma_update(None, "synchronous", "FULL").map_err(sqlite)?;"#,
        instead: r#"
            let (level, found) = if crate::mutant("synchronous-normal") {
                ("NORMAL", "1")
            } else if crate::mutant("synchronous-off") {
                ("OFF", "0")
            } else {
                ("FULL", "2")
            };
            connection.pragma_update(None, "synchronous", level).map_err(sqlite)?;
        "#,
    },
    Place {
        file: "store/synced_file.rs",
        line: "let cut = if self.bytes() > self.synced_bytes {",
        instead: r#"
            let cut = if !crate::mutant("keep-failed-log") && self.bytes() > self.synced_bytes {
        "#,
    },
    Place {
        file: "store/connection.rs",
        line: r#"("synchronous", "2")]"#,
        instead: r#"("synchronous", found)]"#,
    },
    Place {
        file: "index/load.rs",
        line: "revoked_at: row.revoked_at,",
        instead: r#"
            revoked_at: row.revoked_at.filter(|_| !crate::mutant("forget-revocations-at-start")),
        "#,
    },
];

/// Builds the mutants, and plays rounds against each until it is caught.
///
/// # Errors
///
/// When one is not caught, or the host without a mistake is.
pub fn run(workspace: &Path, seed: u64) -> anyhow::Result<()> {
    let play = |name: Option<&str>| {
        let rounds = if name.is_some() { MOST_ROUNDS } else { CONTROL_ROUNDS };
        let options = ["--rounds", &rounds.to_string(), "--seed", &seed.to_string(), "--forget"];
        options.map(str::to_owned).to_vec()
    };
    catch_all("crash", workspace, &PLACES, &MUTANTS, play, |said| tell("crash", said))
}

/// Builds the mutants, and cuts the power of each that only this shows.
///
/// # Errors
///
/// When one is not caught, or the host without a mistake is.
pub fn run_power(workspace: &Path, seed: u64) -> anyhow::Result<()> {
    let play = |_: Option<&str>| {
        let seed = seed.to_string();
        let options = ["power", "--no-controls", "--cuts", POWER_CUTS, "--seed", &seed];
        options.map(str::to_owned).to_vec()
    };
    let tell = |said: &str| tell("powercut", said);
    catch_all("powercut", workspace, &PLACES, &POWER_MUTANTS, play, tell)
}

/// How many rounds or cuts it took, and the first of what was wrong, which comes after the counts.
fn tell(kit: &str, said: &str) -> String {
    let prefix = format!("{kit}: ");
    let lines: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix(&prefix)).collect();
    let tries = lines.first().and_then(|line| line.split(" in ").next()).unwrap_or("?");
    let first = lines.iter().skip_while(|line| !line.starts_with("lost ")).nth(1);
    format!("{tries}; {}", first.copied().unwrap_or_default())
}

#[cfg(test)]
mod tests;
