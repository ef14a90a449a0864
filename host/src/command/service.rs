//! `exportgate service …`: the operator adds, lists and revokes export services.

use clap::Subcommand;

use super::key::{Holder, Keys, Listed};
use crate::cli::{Failure, Global};

const SERVICES: Keys = Keys {
    path: "services",
    command: "service",
    holder: "export service",
    key: "its key",
    use_of_it: "A proxy sends it as `X-Exportgate-Service: KEY`; a program that asks \
                /v1/exports/validate sends `Authorization: Bearer KEY`.",
};

/// What to do with export services.
#[derive(Debug, Subcommand)]
pub enum ServiceCommand {
    /// Add an export service and print its key, this once
    Add(Holder),
    /// List export services, also revoked ones
    List(Listed),
    /// Revoke a service: its key stops working at once
    Revoke(Holder),
}

/// Runs `exportgate service …`.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn run(command: &ServiceCommand, global: &Global) -> Result<(), Failure> {
    match command {
        ServiceCommand::Add(service) => SERVICES.add(service, global),
        ServiceCommand::List(listed) => SERVICES.list(listed, global),
        ServiceCommand::Revoke(service) => SERVICES.revoke(service, global),
    }
}
