//! What the command line says to people beside its result, on standard error.

use super::{Edges as _, stderr};
use crate::stage::{Stage, stage};

#[track_caller]
fn check(stage: &Stage, user: &str, arguments: &[&str], exit_code: i32, expected: &str) {
    let output = stage.people(user, arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(exit_code), "{arguments:?}: {said}");
    assert_eq!(said, expected, "{arguments:?}");
}

#[test]
fn a_mistake_is_told_once() {
    let stage = stage();
    stage.token();
    let output = stage.people("anna", &["token", "create", ""]);
    assert_eq!(stderr(&output).matches("label.empty").count(), 1, "{}", stderr(&output));
    let several = stage.people("anna", &["token", "create", "", "--expires", "2001-01-01"]);
    assert!(stderr(&several).contains("\n  /label: label.empty: "), "{}", stderr(&several));
}

#[test]
fn nobody_is_signed_in_until_somebody_signs_in() {
    let stage = stage();
    let expected = "refused: credential.missing: you are not signed in; use `exportgate sign-in \
                    CODE` with a code that the operator prints with `exportgate sign-in-code \
                    NAME`\n";
    for arguments in [&["token", "list"][..], &["token", "revoke", "x"], &["sign-out"]] {
        check(&stage, "nobody", arguments, 3, expected);
    }
}

#[test]
fn a_second_revocation_says_that_it_is_one() {
    let stage = stage();
    let (token_id, _) = stage.token();
    let said = || {
        let output = stage.people("anna", &["token", "revoke", &token_id]);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(said().starts_with("revoked `Sales` (hint "));
    assert!(said().starts_with("was revoked before, at 20"));
}

#[test]
fn a_backup_that_cannot_be_written_fails_and_one_that_is_there_is_refused() {
    let stage = stage();
    let output = stage.people("operator", &["backup", "/nonexistent/x.db"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("`/nonexistent/x.db` cannot be created: No such file"));
    let file = stage.folder.path().join("backup.db");
    let file = file.to_str().unwrap();
    assert_eq!(stage.people("operator", &["backup", file]).status.code(), Some(0));
    let output = stage.people("operator", &["backup", file]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("exists already"), "{}", stderr(&output));
}

#[test]
fn the_operator_is_told_what_to_do_next_and_what_is_seldom_meant() {
    let stage = stage();
    let operator = |arguments: &[&str], expected: &str| {
        check(&stage, "operator", arguments, 0, expected);
    };
    operator(&["user", "add", "carl"], "to let them in: exportgate sign-in-code carl\n");
    operator(
        &["user", "add", "Eva E", "--org", "acme", "--role", "administrator"],
        "to let them in: exportgate sign-in-code --org acme 'Eva E'\n",
    );
    operator(&["user", "deactivate", "carl"], "");
    check(
        &stage,
        "operator",
        &["sign-in-code", "carl"],
        3,
        "refused: user.inactive: the account of `carl` is deactivated, so no code would let \
         anybody in; reactivate it first\n",
    );

    let none = |org: &str| {
        format!(
            "organization `{org}` has no active administrator now; `exportgate user set-role \
             NAME administrator` makes one\n"
        )
    };
    operator(&["user", "set-role", "anna", "administrator"], "");
    operator(&["user", "deactivate", "admin"], "");
    operator(&["user", "set-role", "anna", "user"], &none("default"));
    // It had none before.
    operator(&["user", "deactivate", "bert"], "");
    operator(&["user", "deactivate", "Eva E", "--org", "acme"], &none("acme"));
}

#[test]
fn a_service_of_an_organization_that_nobody_knows_is_remarked_upon() {
    let stage = stage();
    let remark = "organization `acem` has nobody yet";
    let add = |name: &str, org: &str| {
        let output = stage.people("operator", &["service", "add", name, "--org", org]);
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output).contains(remark)
    };
    assert!(add("one", "acem"));
    assert!(!add("two", "acem"), "it has a service now");
    assert!(!add("three", "default"));
}
