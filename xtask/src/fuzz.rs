//! `cargo xtask fuzz`: drives `cargo fuzz` on the nightly toolchain.

use std::process::Command;

use lexopt::ValueExt;

use crate::{Result, workspace};

/// Fuzzes one target, or each in turn, for a number of seconds.
pub fn main(args: &mut lexopt::Parser) -> Result {
    let mut target = None;
    let mut seconds = 60_u64;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Value(value) if target.is_none() => target = Some(value.string()?),
            lexopt::Arg::Long("seconds") => seconds = args.value()?.parse()?,
            _ => return Err(arg.unexpected().into()),
        }
    }
    let targets = match target {
        Some(target) => vec![target],
        None => targets()?,
    };
    for target in &targets {
        println!("fuzzing {target} for {seconds} s");
        let limit = format!("-max_total_time={seconds}");
        let mut command = Command::new("cargo");
        command
            .args(["+nightly", "fuzz", "run", target, "--", &limit])
            .current_dir(workspace::root().join("fuzz"));
        // The toolchain that runs this task must not choose for the command it starts.
        command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
        if !workspace::succeeds(&mut command)? {
            println!(
                "{target} failed; `cargo fuzz` comes with `cargo install cargo-fuzz` and needs a nightly toolchain"
            );
            return Ok(workspace::exit_code(false));
        }
    }
    Ok(workspace::exit_code(true))
}

/// The names of the files in `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>> {
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(workspace::root().join("fuzz/fuzz_targets"))? {
        if let Some(name) = entry?.path().file_stem() {
            targets.push(name.to_string_lossy().into_owned());
        }
    }
    targets.sort();
    Ok(targets)
}
