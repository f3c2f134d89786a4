//! The `isolates` suite: what an interpreter costs, `tests/bench/isolates/*.py`, and what the process costs.
//!
//! A program prints lines `METRIC|name|value|unit|lower or higher`.

use super::Plan;
use super::measure::Progress;
use super::table::Table;
use crate::{Result, workspace};

/// Programs with their argument, in full and in quick.
const PROGRAMS: [(&str, &str, &str); 9] = [
    ("create_destroy", "200", "30"),
    ("memory", "1000", "100"),
    ("parallel", "200", "5"),
    ("ping_pong", "1.0", "0.2"),
    ("shared_dict", "1000", "100"),
    ("call", "2000", "200"),
    ("imports", "10", "3"),
    ("pool", "5000", "500"),
    ("template", "300", "20"),
];

/// Measures start-up, then runs every program on every runtime, in turns.
pub fn measure(plan: &Plan) -> Result<Table> {
    let mut table = Table::new("isolates", &plan.contestants);
    let programs: Vec<_> = PROGRAMS.into_iter().filter(|(name, ..)| name.contains(&plan.only)).collect();
    let starts = if !"start_up".contains(&plan.only) { 0 } else { 10 * plan.rounds };
    let mut progress = Progress::new(starts + programs.len() * plan.rounds * plan.contestants.len());
    for _ in 0..starts {
        progress.step("isolates start-up");
        for (at, contestant) in plan.contestants.iter().enumerate() {
            let wall = table.row("-c pass, wall time", "ms", true);
            match contestant.start_up() {
                Ok((elapsed, memory)) => {
                    wall.add(at, elapsed.as_secs_f64() * 1e3);
                    table.row("-c pass, peak memory", "KiB", true).add(at, memory as f64 / 1024.0);
                }
                Err(error) => wall.note(error.to_string()),
            }
        }
    }
    for _ in 0..plan.rounds {
        for (name, full, quick) in &programs {
            let program = workspace::root().join(format!("tests/bench/isolates/{name}.py"));
            let argument = String::from(if plan.quick { *quick } else { *full });
            for (at, contestant) in plan.contestants.iter().enumerate() {
                progress.step(&format!("isolates {name} {}", contestant.name));
                match contestant.run(&program, std::slice::from_ref(&argument)) {
                    Ok((output, _)) => add_metrics(&mut table, at, &output),
                    Err(reason) => {
                        table.row(&name.replace('_', " "), "", true).note(format!("{}: {reason}", contestant.name))
                    }
                }
            }
        }
    }
    Ok(table)
}

fn add_metrics(table: &mut Table, runtime: usize, output: &str) {
    for line in output.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        if let ["METRIC", name, value, unit, direction] = fields[..]
            && let Ok(value) = value.parse()
        {
            table.row(name, unit, direction == "lower").add(runtime, value);
        }
    }
}
