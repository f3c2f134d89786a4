//! `serpens-dynamic`: the `serpens` command linked against the shared library, so that it can import native modules from
//! dynamic libraries.

use std::process::ExitCode;

#[cfg(shared)]
fn main() -> ExitCode {
    serpens_dylib::cli::main()
}

#[cfg(not(shared))]
fn main() -> ExitCode {
    eprintln!("serpens-dynamic was built without its shared library: use `cargo xtask build --dynamic`");
    ExitCode::from(2)
}
