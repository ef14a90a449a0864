//! Knows how the export lies in a folder, so that nginx or Caddy can serve it without a program.
//!
//! ```text
//! odata/index.json              service document
//! odata/$metadata               description in XML
//! odata/Accounts.json           all accounts
//! odata/Opportunities.json      first page; its link leads to …
//! odata/Opportunities-2.json    … the second, and so on
//! csv/opportunities.csv         every opportunity
//! ```
//!
//! The server must look for `NAME.json` when a client asks for `NAME`.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use super::entity_set::{ENTITY_SETS, EntitySet, PAGE_ROWS};
use super::query::Query;
use super::{csv, metadata, page};

/// Writes the whole export below `folder`. `public_url` is the address at which clients will see
/// it, such as `https://exports.example.com`; the links in the files start with it.
///
/// # Errors
///
/// Whatever the file system says.
pub fn write(folder: &Path, public_url: &str) -> io::Result<()> {
    let odata = folder.join("odata");
    std::fs::create_dir_all(&odata)?;
    std::fs::create_dir_all(folder.join("csv"))?;
    let base = format!("{}/odata/", public_url.trim_end_matches('/'));
    std::fs::write(odata.join("index.json"), metadata::service_document(&base))?;
    std::fs::write(odata.join("$metadata"), metadata::metadata())?;
    for set in ENTITY_SETS {
        for number in 0..n_pages(set) {
            let file = format!("{}.json", page_name(set, number));
            std::fs::write(odata.join(file), static_page(set, number, &base))?;
        }
    }
    let mut file = BufWriter::new(File::create(folder.join("csv/opportunities.csv"))?);
    for piece in csv::pieces() {
        file.write_all(piece.as_bytes())?;
    }
    file.flush()
}

fn n_pages(set: &EntitySet) -> u64 {
    set.n_rows.div_ceil(PAGE_ROWS)
}

/// Name of a page as clients ask for it: `Opportunities`, `Opportunities-2`, …
fn page_name(set: &EntitySet, number: u64) -> String {
    if number == 0 { set.name.to_owned() } else { format!("{}-{}", set.name, number + 1) }
}

/// A page whose link is a path: a folder cannot answer differently after a question mark.
fn static_page(set: &EntitySet, number: u64, base: &str) -> String {
    let query =
        Query { first: number * PAGE_ROWS, top: Some(PAGE_ROWS), count: true, ..Query::default() };
    let json = page::page(set, &query, base, set.name);
    if number + 1 == n_pages(set) {
        return json;
    }
    let link = serde_json::Value::from(format!("{base}{}", page_name(set, number + 1)));
    let rest = json.strip_suffix('}').unwrap_or(&json);
    format!("{rest},\"@odata.nextLink\":{link}}}")
}
