//! Compiles each program of a file (separated by lines of `%%`) and prints the error it gets, if any.
//!
//! `cargo run -p serpens-compiler --example errors -- FILE`

use serpens_compiler::{Mode, Options, compile};

fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    for program in text.split("%%\n") {
        let program = program.strip_suffix('\n').unwrap_or(program);
        println!("{program:?}");
        match compile(program, "<test>", Mode::Exec, Options::default()) {
            Ok(_) => println!("  compiles"),
            Err(e) => {
                let signed = |n: u32| i64::from(n as i32);
                println!("  {:?} | {} | {} {} {} {}", e.kind, e.message, e.line, e.col, e.end_line, signed(e.end_col));
            }
        }
    }
}
