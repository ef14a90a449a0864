//! Serves the sample export of Salesforce records, by itself or behind Exportgate's `authorize`.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use exportgate_tests::sample_export::{folder, gate::Gate, router};
use tokio::net::TcpListener;

/// A small export to try Exportgate with: an OData v4 feed under /odata/ and a CSV at
/// /csv/opportunities.csv.
#[derive(Parser)]
#[command(name = "sample-export")]
struct Arguments {
    /// Address to listen on; port 0 takes any free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    listen: SocketAddr,

    /// Ask this Exportgate before every request; its key is taken from EXPORTGATE_SERVICE_KEY
    #[arg(long, value_name = "URL")]
    authorize: Option<String>,

    /// Write the export as files into this folder instead of serving it
    #[arg(long, value_name = "DIR", requires = "public_url", conflicts_with = "authorize")]
    write: Option<PathBuf>,

    /// Address at which clients will see the files
    #[arg(long, value_name = "URL", requires = "write")]
    public_url: Option<String>,
}

/// The key comes from the environment: arguments are seen by everybody on the machine.
const KEY_VARIABLE: &str = "EXPORTGATE_SERVICE_KEY";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if let (Some(folder), Some(url)) = (&arguments.write, &arguments.public_url) {
        return Ok(folder::write(folder, url)?);
    }
    let app = match &arguments.authorize {
        None => router(),
        Some(url) => {
            let key = std::env::var(KEY_VARIABLE)
                .map_err(|_| format!("--authorize needs the service key in {KEY_VARIABLE}"))?;
            Gate::new(url, &key)?.protect(router())
        }
    };
    let listener = TcpListener::bind(arguments.listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Good enough for a sample on loopback: axum's own loop keeps slow clients for ever.
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
