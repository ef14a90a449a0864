//! Hosts with a planted mistake: the kit must catch each, or it would not notice a real one.

use std::path::Path;

use exportgate_tests::planted::{Place, catch_all};

/// The mistakes, and what they do.
pub const MUTANTS: [(&str, &str); 14] = [
    ("owner-left-out", "whoever knows a token's id may read and change it"),
    ("role-left-out", "everybody is an administrator"),
    ("organization-left-out", "an export service learns of other organizations' tokens"),
    ("user-name-left-out", "a secret goes with anybody's name"),
    ("site-left-out", "other sites may use a session"),
    ("signed-out-goes-on", "a session goes on after signing out"),
    ("leaver-goes-on", "a session goes on after its user was deactivated"),
    ("limit-left-out", "a user may have any number of active tokens"),
    ("handler-panics", "a handler panics for administrators"),
    ("secret-in-log", "a secret is logged"),
    ("secret-in-history", "a secret is in the history, and so in the database"),
    ("silent-stay", "silent clients are let stay"),
    ("heads-drip", "a head may take as long as it likes"),
    ("bodies-drip", "a body may take as long as it likes"),
];

/// Where the mistakes are made.
pub const PLACES: [Place; 14] = [
    Place {
        file: "store/tokens.rs",
        line: r#"let sql = format!("{SELECT} WHERE token_id = ?1 AND user_seq = ?2");"#,
        instead: r#"
            let sql = if crate::mutant("owner-left-out") {
                format!("{SELECT} WHERE token_id = ?1 AND ?2 > 0")
            } else {
                format!("{SELECT} WHERE token_id = ?1 AND user_seq = ?2")
            };
        "#,
    },
    Place {
        file: "http/actor.rs",
        line: r#"Role::User => Err(not_permitted("an administrator")),"#,
        instead: r#"
            Role::User if crate::mutant("role-left-out") => Ok(Self(user)),
            Role::User => Err(not_permitted("an administrator")),
        "#,
    },
    Place {
        file: "usecase/validate_export.rs",
        line: "gather(presented.asker.org_id(), presented.user_name, &token.user.owner(), active)",
        instead: r#"
            let owner = token.user.owner();
            let org_id = if crate::mutant("organization-left-out") {
                &owner.org_id
            } else {
                presented.asker.org_id()
            };
            let name = presented.user_name.filter(|_| !crate::mutant("user-name-left-out"));
            gather(org_id, name, &owner, active)
        "#,
    },
    Place {
        file: "http/actor.rs",
        line: "check_same_origin(caller, &app.own_origin)?;",
        instead: r#"
            if !crate::mutant("site-left-out") {
                check_same_origin(caller, &app.own_origin)?;
            }
        "#,
    },
    Place {
        file: "usecase/sign_in.rs",
        line: "tx.after_commit(move || sessions.remove(&digest));",
        instead: r#"
            if !crate::mutant("signed-out-goes-on") {
                tx.after_commit(move || sessions.remove(&digest));
            }
        "#,
    },
    Place {
        file: "usecase/manage_users.rs",
        line: "sessions.remove_user(user.user_seq);",
        instead: r#"
            if !crate::mutant("leaver-goes-on") {
                sessions.remove_user(user.user_seq);
            }
        "#,
    },
    Place {
        file: "session.rs",
        line: "&& self.user.is_active()",
        instead: r#"&& (self.user.is_active() || crate::mutant("leaver-goes-on"))"#,
    },
    // Not where somebody signs in: then the kit could not even begin.
    Place {
        file: "http/policy.rs",
        line: "let (policy, notice_days) = request.parts();",
        instead: r#"
            assert!(!crate::mutant("handler-panics"));
            let (policy, notice_days) = request.parts();
        "#,
    },
    Place {
        file: "usecase/create_token.rs",
        line: "Ok((view, created.secret))",
        instead: r#"
            if crate::mutant("secret-in-log") {
                tracing::trace!(secret = created.secret, "created");
            }
            Ok((view, created.secret))
        "#,
    },
    Place {
        file: "usecase/create_token.rs",
        line: "tx.append(created.event)?;",
        instead: r#"
            let mut event = created.event;
            if crate::mutant("secret-in-history") {
                event.reason = Some(created.secret.clone());
            }
            tx.append(event)?;
        "#,
    },
    Place {
        file: "usecase/create_token.rs",
        line: "let facts = CreateTokenFacts { owner: owner_record(&user), policy, n_active };",
        instead: r#"
            let n_active = if crate::mutant("limit-left-out") { 0 } else { n_active };
            let facts = CreateTokenFacts { owner: owner_record(&user), policy, n_active };
        "#,
    },
    Place {
        file: "net/limits.rs",
        line: "first_byte: Duration::from_secs(5),",
        instead: r#"
            first_byte: Duration::from_secs(if crate::mutant("silent-stay") { 60 } else { 5 }),
        "#,
    },
    Place {
        file: "net/limits.rs",
        line: "head: Duration::from_secs(5),",
        instead: r#"
            head: Duration::from_secs(if crate::mutant("heads-drip") { 60 } else { 5 }),
        "#,
    },
    Place {
        file: "net/limits.rs",
        line: "body: Duration::from_secs(9),",
        instead: r#"
            body: Duration::from_secs(if crate::mutant("bodies-drip") { 60 } else { 9 }),
        "#,
    },
];

/// Builds the mutants, and attacks each until it is caught.
///
/// # Errors
///
/// When one is not caught, or the host without a mistake is.
pub fn run(workspace: &Path, seed: u64) -> anyhow::Result<()> {
    let play = |_: Option<&str>| {
        let options =
            ["--seed", &seed.to_string(), "--first", "--sequences", "500", "--slow", "50"];
        options.map(str::to_owned).to_vec()
    };
    let tell = |said: &str| {
        let found = said.lines().find_map(|line| line.strip_prefix("attack: found: "));
        found.unwrap_or("?").to_owned()
    };
    catch_all("attack", workspace, &PLACES, &MUTANTS, play, tell)
}

#[cfg(test)]
mod tests;
