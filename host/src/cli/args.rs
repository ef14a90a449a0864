//! Knows the options that every command takes, and those of serve, restore and check.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Options that stand before or after the subcommand.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Data folder of the host that is meant
    #[arg(
        long,
        global = true,
        env = "EXPORTGATE_DATA",
        value_name = "DIR",
        default_value = "./exportgate-data",
        value_hint = ValueHint::DirPath
    )]
    pub data: PathBuf,
    /// Print JSON documents, one per line, in place of tables and sentences
    #[arg(long, global = true)]
    pub json: bool,
    /// Address of the host, for commands of users and export services
    ///
    /// Without it: EXPORTGATE_URL, else where you signed in last, else http://127.0.0.1:8080.
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url)]
    pub url: Option<String>,
}

/// Options of `exportgate serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Address to listen on, such as 127.0.0.1:8080; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = listen_address)]
    pub listen: Option<SocketAddr>,
    /// Configuration file, in place of DIR/exportgate.toml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Tell whether the configuration is valid, and end
    #[arg(long)]
    pub check_config: bool,
    /// Serve a database that is older than the one before, once: every token and key that cannot be
    /// proven live is revoked, and all sessions end
    #[arg(long)]
    pub accept_rollback: bool,
    /// Follow the machine's clock although it is far ahead of the last known instant, once: what has
    /// expired by it stays expired
    #[arg(long)]
    pub accept_clock: bool,
}

/// Options of `exportgate restore`.
#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    /// A file that `exportgate backup` wrote
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The host's configuration file, when it is not DIR/exportgate.toml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Revoke every token and key of the backup that cannot be proven live
    #[arg(long)]
    pub accept_rollback: bool,
}

/// Options of `exportgate check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The host's configuration file, when it is not DIR/exportgate.toml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

/// Reads `ADDR`: an address with a port, or a name such as `localhost:8080`.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| "write it as address and port, such as 127.0.0.1:8080".to_owned())
}
