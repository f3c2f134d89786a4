//! `docs/bytecode.md`, generated from the table of instructions.

use crate::ops::{OPS, Operand};
use std::fmt::Write;

/// What an operand is called in the document.
fn operand(o: Operand) -> &'static str {
    match o {
        Operand::None => "",
        Operand::Dst => "dst",
        Operand::Src => "src",
        Operand::Ref => "ref",
        Operand::Mod => "mod",
        Operand::Win => "window",
        Operand::Count => "count",
        Operand::Const => "const",
        Operand::Name => "name",
        Operand::Site => "site",
        Operand::Free => "free",
        Operand::Imm => "imm",
        Operand::Off => "distance",
        Operand::Target => "target",
        Operand::Sel => "selector",
    }
}

/// The whole document.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Instructions\n\n\
         Generated from the table in `crates/bytecode/src/ops.rs`; a test checks that it is current \
         (`cargo xtask docs` writes it).\n\n\
         An instruction is a 64-bit word: operation, `x` (8 bits), `a`, `b`, `c` (16 bits each); a jump target takes `b` and \
         `c` together.\n\n\
         Operands: `dst` is written; `src` is read, and taken when it is a temporary; `ref` is looked at; `mod` is read and \
         written; `window` is the first of a run of temporaries, all of which are taken; `count` says how many.\n\n\
         | operation | x | a | b | c | |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for info in OPS {
        let [x, a, b, c] = info.operands.map(operand);
        let doc = info.doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        let _ = writeln!(out, "| {} | {x} | {a} | {b} | {c} | {doc} |", info.name);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/bytecode.md");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == super::markdown(), "docs/bytecode.md is out of date: see crates/bytecode/src/doc.rs");
    }
}
