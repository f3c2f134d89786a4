//! `cargo xtask docs`: writes `docs/bytecode.md` from the table of instructions.
//!
//! `cargo xtask lint` checks that the file is what this writes.

use std::process::ExitCode;

use serpens_bytecode::ops::OPS;

use crate::{Result, workspace};

/// The generated file, below the workspace's root.
pub const PATH: &str = "docs/bytecode.md";

/// Writes the file.
pub fn main(args: &mut lexopt::Parser) -> Result {
    if let Some(arg) = args.next()? {
        return Err(arg.unexpected().into());
    }
    std::fs::write(workspace::root().join(PATH), text())?;
    println!("{PATH}: {} instructions", OPS.len());
    Ok(ExitCode::SUCCESS)
}

/// What the file is to hold.
pub fn text() -> String {
    serpens_bytecode::doc::markdown()
}
