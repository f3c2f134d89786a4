//! Compiles Python files (or a program given with `-c`) and shows the instructions.
//!
//! `cargo run -p serpens-compiler --example disassemble -- -c 'x = 1 + y'`

use serpens_bytecode::disasm::disassemble_all;
use serpens_compiler::{Mode, Options, compile};

fn main() {
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let (name, text) = match arg.as_str() {
            "-c" => ("<string>".to_string(), args.next().unwrap_or_default()),
            path => (path.to_string(), std::fs::read_to_string(path).unwrap_or_default()),
        };
        match compile(&text, &name, Mode::Exec, Options::default()) {
            Ok(code) => println!("{}", disassemble_all(&code)),
            Err(e) => println!("{:?}: {e} at {}:{}-{}:{}", e.kind, e.line, e.col, e.end_line, e.end_col),
        }
    }
}
