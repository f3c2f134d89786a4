//! `cargo xtask bench`: suites of measurements, with peers beside Serpens in the same run.
//!
//! The runtimes take turns within every round, so that what the machine does meanwhile falls on all of them alike. Medians and
//! their ratios are reported; no time is ever asserted.

mod article;
mod isolates;
mod language;
mod measure;
mod report;
mod server;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::ValueExt;

use crate::{Result, workspace};
use measure::Contestant;
pub use measure::find_cpython;

const USAGE: &str = "\
usage: cargo xtask bench [SUITE...] [OPTIONS]

suites: article isolates language (all of them when none is named)
  --peer NAME=COMMAND   another runtime to run beside Serpens; CPython 3.14 is looked for when none is given
  --no-peer             Serpens alone
  --serpens COMMAND     the command to measure instead of a fresh release build
  --only TEXT           only programs whose names contain TEXT
  --rounds N            how often everything is measured
  --quick               fewer rounds and smaller numbers
  --out DIR             where report.html and report.json go (target/bench)
";

/// What to measure, and how.
pub struct Plan {
    contestants: Vec<Contestant>,
    suites: Vec<String>,
    only: String,
    rounds: usize,
    quick: bool,
    out: PathBuf,
}

/// Measures, prints the tables, writes the reports.
pub fn main(args: &mut lexopt::Parser) -> Result {
    let Some(plan) = plan(args)? else {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    let mut tables = Vec::new();
    for suite in &plan.suites {
        let table = match suite.as_str() {
            "article" => article::measure(&plan)?,
            "isolates" => isolates::measure(&plan)?,
            _ => language::measure(&plan)?,
        };
        println!("{}", table.text());
        tables.push(table);
        // Written after every suite, so that a run that is cut short leaves what it has.
        report::write(&plan.out, &tables)?;
    }
    println!("{}", plan.out.join("report.html").display());
    Ok(ExitCode::SUCCESS)
}

fn plan(args: &mut lexopt::Parser) -> Result<Option<Plan>> {
    let mut suites = Vec::new();
    let mut peers = Vec::new();
    let mut lonely = false;
    let mut serpens = None;
    let mut only = String::new();
    let mut rounds = None;
    let mut quick = false;
    let mut out = workspace::target().join("bench");
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Value(suite) => suites.push(suite.string()?),
            lexopt::Arg::Long("peer") => {
                let text = args.value()?.string()?;
                let (name, command) = text.split_once('=').ok_or("--peer takes NAME=COMMAND")?;
                peers.push(Contestant::peer(name, command));
            }
            lexopt::Arg::Long("no-peer") => lonely = true,
            lexopt::Arg::Long("serpens") => serpens = Some(args.value()?.string()?),
            lexopt::Arg::Long("only") => only = args.value()?.string()?,
            lexopt::Arg::Long("rounds") => rounds = Some(args.value()?.parse()?),
            lexopt::Arg::Long("quick") => quick = true,
            lexopt::Arg::Long("out") => out = PathBuf::from(args.value()?),
            lexopt::Arg::Short('h') | lexopt::Arg::Long("help") => return Ok(None),
            _ => return Err(arg.unexpected().into()),
        }
    }
    const SUITES: [&str; 3] = ["article", "isolates", "language"];
    if let Some(unknown) = suites.iter().find(|suite| !SUITES.contains(&suite.as_str())) {
        return Err(format!("no suite is named {unknown:?}; there are {}", SUITES.join(", ")).into());
    }
    if suites.is_empty() {
        suites = SUITES.map(String::from).to_vec();
    }
    let serpens = match serpens {
        Some(command) => command,
        None => build()?,
    };
    let mut contestants = vec![Contestant::serpens(&serpens)];
    if peers.is_empty() && !lonely {
        match measure::find_cpython() {
            Some(command) => peers.push(Contestant::peer("CPython 3.14", &command)),
            None => eprintln!("no python3.14 on PATH, and SERPENS_PEER_CPYTHON is not set: Serpens runs alone"),
        }
    }
    contestants.append(&mut peers);
    std::fs::create_dir_all(&out)?;
    let rounds = rounds.unwrap_or(if quick { 1 } else { 5 });
    Ok(Some(Plan { contestants, suites, only, rounds, quick, out }))
}

/// Builds the release command.
fn build() -> Result<String> {
    let mut command = workspace::cargo();
    command.args(["build", "--release", "--package", "serpens-cli"]);
    if !workspace::succeeds(&mut command)? {
        return Err("the release build fails".into());
    }
    Ok(workspace::serpens("release").display().to_string())
}
