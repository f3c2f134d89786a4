//! Decides whether the command of this package is linked against the shared library.
//!
//! A shared library must not hold a copy of Rust's standard library of its own, or nothing can be linked against it: it has to be
//! compiled with `-C prefer-dynamic`. Cargo cannot say that of one crate, so `cargo xtask build --dynamic` does, and sets a
//! variable. Built any other way, the library is there but nothing uses it.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SERPENS_SHARED");
    println!("cargo::rustc-check-cfg=cfg(shared)");
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if std::env::var_os("SERPENS_SHARED").is_none() && !flags.contains("prefer-dynamic") {
        return;
    }
    println!("cargo::rustc-cfg=shared");
    // The library lies beside the command; the standard library beside it or where the compiler has it.
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder =
        Command::new(rustc).args(["--print", "target-libdir"]).output().map(|out| out.stdout).unwrap_or_default();
    let folder = String::from_utf8_lossy(&folder);
    println!("cargo::rustc-link-arg-bins=-Wl,-rpath,$ORIGIN:{}", folder.trim());
}
