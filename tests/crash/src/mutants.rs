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

/// Where the mistakes are made.
const PLACES: [Place; 9] = [
    Place {
        file: "store.rs",
        line: "self.send(Job::write(change, answer))?;",
        instead: r#"
            if crate::mutant("acknowledge-before-commit") {
                let (early, told) = oneshot::channel();
                let (late, refused) = oneshot::channel::<Result<(), WriteError<E>>>();
                let change = move |tx: &mut Tx<'_>| {
                    let _ = early.send(change(tx)?);
                    Ok(())
                };
                self.send(Job::write(change, late))?;
                return match told.await {
                    Ok(value) => Ok(value),
                    Err(_) => match refused.await {
                        Ok(Err(error)) => Err(error),
                        _ => Err(WriteError::Store(StoreError::Busy)),
                    },
                };
            }
            self.send(Job::write(change, answer))?;
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
    // How many rounds it took, and the first of what was wrong.
    let tell = |said: &str| {
        let mut lines = said.lines().filter_map(|line| line.strip_prefix("crash: "));
        let rounds = lines.next().and_then(|line| line.split(" in ").next()).unwrap_or("?");
        format!("{rounds}; {}", lines.nth(2).unwrap_or_default())
    };
    catch_all("crash", workspace, &PLACES, &MUTANTS, play, tell)
}

#[cfg(test)]
mod tests;
