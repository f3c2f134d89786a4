//! Prints the source ranges of calls, operators, attributes and names of the given files, for comparison with a peer.
//!
//! `cargo run -p serpens-compiler --example positions -- FILE...`

use serpens_bytecode::{Code, Const, Op};
use serpens_compiler::{Mode, Options, compile};
use std::collections::BTreeSet;

fn kind(op: Op) -> Option<&'static str> {
    Some(match op {
        Op::Call | Op::CallMethod | Op::CallKw | Op::CallEx => "call",
        Op::LoadAttr | Op::LoadMethod | Op::LoadSuperAttr => "attr",
        Op::StoreAttr => "setattr",
        Op::SetItem | Op::SetSlice => "setitem",
        Op::LoadGlobal => "global",
        Op::Raise => "raise",
        Op::GetIter => "iter",
        Op::ImportName | Op::ImportFrom => "import",
        _ if op >= Op::Add && op <= Op::ShrI => "binary",
        Op::GetItem | Op::GetItemI | Op::GetSlice => "binary",
        _ => return None,
    })
}

fn show(code: &Code) {
    let mut set = BTreeSet::new();
    for (pc, i) in code.instrs.iter().enumerate() {
        if let Some(kind) = kind(i.op) {
            let l = code.locations.get(pc as u32);
            set.insert(format!("{kind} {}:{}-{}:{}", l.line, l.col, l.end_line, l.end_col));
        }
    }
    for line in set {
        println!("{} {} {line}", code.qualname, code.first_line);
    }
    for c in &code.consts {
        if let Const::Code(inner) = c {
            show(inner);
        }
    }
}

fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        println!("== {path}");
        if let Ok(code) = compile(&text, &path, Mode::Exec, Options::default()) {
            show(&code);
        }
    }
}
