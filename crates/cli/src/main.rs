//! The `serpens` command: `python3`'s command line over a Serpens runtime. What it does lies in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    serpens_cli::main()
}
