//! `cargo xtask docs`: writes `docs/bytecode.md` from the table of instructions.
//!
//! `cargo xtask lint` checks that the file is what this writes.

use std::fmt::Write as _;
use std::process::ExitCode;

use serpens_bytecode::ops::{OPS, OpInfo, Operand};

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
    let mut text = String::from(
        "# Bytecode\n\n\
         Written by `cargo xtask docs` from the table in `crates/bytecode/src/ops.rs`; changes belong there.\n\n\
         An instruction is a word of 64 bits: the operation and `x` in 8 bits each, `a`, `b` and `c` in 16 bits each. `r` are the registers of the \
         frame. What an operand means is said behind its name: `dst` is written; `src` is read, and taken when it is a temporary; `ref` is only \
         looked at; `mod` is read and written; `win` begins a run of registers.\n\n\
         | operation | operands | what it does |\n| --- | --- | --- |\n",
    );
    for info in OPS {
        let what = info.doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        // Writing to a string does not fail.
        let _ = writeln!(text, "| `{}` | {} | {what} |", info.name, operands(info));
    }
    text
}

fn operands(info: &OpInfo) -> String {
    let fields = ["x", "a", "b", "c"].into_iter().zip(info.operands);
    let used = fields.filter(|(_, operand)| *operand != Operand::None);
    used.map(|(field, operand)| format!("{field} {}", format!("{operand:?}").to_lowercase()))
        .collect::<Vec<_>>()
        .join(", ")
}
