//! What the program is made of: where other people's crates come from and under which licences, a
//! bill of materials, equal bytes from equal sources, and rules that the sources keep.

use crate::{machine, paths::Paths};

mod bill;
mod copy;
mod crates;
mod same_bytes;
mod sources;
mod tool;

pub use tool::Tool;

/// Looks at everything; what is found ends it.
///
/// # Errors
///
/// When a tool cannot be installed, or something is not as it should be.
pub fn test(paths: &Paths) -> anyhow::Result<()> {
    machine::semgrep(paths)?;
    sources::test(paths)?;
    crates::test(paths)?;
    let copy = copy::make(paths)?;
    bill::write(paths, &copy)?;
    same_bytes::test(paths, &copy)
}
