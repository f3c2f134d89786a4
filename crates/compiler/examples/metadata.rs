//! Prints what identifies each code object of the given files: names, flags, parameters, variables, first lines.
//!
//! `cargo run -p serpens-compiler --example metadata -- FILE...`

use serpens_bytecode::{Code, Const};
use serpens_compiler::{Mode, Options, compile};

fn show(code: &Code, out: &mut Vec<String>) {
    let names = |names: Vec<&str>| names.join(",");
    let visible_flags = code.flags.bits() & 0x0FFF_FFFF;
    let mut cells = names(code.cellvars.iter().map(|c| &*c.name).collect());
    if cells.is_empty() {
        cells = "-".to_string();
    }
    out.push(format!(
        "{} line={} flags={visible_flags:x} args={}/{}/{} cells={cells} free={}",
        code.qualname,
        code.first_line,
        code.n_args,
        code.n_posonly,
        code.n_kwonly,
        names(code.freevars.iter().map(|n| &**n).collect()),
    ));
    for c in &code.consts {
        if let Const::Code(inner) = c {
            show(inner, out);
        }
    }
}

fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let mut out = Vec::new();
        match compile(&text, &path, Mode::Exec, Options::default()) {
            Ok(code) => show(&code, &mut out),
            Err(e) => out.push(format!("error {e}")),
        }
        out.sort();
        println!("== {path}");
        out.iter().for_each(|line| println!("{line}"));
    }
}
