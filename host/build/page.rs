//! Writes the table of the page's files, each in three encodings, for `src/http/page/files.rs`.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// Enough of a digest to tell two builds of a file apart.
const ETAG_BYTES: usize = 12;

/// Makes `table`, a Rust expression, from the files in `dist`.
pub fn embed(dist: &Path, table: &Path) -> Result<(), Box<dyn Error>> {
    let mut rows = String::from("&[\n");
    row(&mut rows, &dist.join("index.html"), "/")?;
    let mut names = fs::read_dir(dist.join("assets"))?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<Vec<_>, _>>()?;
    names.sort();
    for name in names {
        let name = name.to_str().ok_or("a file's name is not UTF-8")?;
        if !name.ends_with(".br") && !name.ends_with(".gz") {
            row(&mut rows, &dist.join("assets").join(name), &format!("/assets/{name}"))?;
        }
    }
    rows.push_str("]\n");
    fs::write(table, rows)?;
    Ok(())
}

fn row(rows: &mut String, file: &Path, path: &str) -> Result<(), Box<dyn Error>> {
    let name = file.to_str().ok_or("the workspace's path is not UTF-8")?;
    let digest = Sha256::digest(fs::read(file)?);
    let etag = hex::encode(digest.get(..ETAG_BYTES).ok_or("a digest is longer")?);
    let media_type = match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        other => return Err(format!("no media type is known for `{name}` ({other:?})").into()),
    };
    writeln!(
        rows,
        "    File {{ path: {path:?}, media_type: {media_type:?}, etag: {etag:?}, plain: \
         include_bytes!({name:?}), brotli: include_bytes!({:?}), gzip: include_bytes!({:?}) }},",
        format!("{name}.br"),
        format!("{name}.gz"),
    )?;
    Ok(())
}
