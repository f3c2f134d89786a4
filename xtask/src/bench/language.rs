//! The `language` suite: pure-Python programs, `tests/bench/language/*.py`.
//!
//! Each program times its own work and prints the time on standard error, so that start-up is not counted, and a checksum on
//! standard output, which must be the same on every runtime.

use std::path::PathBuf;

use super::Plan;
use super::measure::Progress;
use super::table::Table;
use crate::{Result, workspace};

/// Runs every program on every runtime, in turns.
pub fn measure(plan: &Plan) -> Result<Table> {
    let mut table = Table::new("language", &plan.contestants);
    let programs = programs(&plan.only)?;
    let mut progress = Progress::new(programs.len() * plan.rounds * plan.contestants.len());
    let mut broken = vec![false; programs.len() * plan.contestants.len()];
    for _ in 0..plan.rounds {
        for (n_program, program) in programs.iter().enumerate() {
            let name = program.file_stem().unwrap_or_default().to_string_lossy();
            let mut checksum: Option<String> = None;
            for (at, contestant) in plan.contestants.iter().enumerate() {
                progress.step(&format!("language {name} {}", contestant.name));
                let broken = &mut broken[n_program * plan.contestants.len() + at];
                if *broken {
                    continue;
                }
                let row = table.row(&name, "s", true);
                match contestant.run(program, &[]) {
                    Ok((output, errors)) => {
                        match errors.lines().find_map(|line| line.strip_prefix("TIME ")?.trim().parse().ok()) {
                            Some(seconds) => row.add(at, seconds),
                            None => row.note(format!("{} tells no time", contestant.name)),
                        }
                        if checksum.get_or_insert_with(|| output.clone()) != &output {
                            row.note("CHECKSUMS DIFFER".into());
                        }
                    }
                    Err(reason) => {
                        *broken = true;
                        row.note(format!("{}: {reason}", contestant.name));
                    }
                }
            }
        }
    }
    Ok(table)
}

fn programs(only: &str) -> Result<Vec<PathBuf>> {
    let mut programs = Vec::new();
    for entry in std::fs::read_dir(workspace::root().join("tests/bench/language"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "py")
            && path.file_stem().is_some_and(|name| name.to_string_lossy().contains(only))
        {
            programs.push(path);
        }
    }
    programs.sort();
    Ok(programs)
}
