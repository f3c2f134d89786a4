//! `cargo xtask conformance`: runs CPython's own test files on Serpens, a process each under a time limit, and says what passes.
//!
//! Only the package `test` comes from CPython's suite; the rest of the library is Serpens' own. What each method did is compared with
//! `tests/conformance/expected.json`, and every change is reported.

mod expected;
mod groups;
mod runner;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use lexopt::ValueExt;

use crate::{Result, workspace};
use expected::Expected;
use runner::{Counts, Runner};

const USAGE: &str = "\
usage: cargo xtask conformance [NAME...] [OPTIONS]

NAME is a file of CPython's test suite (test_dict) or a group: core, interpreters, language, machine, library. The
default is core.
  --suite DIR       CPython 3.14's folder `test`; otherwise $SERPENS_CPYTHON_TESTS or the usual places
  --release         builds and runs the release command
  --runtime CMD     runs this command instead
  --update          writes what happened into tests/conformance/expected.json
  --seconds N       time limit for one file (300)
  --method-seconds N  time limit for one method (60)
  --verbose         prints each method that does not pass
";

/// Runs the files, prints a line for each, reports changes.
pub fn main(args: &mut lexopt::Parser) -> Result {
    let mut names = Vec::new();
    let mut suite = None;
    let mut runtime = None;
    let mut profile = "debug";
    let mut update = false;
    let mut verbose = false;
    let mut limit = 300;
    let mut method_limit = 60;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Value(name) => names.extend(groups::expand(&name.string()?)),
            lexopt::Arg::Long("suite") => suite = Some(PathBuf::from(args.value()?)),
            lexopt::Arg::Long("runtime") => runtime = Some(PathBuf::from(args.value()?)),
            lexopt::Arg::Long("release") => profile = "release",
            lexopt::Arg::Long("update") => update = true,
            lexopt::Arg::Long("verbose") => verbose = true,
            lexopt::Arg::Long("seconds") => limit = args.value()?.parse()?,
            lexopt::Arg::Long("method-seconds") => method_limit = args.value()?.parse()?,
            lexopt::Arg::Short('h') | lexopt::Arg::Long("help") => {
                print!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
    if names.is_empty() {
        names = groups::expand("core");
    }
    let suite = suite.or_else(find_suite).ok_or("CPython's test suite is not found: name it with --suite")?;
    let runtime = match runtime {
        Some(command) => command,
        None => build(profile)?,
    };
    let mut runner = Runner::new(runtime, &suite)?;
    runner.limit = Duration::from_secs(limit);
    runner.method_limit = Duration::from_secs(method_limit);
    let mut expected = Expected::read()?;
    println!("{}", Counts::HEADER);
    let mut total = Counts::default();
    let mut changes = Vec::new();
    for name in &names {
        let outcome = runner.run(name)?;
        println!("{}", outcome.counts.line(name));
        if verbose {
            for (method, what) in outcome.methods.iter().filter(|(_, what)| !what.is_good()) {
                println!("    {:<10} {method}", what.word());
            }
        }
        total.add(&outcome.counts);
        changes.extend(expected.compare(name, &outcome));
        expected.set(name, outcome);
    }
    println!("{}", total.line("total"));
    for change in &changes {
        println!("{change}");
    }
    println!("logs: {}", runner.folder.display());
    if update {
        expected.write()?;
    } else if !changes.is_empty() {
        println!("{} changes; --update writes them down", changes.len());
    }
    Ok(workspace::exit_code(update || changes.is_empty()))
}

fn build(profile: &str) -> Result<PathBuf> {
    let mut command = workspace::cargo();
    command.args(["build", "--quiet", "--package", "serpens-cli"]);
    if profile == "release" {
        command.arg("--release");
    }
    if !workspace::succeeds(&mut command)? {
        return Err("the build fails".into());
    }
    Ok(workspace::serpens(profile))
}

/// The suite: `$SERPENS_CPYTHON_TESTS`, that of the `python3.14` command, where distributions and version managers put it,
/// or any installation below the home folder.
fn find_suite() -> Option<PathBuf> {
    let named = std::env::var_os("SERPENS_CPYTHON_TESTS").map(PathBuf::from);
    let usual = ["/usr", "/usr/local", "/opt/python3.14", "/opt/homebrew"].map(|prefix| suite_in(Path::new(prefix)));
    let found = named.into_iter().chain(suite_of_command()).chain(usual).find(|folder| is_suite(folder));
    found.or_else(|| below(&PathBuf::from(std::env::var_os("HOME")?), 5))
}

fn suite_in(prefix: &Path) -> PathBuf {
    prefix.join("lib/python3.14/test")
}

fn is_suite(folder: &Path) -> bool {
    folder.join("test_dict.py").is_file()
}

/// The suite of the `python3.14` on the path.
fn suite_of_command() -> Option<PathBuf> {
    let script = "import sysconfig; print(sysconfig.get_path('stdlib'))";
    let output = Command::new("python3.14").args(["-c", script]).output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    Some(Path::new(folder.trim()).join("test"))
}

/// The first installation whose prefix lies at most `depth` folders below `folder`, nearer ones first.
fn below(folder: &Path, depth: usize) -> Option<PathBuf> {
    let mut level = vec![folder.to_path_buf()];
    for _ in 0..=depth {
        if let Some(prefix) = level.iter().find(|prefix| is_suite(&suite_in(prefix))) {
            return Some(suite_in(prefix));
        }
        let inside = level.iter().filter_map(|f| std::fs::read_dir(f).ok()).flatten().filter_map(|entry| entry.ok());
        level = inside.filter(|e| e.file_type().is_ok_and(|t| t.is_dir())).map(|e| e.path()).take(20_000).collect();
        level.sort();
    }
    None
}
