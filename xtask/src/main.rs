//! Parses the command line of `cargo xtask` and dispatches to one file per command.

mod bench;
mod build;
mod conformance;
mod docs;
mod fuzz;
mod lint;
mod test;
mod workspace;

use std::error::Error;
use std::process::ExitCode;

/// What every command gives: an exit code, or an error to print.
type Result<T = ExitCode> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  build [--release]        builds the serpens command
        [--dynamic]        and serpens-dynamic, which imports native modules from dynamic libraries
  test [FILTER]            builds and runs every test of the workspace
       [--update-known-failures | --grow-known-failures]
       [--check-peer PYTHON | --bless-peer PYTHON]
  lint [--fast]            rustfmt, clippy, layers, statics, file headers, docs/architecture.md
  bench [SUITE...]         measures Serpens beside its peers; --help says more
  conformance [NAME...]    runs CPython's own test files on Serpens; --help says more
  docs                     writes docs/bytecode.md from the table of instructions
  fuzz [TARGET]            fuzzes one target, or each in turn
       [--seconds N]
";

fn main() -> ExitCode {
    let wraps = std::env::var_os(build::WRAPPER).is_some();
    let done = if wraps { build::wrap() } else { dispatch(&mut lexopt::Parser::from_env()) };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(args: &mut lexopt::Parser) -> Result {
    let Some(lexopt::Arg::Value(command)) = args.next()? else {
        eprint!("{USAGE}");
        return Ok(ExitCode::from(2));
    };
    match command.to_str() {
        Some("build") => build::main(args),
        Some("test") => test::main(args),
        Some("lint") => lint::main(args),
        Some("bench") => bench::main(args),
        Some("conformance") => conformance::main(args),
        Some("docs") => docs::main(args),
        Some("fuzz") => fuzz::main(args),
        _ => {
            eprint!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}
