//! `cargo xtask test`: every test of the workspace.
//!
//! Its last line is `N passed, N failed`, over all test programs together; a test program that dies without a summary counts as
//! one failure.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use lexopt::ValueExt;

use crate::{Result, workspace};

/// Tests that ended well and badly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Total {
    passed: u64,
    failed: u64,
}

/// Builds everything, runs every test, prints the total.
pub fn main(args: &mut lexopt::Parser) -> Result {
    let mut filter = None;
    let mut environment = Vec::new();
    let mut only_programs = false;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Value(value) if filter.is_none() => filter = Some(value.string()?),
            lexopt::Arg::Long("update-known-failures") => {
                environment.push(("SERPENS_UPDATE_KNOWN_FAILURES", "shrink".into()))
            }
            lexopt::Arg::Long("grow-known-failures") => {
                environment.push(("SERPENS_UPDATE_KNOWN_FAILURES", "grow".into()))
            }
            lexopt::Arg::Long("check-peer") => environment.push(("SERPENS_CHECK_PEER", args.value()?.string()?)),
            lexopt::Arg::Long("bless-peer") => environment.push(("SERPENS_BLESS_PEER", args.value()?.string()?)),
            _ => return Err(arg.unexpected().into()),
        }
        only_programs = !environment.is_empty();
    }
    let build: &[&str] =
        if only_programs { &["build", "-p", "serpens-cli"] } else { &["build", "--workspace", "--all-targets"] };
    if !workspace::succeeds(workspace::cargo().args(build))? {
        println!("0 passed, 1 failed");
        return Ok(workspace::exit_code(false));
    }
    let mut command = workspace::cargo();
    let what: &[&str] = if only_programs { &["-p", "serpens-tests", "--test", "e2e"] } else { &["--workspace"] };
    command.arg("test").args(what).arg("--no-fail-fast").envs(environment);
    if let Some(filter) = filter {
        command.args(["--", &filter]);
    }
    let (mut total, good) = run(&mut command)?;
    if !good && total.failed == 0 {
        total.failed = 1;
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    Ok(workspace::exit_code(good && total.failed == 0))
}

/// Runs `cargo test`, passes its output on and adds its summaries up.
fn run(command: &mut Command) -> Result<(Total, bool)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut total = Total::default();
    let mut out = std::io::stdout().lock();
    if let Some(pipe) = child.stdout.take() {
        for line in BufReader::new(pipe).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            if let Some(summary) = summary(&line) {
                total.passed += summary.passed;
                total.failed += summary.failed;
            }
            writeln!(out, "{line}")?;
        }
    }
    Ok((total, child.wait()?.success()))
}

/// Reads `test result: ok. 3 passed; 0 failed; ...`.
fn summary(line: &str) -> Option<Total> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut total = Total::default();
    for count in counts.split(';') {
        match count.trim().split_once(' ') {
            Some((number, "passed")) => total.passed = number.parse().ok()?,
            Some((number, "failed")) => total.failed = number.parse().ok()?,
            _ => {}
        }
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_summaries() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(summary(line), Some(Total { passed: 12, failed: 3 }));
        assert_eq!(summary("test a ... ok"), None);
    }
}
