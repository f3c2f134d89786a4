//! The `serpens` command, as a library for programs that link the runtime in another way (`serpens-dylib`).
//!
//! Rooms: [`options`] the command line and the environment; [`start`] what runs: script, `-c`, `-m`, standard input;
//! [`repl`] the interactive prompt; [`lines`] where its lines come from.

mod lines;
mod options;
mod repl;
mod start;

use std::process::ExitCode;

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
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
