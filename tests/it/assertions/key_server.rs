//! An issuer's server of keys, with all the bad habits that one can have.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use serde_json::{Value, json};

/// How it answers.
#[derive(Clone)]
pub enum Habit {
    Set(Value),
    Garbage,
    /// Ten megabytes that would be a set.
    Long,
    /// One byte in a second.
    Slow,
    Redirect(String),
}

pub struct KeyServer {
    pub url: String,
    habit: Arc<Mutex<Habit>>,
    n_asked: Arc<AtomicUsize>,
}

impl KeyServer {
    pub fn start(habit: Habit) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let (habit, n_asked) = (Arc::new(Mutex::new(habit)), Arc::new(AtomicUsize::new(0)));
        let (habits, count) = (Arc::clone(&habit), Arc::clone(&n_asked));
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (habits, count) = (Arc::clone(&habits), Arc::clone(&count));
                std::thread::spawn(move || {
                    count.fetch_add(1, Ordering::SeqCst);
                    let habit = habits.lock().unwrap().clone();
                    // Whoever asked may have lost patience.
                    let _ = answer(connection, &habit);
                });
            }
        });
        Self { url, habit, n_asked }
    }

    pub fn change(&self, habit: Habit) {
        *self.habit.lock().unwrap() = habit;
    }

    /// How often it was asked.
    pub fn n_asked(&self) -> usize {
        self.n_asked.load(Ordering::SeqCst)
    }

    /// Configuration of an issuer with these keys.
    pub fn issuer(&self, name: &str, org_id: &str) -> String {
        let url = &self.url;
        format!("[[issuer]]\nissuer = \"{name}\"\norg_id = \"{org_id}\"\njwks_url = \"{url}\"\n")
    }
}

fn answer(mut connection: TcpStream, habit: &Habit) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut part = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let n = connection.read(&mut part)?;
        request.extend_from_slice(&part[..n]);
        if n == 0 {
            return Ok(());
        }
    }
    let mut whole = |status: &str, headers: &str, body: &str| {
        let length = body.len();
        write!(
            connection,
            "HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    match habit {
        Habit::Set(set) => whole("200 OK", "", &set.to_string()),
        Habit::Garbage => whole("200 OK", "", "<html>keys are out</html>"),
        Habit::Long => {
            let set = json!({ "keys": [], "more": "x".repeat(10_000_000) });
            whole("200 OK", "", &set.to_string())
        }
        Habit::Redirect(to) => whole("302 Found", &format!("location: {to}\r\n"), ""),
        Habit::Slow => {
            write!(connection, "HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n")?;
            for _ in 0..60 {
                connection.write_all(b" ")?;
                connection.flush()?;
                std::thread::sleep(Duration::from_secs(1));
            }
            Ok(())
        }
    }
}

/// A set of these keys.
pub fn set(keys: &[Value]) -> Habit {
    Habit::Set(json!({ "keys": keys }))
}
