//! Mistakes that `rules.yml` must find, and their neighbours that it must leave alone. Never compiled.

fn sql(connection: &Connection, name: &str) {
    // ruleid: sql-of-values
    let sql = format!("SELECT token_seq FROM tokens WHERE label = '{name}'");
    // ruleid: sql-of-values
    let sql = format!("DELETE FROM tokens WHERE label = '{}'", name);
    // ruleid: sql-of-values
    connection.execute(&format!("PRAGMA user_version = {version}"), []);
    // ok: sql-of-values
    let sql = format!("{SELECT} WHERE token_id = ?1 AND user_seq = ?2");
    // ok: sql-of-values
    let text = format!("the token {name} is unknown");
    // ruleid: sql-of-joined-texts
    connection.execute(&(start + name), []);
    // ruleid: sql-of-joined-texts
    connection.prepare(&("SELECT * FROM tokens ORDER BY ".to_owned() + name));
    // ruleid: sql-that-grows-by-values
    sql.push_str(&format!("seq < {before}"));
    // ok: sql-that-grows-by-values
    sql.push_str(condition);
    // ok: sql-of-joined-texts
    connection.execute("UPDATE tokens SET label = ?1", [name]);
}

fn logs(secret: &Secret, request: &Request) {
    // ruleid: secret-in-log
    debug!(%secret, "a token was asked for");
    // ruleid: secret-in-log
    info!(user = %user, given = ?request.password, "signed in");
    // ruleid: secret-in-log
    println!("{}", secret.expose());
    // ruleid: secret-in-log
    warn!(%assertion, "an issuer is not known");
    // ruleid: secret-in-log-text
    warn!("the cookie {cookie} is not known");
    // ok: secret-in-log
    warn!("the secret could not be read");
    // ok: secret-in-log
    info!(token_id = %token.token_id, "the secret was shown");
    // ok: secret-in-log-text
    error!("no session cookie in {request_id}");
}

// ruleid: secret-that-prints-itself
#[derive(Clone, Debug, PartialEq)]
pub struct SharedSecret(String);

// ok: secret-that-prints-itself
#[derive(Clone, PartialEq)]
pub struct OtherSecret(String);

// ok: secret-that-prints-itself
#[derive(Clone, Debug)]
pub struct MissingSecret;
