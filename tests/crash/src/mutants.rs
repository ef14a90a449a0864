//! Hosts with a planted mistake: the kit must catch each, or it would not notice a real one.

use std::path::Path;

use exportgate_tests::planted::{Mutant, Place, catch_all};

/// Rounds of the host without a mistake.
const CONTROL_ROUNDS: u32 = 10;
/// A mistake has to show within so many rounds. Most show in the first one, and the one that shows
/// only when the kill comes in the middle of a commit in one of fifteen.
const MOST_ROUNDS: u32 = 300;

/// How findings begin, after the round or cut.
const LOST: &str = ": lost, `";
const ACCEPTED: &str = ": wrongly accepted, `";
/// How `exportgate check` complains about a history that does not tell all.
const UNTOLD: &str = "`exportgate check`: ";

/// The mistakes, what they do, and what shows them.
pub const MUTANTS: [Mutant; 10] = [
    Mutant {
        name: "acknowledge-before-commit",
        mistake: "a change is answered before it is durable",
        shows: &[LOST, ACCEPTED],
    },
    Mutant {
        name: "show-before-commit",
        mistake: "a change is in memory before it is durable",
        shows: &[LOST, ACCEPTED],
    },
    Mutant {
        name: "keep-revoked-in-memory",
        mistake: "a revocation does not reach the memory that validation reads",
        shows: &[ACCEPTED],
    },
    Mutant {
        name: "revoke-in-memory-late",
        mistake: "a revocation reaches that memory after its answer",
        shows: &[ACCEPTED],
    },
    Mutant {
        name: "revoke-in-memory-only",
        mistake: "a revocation is not stored",
        shows: &[ACCEPTED],
    },
    Mutant { name: "rename-in-memory-only", mistake: "a rename is not stored", shows: &[LOST] },
    Mutant {
        name: "revoke-without-event",
        mistake: "a revocation is not in the history",
        shows: &[UNTOLD],
    },
    Mutant {
        name: "create-without-event",
        mistake: "a creation is not in the history",
        shows: &[UNTOLD],
    },
    Mutant {
        name: "drop-log-at-start",
        mistake: "what was not copied out of the write-ahead log is gone after a kill",
        shows: &[LOST],
    },
    Mutant {
        name: "forget-revocations-at-start",
        mistake: "after a start all tokens live again",
        shows: &[ACCEPTED],
    },
];

/// Mistakes that only a power cut shows.
pub const POWER_MUTANTS: [Mutant; 3] = [
    Mutant {
        name: "keep-failed-log",
        mistake: "after a failed sync the next commit is written in the same place",
        shows: &["lost: "],
    },
    Mutant {
        name: "synchronous-normal",
        mistake: "the log is synced only before it is copied",
        shows: &[LOST, ACCEPTED],
    },
    Mutant { name: "synchronous-off", mistake: "nothing is synced", shows: &[LOST, ACCEPTED] },
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
    catch_all("crash", workspace, &PLACES, &MUTANTS, play, |said| findings("crash", said))
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
    let findings = |said: &str| findings("powercut", said);
    catch_all("powercut", workspace, &PLACES, &POWER_MUTANTS, play, findings)
}

/// What was wrong, which comes after the counts, each with how many rounds or cuts it took.
fn findings(kit: &str, said: &str) -> Vec<String> {
    let prefix = format!("{kit}: ");
    let lines: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix(&prefix)).collect();
    let tries = lines.first().and_then(|line| line.split(" in ").next()).unwrap_or("?");
    let wrong = lines.iter().skip_while(|line| !line.starts_with("lost ")).skip(1);
    wrong.map(|sentence| format!("{tries}; {sentence}")).collect()
}

#[cfg(test)]
mod tests;
