//! Hosts with a planted mistake: the kit must catch each, or it would not notice a real one.

use std::path::Path;

use exportgate_tests::planted::{Mutant, Place, catch_all};

/// The mistakes, what they do, and what shows them.
pub const MUTANTS: [Mutant; 18] = [
    Mutant {
        name: "owner-left-out",
        mistake: "whoever knows a token's id may read and change it",
        shows: &["as User about Others: 200"],
    },
    Mutant {
        name: "role-left-out",
        mistake: "everybody is an administrator",
        shows: &["/v1/policy/preview as User about Own: 200"],
    },
    Mutant {
        name: "organization-left-out",
        mistake: "an export service learns of other organizations' tokens",
        shows: &["as Service: OtherOrganizations is not answered as what does not exist"],
    },
    Mutant {
        name: "user-name-left-out",
        mistake: "a secret goes with anybody's name",
        shows: &["in place of \"user_mismatch\""],
    },
    Mutant {
        name: "site-left-out",
        mistake: "other sites may use a session",
        shows: &["as CrossSite about Own: 20"],
    },
    Mutant {
        name: "refused-too-late",
        mistake: "what another site asks for is done, and then refused",
        shows: &["as CrossSite about Own was refused, and yet changed"],
    },
    Mutant {
        name: "signed-out-goes-on",
        mistake: "a session goes on after signing out",
        shows: &["as SignedOut about Own: 20"],
    },
    Mutant {
        name: "leaver-goes-on",
        mistake: "a session goes on after its user was deactivated",
        shows: &["as Deactivated about Own: 20"],
    },
    Mutant {
        name: "role-change-late",
        mistake: "who is signed in keeps the old role",
        shows: &["sequence: change policy: ", "sequence: read all history: "],
    },
    Mutant {
        name: "limit-left-out",
        mistake: "a user may have any number of active tokens",
        shows: &["sequence: create: 201"],
    },
    Mutant {
        name: "handler-panics",
        mistake: "a handler panics for administrators",
        shows: &["/v1/policy/preview: 500"],
    },
    Mutant {
        name: "body-limit-left-out",
        mistake: "a body may be as long as it likes",
        shows: &["bytes taken in"],
    },
    Mutant {
        name: "secret-in-log",
        mistake: "a secret is logged",
        shows: &["a secret is in the log"],
    },
    Mutant {
        name: "secret-in-history",
        mistake: "a secret is in the history, and so in the database",
        shows: &["a secret is in the database", "a secret is in the backup"],
    },
    Mutant {
        name: "silent-stay",
        mistake: "silent clients are let stay",
        shows: &["a slow client (Silent) was let stay"],
    },
    Mutant {
        name: "heads-drip",
        mistake: "a head may take as long as it likes",
        shows: &["a slow client (Header) was let stay"],
    },
    Mutant {
        name: "bodies-drip",
        mistake: "a body may take as long as it likes",
        shows: &["a slow client (Body) was let stay"],
    },
    Mutant {
        name: "hang-up-at-once",
        mistake: "clients that pause are hung up on",
        shows: &["a slow client (Header) was gone after"],
    },
];

/// Where the mistakes are made.
pub const PLACES: [Place; 17] = [
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
            if let Err(refused) = check_same_origin(caller, &app.own_origin) {
                if crate::mutant("refused-too-late") {
                    let _ = Box::pin(crate::usecase::revoke_tokens::revoke_all(app, &user)).await;
                }
                if !crate::mutant("site-left-out") {
                    return Err(refused);
                }
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
        file: "usecase/manage_users.rs",
        line: "tx.after_commit(move || ours.set_role(new_role));",
        instead: r#"
            if !crate::mutant("role-change-late") {
                tx.after_commit(move || ours.set_role(new_role));
            }
        "#,
    },
    Place {
        file: "http/body.rs",
        line: "Some(length) if length <= MAXIMUM_BODY_BYTES as u64 => return Ok(request),",
        instead: r#"
            Some(_) if crate::mutant("body-limit-left-out") => return Ok(request),
            Some(length) if length <= MAXIMUM_BODY_BYTES as u64 => return Ok(request),
        "#,
    },
    Place {
        file: "http/body.rs",
        line: "match Limited::new(body, MAXIMUM_BODY_BYTES).collect().await {",
        instead: r#"
            let most =
                if crate::mutant("body-limit-left-out") { usize::MAX } else { MAXIMUM_BODY_BYTES };
            match Limited::new(body, most).collect().await {
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
            head: Duration::from_secs(if crate::mutant("heads-drip") {
                60
            } else if crate::mutant("hang-up-at-once") {
                1
            } else {
                5
            }),
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
    let findings = |said: &str| {
        let found = said.lines().filter_map(|line| line.strip_prefix("attack: found: "));
        found.map(str::to_owned).collect()
    };
    catch_all("attack", workspace, &PLACES, &MUTANTS, play, findings)
}

#[cfg(test)]
mod tests;
