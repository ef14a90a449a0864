//! Writes the table of the page's files, each in three encodings, for `src/http/page/files.rs`.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// Enough of a digest to tell two builds of a file apart.
const ETAG_BYTES: usize = 12;

/// Copies the files in `dist` to `out`, and makes of them `page_files.rs`, a Rust expression. A copy,
/// since another build of the page can take the place of this one before the compiler has read it.
pub fn embed(dist: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let kept = out.join("page");
    match fs::remove_dir_all(&kept) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir(&kept)?,
    }
    let mut rows = String::from("&[\n");
    row(&mut rows, &dist.join("index.html"), &kept, "/")?;
    let mut names = fs::read_dir(dist.join("assets"))?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<Vec<_>, _>>()?;
    names.sort();
    for name in names {
        let name = name.to_str().ok_or("a file's name is not UTF-8")?;
        if !name.ends_with(".br") && !name.ends_with(".gz") {
            row(&mut rows, &dist.join("assets").join(name), &kept, &format!("/assets/{name}"))?;
        }
    }
    rows.push_str("]\n");
    fs::write(out.join("page_files.rs"), rows)?;
    Ok(())
}

fn row(rows: &mut String, file: &Path, kept: &Path, path: &str) -> Result<(), Box<dyn Error>> {
    let copy = |ending: &str| -> Result<String, Box<dyn Error>> {
        let mut name = file.file_name().ok_or("a file without a name")?.to_owned();
        name.push(ending);
        let to = kept.join(&name);
        fs::copy(file.with_file_name(&name), &to)?;
        Ok(to.to_str().ok_or("the workspace's path is not UTF-8")?.to_owned())
    };
    let (name, brotli, gzip) = (copy("")?, copy(".br")?, copy(".gz")?);
    let digest = Sha256::digest(fs::read(&name)?);
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
         include_bytes!({name:?}), brotli: include_bytes!({brotli:?}), gzip: include_bytes!({gzip:?}) }},",
    )?;
    Ok(())
}
