//! `cargo xtask lint`: what the compiler does not check.
//!
//! Each check gives the complaints it has; all of them run before the task fails.

mod architecture;
mod layers;
mod sources;
mod statics;

use std::path::{Path, PathBuf};

use crate::{Result, docs, workspace};

/// What is wrong, one sentence each, with the place in front.
type Complaints = Vec<String>;

/// Runs every check and prints what each found.
pub fn main(args: &mut lexopt::Parser) -> Result {
    let mut fast = false;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("fast") => fast = true,
            _ => return Err(arg.unexpected().into()),
        }
    }
    let mut failures = 0;
    let mut report = |name: &str, complaints: Complaints| {
        for complaint in &complaints {
            println!("{complaint}");
        }
        println!("{name:<14} {}", if complaints.is_empty() { "ok" } else { "FAILED" });
        failures += usize::from(!complaints.is_empty());
    };
    let files = rust_files()?;
    report("layers", layers::check()?);
    report("statics", statics::check(&files)?);
    report("sources", sources::check(&files)?);
    report("architecture", architecture::check()?);
    report("docs", docs_are_fresh());
    report("rustfmt", command(&["fmt", "--all", "--check"])?);
    if !fast {
        let clippy = "clippy --quiet --workspace --all-targets -- -D warnings";
        report("clippy", command(&clippy.split(' ').collect::<Vec<_>>())?);
    }
    Ok(workspace::exit_code(failures == 0))
}

/// Complains when the generated documentation is not what the table gives.
fn docs_are_fresh() -> Complaints {
    let path = workspace::root().join(docs::PATH);
    match std::fs::read_to_string(path) {
        Ok(text) if text == docs::text() => Vec::new(),
        _ => vec![format!("{} is stale: run `cargo xtask docs`", docs::PATH)],
    }
}

fn command(args: &[&str]) -> Result<Complaints> {
    let good = workspace::succeeds(workspace::cargo().args(args))?;
    Ok(if good { Vec::new() } else { vec![format!("cargo {} fails", args.join(" "))] })
}

/// A Rust source file of the workspace.
struct Source {
    /// Its path below the workspace's root, with `/`.
    path: String,
    text: String,
}

/// Every Rust file that belongs to the project.
fn rust_files() -> Result<Vec<Source>> {
    let mut paths = Vec::new();
    for part in ["crates", "xtask", "tests", "fuzz"] {
        walk(&workspace::root().join(part), &mut paths)?;
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        let path = path.strip_prefix(workspace::root())?.display().to_string();
        files.push(Source { path, text });
    }
    Ok(files)
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") {
            walk(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}
