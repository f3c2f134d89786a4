//! The `serpens` command: `python3`'s command line over a Serpens runtime.
//!
//! Rooms: [`options`] the command line and the environment; [`start`] what runs: script, `-c`, `-m`, standard input;
//! [`repl`] the interactive prompt; [`lines`] where its lines come from.

mod lines;
mod options;
mod repl;
mod start;

use std::process::ExitCode;

fn main() -> ExitCode {
    match options::parse(std::env::args_os()) {
        options::Command::Run(options) => ExitCode::from(start::run(*options)),
        options::Command::Print(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        options::Command::Refuse(text) => {
            eprint!("{text}");
            ExitCode::from(2)
        }
    }
}
