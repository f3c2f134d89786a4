//! Parses the command line of `cargo xtask` and dispatches to one file per command.
fn main() {}
