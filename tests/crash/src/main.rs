//! x
mod history;
mod judge;
fn main() {}
