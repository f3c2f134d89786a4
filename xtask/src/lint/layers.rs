//! Compares the edges between the workspace's crates with the layer table of `docs/architecture.md`.
//!
//! Invariant: a crate names only crates of the rows above its own, and only those that its row permits.

use serde_json::Value;

use super::Complaints;
use crate::{Result, workspace};

const DOCUMENT: &str = "docs/architecture.md";

/// One row of the table: a crate and what it may depend on.
#[derive(Debug, PartialEq, Eq)]
struct Layer {
    name: String,
    permitted: Vec<String>,
}

/// Complains of edges that the table does not permit, and of a table that does not fit the workspace.
pub fn check() -> Result<Complaints> {
    let document =
        std::fs::read_to_string(workspace::root().join(DOCUMENT)).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    let layers = table(&document);
    let mut complaints = order(&layers);
    for package in workspace::packages()? {
        let name = package["name"].as_str().unwrap_or_default();
        let directory = package["manifest_path"].as_str().unwrap_or_default();
        if !directory.contains("/crates/") {
            continue;
        }
        let Some(layer) = layers.iter().find(|layer| layer.name == short(name)) else {
            complaints.push(format!("{DOCUMENT}: the layer table has no row for {name}"));
            continue;
        };
        for dependency in edges(&package) {
            if !layer.permitted.contains(&dependency) {
                complaints.push(format!(
                    "{name} depends on {dependency}, which the layer table of {DOCUMENT} does not permit"
                ));
            }
        }
    }
    Ok(complaints)
}

/// The crates of the workspace that a package depends on outside its tests, by short name.
fn edges(package: &Value) -> Vec<String> {
    let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    dependencies
        .iter()
        .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|name| name.starts_with("serpens"))
        .map(short)
        .collect()
}

/// A crate's name in the table: its folder's.
fn short(package: &str) -> String {
    package.strip_prefix("serpens-").unwrap_or(package).to_string()
}

/// Complains of rows that permit what does not stand above them.
fn order(layers: &[Layer]) -> Complaints {
    let mut complaints = Vec::new();
    for (at, layer) in layers.iter().enumerate() {
        for permitted in &layer.permitted {
            if !layers[..at].iter().any(|above| above.name == *permitted) {
                complaints.push(format!(
                    "{DOCUMENT}: the row of `{}` permits `{permitted}`, which no row above it is",
                    layer.name
                ));
            }
        }
    }
    complaints
}

/// The rows of the table under the heading that begins with `## The layers`: the first cell holds the crate, the last one what
/// it may depend on, both between backquotes.
fn table(document: &str) -> Vec<Layer> {
    let lines = document.lines().skip_while(|line| !line.starts_with("## The layers")).skip(1);
    let rows = lines.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let first = cells.first().copied().unwrap_or_default();
        let last = cells.last().copied().unwrap_or_default();
        Layer { name: quoted(first).next().unwrap_or_default(), permitted: quoted(last).collect() }
    })
    .collect()
}

/// What stands between backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_table() {
        let document = "# A\n## The layers\n| crate | is | may |\n| --- | --- | --- |\n| `a` | `x` | |\n| `b` | y | `a` |\n## Z\n| `c` | | |\n";
        let layers = table(document);
        assert_eq!(layers.len(), 2);
        assert_eq!(layers[1], Layer { name: "b".into(), permitted: vec!["a".into()] });
        assert!(order(&layers).is_empty());
    }

    #[test]
    fn refuses_an_edge_upwards() {
        let layers = [
            Layer { name: "a".into(), permitted: vec!["b".into()] },
            Layer { name: "b".into(), permitted: Vec::new() },
        ];
        assert_eq!(order(&layers).len(), 1);
    }
}
