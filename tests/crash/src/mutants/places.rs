//! Where the mistakes are made: lines of the host's sources, and what stands there instead.

use exportgate_tests::planted::Place;

/// All of them are in one program, which makes the one that it is told.
pub const PLACES: &[Place] = &[
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
    Place {
        file: "store/writer.rs",
        line: "self.reserve.release();",
        instead: r#"
            if !crate::mutant("no-reserve") {
                self.reserve.release();
            }
        "#,
    },
    Place {
        file: "store/writer.rs",
        line: "if is_full && failed && change.ends_access() {",
        instead: r#"
            let is_entitled = change.ends_access() || crate::mutant("reserve-for-everybody");
            if is_full && failed && is_entitled {
        "#,
    },
    Place {
        file: "store/writer.rs",
        line: "let committed = self.commit(batch.n_kept);",
        instead: r#"
            let mut committed = self.commit(batch.n_kept);
            if crate::mutant("take-failure-for-success") {
                committed = Ok(());
            }
        "#,
    },
    Place {
        file: "store/writer.rs",
        line: "let Some(witness) = &mut self.witness else { return };",
        instead: r#"
            let Some(witness) = &mut self.witness else { return };
            if crate::mutant("witness-stands-still") && witness.seen().is_some() {
                return;
            }
        "#,
    },
    Place {
        file: "usecase/apply_policy.rs",
        line: "n_changed += 1;",
        instead: r#"
            n_changed += 1;
            if n_changed == 1 && crate::mutant("apply-in-parts") {
                let part = "RELEASE change; COMMIT; BEGIN IMMEDIATE; SAVEPOINT change";
                let _ = tx.execute_batch(part);
            }
        "#,
    },
    Place {
        file: "lock.rs",
        line: "match file.try_lock() {",
        instead: r#"
            let locked = if crate::mutant("lock-left-out") { Ok(()) } else { file.try_lock() };
            match locked {
        "#,
    },
    Place {
        file: "clock/keeper.rs",
        line: "if at <= told { told } else {",
        instead: r#"
            if crate::mutant("time-goes-back") {
                at
            } else if at <= told {
                told
            } else {
        "#,
    },
    Place {
        file: "clock/keeper.rs",
        line: "if wall <= ceiling { wall } else { expected }",
        instead: r#"
            if wall <= ceiling || crate::mutant("believe-a-jump") { wall } else { expected }
        "#,
    },
    Place {
        file: "clock/keeper.rs",
        line: "let beginning = begin(wall, mark, accept);",
        instead: r#"
            let accept = accept || crate::mutant("start-far-ahead");
            let beginning = begin(wall, mark, accept);
        "#,
    },
    Place {
        file: "clock/keeper.rs",
        line: "if self.marked.load(Ordering::SeqCst) < at {",
        instead: r#"
            if self.marked.load(Ordering::SeqCst) < at && !crate::mutant("tell-before-the-mark") {
        "#,
    },
    Place {
        file: "rollback.rs",
        line: "Some(seen) if !seen.is_accepted(connection)? =>",
        instead: r#"
            Some(seen)
                if !crate::mutant("serve-any-database") && !seen.is_accepted(connection)? =>
        "#,
    },
    Place {
        file: "usecase/accept_rollback.rs",
        line: "for part in to_revoke.chunks(TOKENS_PER_QUESTION) {",
        instead: r#"
            if crate::mutant("accept-without-revoking") {
                return Ok(());
            }
            for part in to_revoke.chunks(TOKENS_PER_QUESTION) {
        "#,
    },
    Place {
        file: "usecase/accept_rollback.rs",
        line: "(Status::Revoked | Status::Expired, ..) => Fate::Ended,",
        instead: r#"
            (Status::Revoked | Status::Expired, ..) if crate::mutant("restore-revives") => {
                Fate::Stays
            }
            (Status::Revoked | Status::Expired, ..) => Fate::Ended,
        "#,
    },
    Place {
        file: "usecase/accept_rollback.rs",
        line: "tx.delete_all_sessions()?;",
        instead: r#"
            if !crate::mutant("stay-signed-in") {
                tx.delete_all_sessions()?;
            }
        "#,
    },
    Place {
        file: "usecase/validate_export.rs",
        line: "app.metrics.validation(reason);",
        instead: r#"
            app.metrics.validation(reason);
            if crate::mutant("leak-with-each-validation") {
                std::hint::black_box(Box::leak(Box::new(now)));
            }
        "#,
    },
];
