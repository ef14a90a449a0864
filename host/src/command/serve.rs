//! `exportgate serve`: runs the host until it is told to stop.

use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use crate::{
    app::Accept,
    assertion::Issuers,
    cli::{Failure, Global, Output, ServeArgs},
    clock::Clock,
    config::{Config, Overrides},
    data,
    lock::Lock,
    log, net,
    oidc::Providers,
    serve::{self, FIRST_ADMINISTRATOR, Running},
};

#[derive(Serialize)]
struct Listening<'a> {
    listening: &'a str,
}

#[derive(Serialize)]
struct CheckedConfig {
    ok: bool,
}

#[derive(Serialize)]
struct FirstSignIn<'a> {
    user_name: &'a str,
    code: &'a str,
    link: &'a str,
    expires_at: String,
}

/// Runs the host.
///
/// # Errors
/// A sentence that says why it cannot start, or why it ended.
pub fn run(args: ServeArgs, global: &Global) -> Result<(), Failure> {
    let output = Output::new(global.json);
    let overrides = Overrides { listen: args.listen };
    let config =
        Config::load(&global.data, args.config.as_deref(), overrides).map_err(Failure::failed)?;
    if args.check_config {
        serve::tls(&config).map_err(Failure::failed)?;
        Issuers::load(&config.issuers).map_err(Failure::failed)?;
        Providers::load(&config.providers, "").map_err(Failure::failed)?;
        return if output.is_json() {
            output.document(&CheckedConfig { ok: true })
        } else {
            output.line("the configuration is good")
        };
    }
    log::start(&config.log, global.json).map_err(Failure::failed)?;
    data::prepare(&global.data).map_err(Failure::failed)?;
    let mut lock = Lock::acquire(&global.data).map_err(Failure::failed)?;
    let _ = net::raise_open_files_limit();
    let runtime = serve::runtime()
        .map_err(|error| Failure::failed(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(async {
        // Before the first start of anything: a signal that comes early must not be lost.
        let mut terminate = signal(SignalKind::terminate()).map_err(Failure::failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::failed)?;
        let accept = Accept { rollback: args.accept_rollback, clock: args.accept_clock };
        let host = Running::start(&global.data, &config, Clock::System, accept)
            .await
            .map_err(Failure::failed)?;
        lock.announce(&host.url);
        announce(&output, &host)?;
        tokio::select! {
            _ = terminate.recv() => info!("told to stop"),
            _ = interrupt.recv() => info!("interrupted"),
        }
        host.stop().await;
        Ok(())
    })
}

fn announce(output: &Output, host: &Running) -> Result<(), Failure> {
    if output.is_json() {
        output.document(&Listening { listening: &host.url })?;
    } else {
        output.line(&format!("listening on {}", host.url))?;
    }
    let Some(code) = &host.first_sign_in else { return Ok(()) };
    let link = code.link(&host.app.public_url);
    if output.is_json() {
        return output.document(&FirstSignIn {
            user_name: FIRST_ADMINISTRATOR,
            code: code.ticket.expose(),
            link: &link,
            expires_at: code.expires_at.to_string(),
        });
    }
    output.line(&format!(
        "first start: sign in as administrator `{FIRST_ADMINISTRATOR}` within 10 minutes, once:"
    ))?;
    output.line(&format!("  {link}"))
}
