//! `cargo xtask fuzz`: drives `cargo fuzz` on the nightly toolchain, and compares random programs with a peer.

mod differential;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use lexopt::ValueExt;

use crate::{Result, bench, workspace};

const USAGE: &str = "\
usage: cargo xtask fuzz [TARGET] [OPTIONS]

TARGET is a file of fuzz/fuzz_targets, or `differential`: random programs on Serpens and on CPython 3.14. Without one,
every target of fuzz/fuzz_targets in turn.
  --seconds N       how long (60)
  --seed N          differential: the first seed (0)
  --peer COMMAND    differential: what to compare with
  --serpens COMMAND differential: the command under test, instead of a fresh build
";

/// Fuzzes one target, or each in turn, for a number of seconds.
pub fn main(args: &mut lexopt::Parser) -> Result {
    let mut target = None;
    let mut seconds = 60_u64;
    let mut seed = 0;
    let mut peer = None;
    let mut serpens = None;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Value(value) if target.is_none() => target = Some(value.string()?),
            lexopt::Arg::Long("seconds") => seconds = args.value()?.parse()?,
            lexopt::Arg::Long("seed") => seed = args.value()?.parse()?,
            lexopt::Arg::Long("peer") => peer = Some(args.value()?.string()?),
            lexopt::Arg::Long("serpens") => serpens = Some(PathBuf::from(args.value()?)),
            lexopt::Arg::Short('h') | lexopt::Arg::Long("help") => {
                print!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
    if target.as_deref() == Some("differential") {
        let peer = peer.or_else(bench::find_cpython).ok_or("CPython 3.14 is not found: name it with --peer")?;
        let serpens = match serpens {
            Some(command) => command,
            None => build()?,
        };
        let plan = differential::Plan { serpens, peer, seed, span: Duration::from_secs(seconds) };
        return Ok(workspace::exit_code(differential::run(&plan)? == 0));
    }
    let targets = match target {
        Some(target) => vec![target],
        None => targets()?,
    };
    for target in &targets {
        println!("fuzzing {target} for {seconds} s");
        let limit = format!("-max_total_time={seconds}");
        let mut command = Command::new("cargo");
        // An image stays for the life of the process, in memory that the leak detector does not read.
        command.args(["+nightly", "fuzz", "run", target, "--", &limit, "-detect_leaks=0"]);
        command.current_dir(workspace::root().join("fuzz"));
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

fn build() -> Result<PathBuf> {
    if !workspace::succeeds(workspace::cargo().args(["build", "--quiet", "--package", "serpens-cli"]))? {
        return Err("the build fails".into());
    }
    Ok(workspace::serpens("debug"))
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
