//! The `serpens` command.
fn main() {}
