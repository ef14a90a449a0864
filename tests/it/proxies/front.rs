//! Knows how to start the real nginx or the real Caddy with the configuration that the README
//! shows, in front of exported files and of a program that exports.

use std::fs::{File, Permissions};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use exportgate_tests::host_process::terminate;
use exportgate_tests::sample_export::folder;
use exportgate_tests::wait::wait_for;

use super::mistakes::planted;

/// The two configurations as they are shown around.
const NGINX: &str = include_str!("../../proxies/nginx.conf");
const CADDYFILE: &str = include_str!("../../proxies/Caddyfile");

/// Somebody else may take the port between our look and the start.
const N_TRIES: u32 = 5;

/// Which proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Caddy,
}

/// What stands behind a proxy.
pub struct Behind<'a> {
    /// Host and port of Exportgate.
    pub exportgate: &'a str,
    pub service_key: &'a str,
    /// Host and port of a program that exports.
    pub program: &'a str,
}

/// A running proxy. It is ended when this is dropped.
pub struct Front {
    dir: PathBuf,
    pub url: String,
    child: Child,
}

impl Front {
    /// Starts a proxy on a free port of loopback. All it needs and writes lies below `dir`.
    #[track_caller]
    pub fn start(kind: Kind, dir: &Path, behind: &Behind<'_>) -> Self {
        std::fs::create_dir_all(dir.join("tmp")).expect("a folder for the proxy");
        for _ in 0..N_TRIES {
            let address = free_address();
            let url = format!("http://{address}");
            // The links in the files name the address, so they are written when it is known.
            folder::write(&dir.join("exports"), &url).expect("write the sample export");
            let child = match kind {
                Kind::Nginx => nginx(dir, address, behind),
                Kind::Caddy => caddy(dir, address, behind),
            };
            let mut front = Self { dir: dir.to_owned(), url, child };
            if wait_for("the proxy to listen", || front.listens(address)) {
                return front;
            }
        }
        panic!("{kind:?} does not start: {}", log(dir));
    }

    /// Everything the proxy wrote: its access log and its messages.
    pub fn log(&self) -> String {
        log(&self.dir)
    }

    /// Whether it listens; nothing while that is open.
    fn listens(&mut self, address: SocketAddr) -> Option<bool> {
        if self.child.try_wait().ok()?.is_some() {
            return Some(false);
        }
        TcpStream::connect(address).ok().map(|_| true)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        // Not SIGKILL: nginx's worker would outlive it.
        terminate(&self.child);
        let _ = self.child.wait();
    }
}

fn nginx(dir: &Path, address: SocketAddr, behind: &Behind<'_>) -> Child {
    let key_file = dir.join("exportgate-key.conf");
    let key = behind.service_key;
    std::fs::write(&key_file, format!("proxy_set_header X-Exportgate-Service \"{key}\";\n"))
        .and_then(|()| std::fs::set_permissions(&key_file, Permissions::from_mode(0o600)))
        .expect("write the key file");
    let exports = filled(&[
        ("@LISTEN@", &address.to_string()),
        ("@EXPORTGATE@", behind.exportgate),
        ("@PROGRAM@", behind.program),
        ("@KEY_FILE@", &key_file.display().to_string()),
        ("@FOLDER@", &dir.join("exports").display().to_string()),
        ("@LOG@", &dir.join("access.log").display().to_string()),
    ]);
    std::fs::write(dir.join("exports.conf"), exports).expect("write exports.conf");
    // Root's nginx gives its work to another user, who could not read the temporary folder.
    let root = std::fs::metadata(dir).is_ok_and(|metadata| metadata.uid() == 0);
    let main = format!(
        "{}worker_processes 2;\ndaemon off;\npid tmp/nginx.pid;\nerror_log error.log info;\n\
         events {{ worker_connections 1024; }}\nhttp {{\n  client_body_temp_path tmp/body;\n  \
         proxy_temp_path tmp/proxy;\n  fastcgi_temp_path tmp/fastcgi;\n  uwsgi_temp_path \
         tmp/uwsgi;\n  scgi_temp_path tmp/scgi;\n  include exports.conf;\n}}\n",
        if root { "user root;\n" } else { "" }
    );
    std::fs::write(dir.join("nginx.conf"), main).expect("write nginx.conf");
    let mut command = Command::new("nginx");
    command.arg("-p").arg(dir).args(["-c", "nginx.conf", "-e", "start.log"]);
    start(command, dir, "nginx")
}

/// The nginx configuration with every word between @ signs filled in, except in its comments.
fn filled(values: &[(&str, &str)]) -> String {
    let mut configuration = String::new();
    for line in planted(Kind::Nginx, NGINX).lines() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let line =
            values.iter().fold(line.to_owned(), |line, (word, value)| line.replace(word, value));
        configuration.push_str(&line);
        configuration.push('\n');
    }
    configuration
}

fn caddy(dir: &Path, address: SocketAddr, behind: &Behind<'_>) -> Child {
    std::fs::write(dir.join("Caddyfile"), planted(Kind::Caddy, CADDYFILE))
        .expect("write the Caddyfile");
    let mut command = Command::new("caddy");
    command
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(dir.join("Caddyfile"))
        .env("EXPORT_SITE", format!("http://{address}"))
        .env("EXPORT_BIND", "127.0.0.1")
        .env("EXPORT_FOLDER", dir.join("exports"))
        .env("EXPORT_PROGRAM", behind.program)
        .env("EXPORT_LOG", dir.join("access.log"))
        .env("EXPORTGATE", behind.exportgate)
        .env("EXPORTGATE_SERVICE_KEY", behind.service_key)
        // Caddy keeps its own state here, and not in the home of whoever runs the tests.
        .env("XDG_DATA_HOME", dir.join("tmp/data"))
        .env("XDG_CONFIG_HOME", dir.join("tmp/config"));
    start(command, dir, "caddy")
}

fn start(mut command: Command, dir: &Path, name: &str) -> Child {
    let messages = File::create(dir.join("messages.log")).expect("a file for messages");
    command
        .stdin(Stdio::null())
        .stdout(messages.try_clone().expect("the same file"))
        .stderr(messages)
        .spawn()
        .unwrap_or_else(|_| panic!("`{name}` is not installed; `cargo xtask test` installs it"))
}

fn log(dir: &Path) -> String {
    ["start.log", "messages.log", "error.log", "access.log"]
        .iter()
        .map(|file| std::fs::read(dir.join(file)).unwrap_or_default())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address")
}
