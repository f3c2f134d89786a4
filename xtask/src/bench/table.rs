//! What a suite measured: rows of samples for each runtime, their medians and ratios, and the table on standard output.

use std::fmt::Write as _;

use serde::Serialize;

use super::measure::Contestant;

/// The measurements of one suite.
#[derive(Debug, Serialize)]
pub struct Table {
    /// The suite's name.
    pub suite: String,
    /// The runtimes, in the order of each row's columns; Serpens is the first.
    pub runtimes: Vec<String>,
    /// What was measured.
    pub rows: Vec<Row>,
}

/// One thing that was measured on every runtime.
#[derive(Debug, Serialize)]
pub struct Row {
    /// What it is.
    pub name: String,
    /// The unit of its samples.
    pub unit: String,
    /// Whether less is better.
    pub lower_is_better: bool,
    /// For each runtime, what its runs gave.
    pub samples: Vec<Vec<f64>>,
    /// What is to be known beside the numbers: failures, outputs that differ.
    pub notes: Vec<String>,
}

impl Table {
    /// A table without rows.
    pub fn new(suite: &str, contestants: &[Contestant]) -> Table {
        let runtimes = contestants.iter().map(|contestant| contestant.name.clone()).collect();
        Table { suite: suite.into(), runtimes, rows: Vec::new() }
    }

    /// The row of this name, made when it is not there.
    pub fn row(&mut self, name: &str, unit: &str, lower_is_better: bool) -> &mut Row {
        let at = self.rows.iter().position(|row| row.name == name).unwrap_or(self.rows.len());
        if at == self.rows.len() {
            self.rows.push(Row {
                name: name.into(),
                unit: unit.into(),
                lower_is_better,
                samples: vec![Vec::new(); self.runtimes.len()],
                notes: Vec::new(),
            });
        }
        &mut self.rows[at]
    }

    /// The geometric mean of the ratios to the first peer, over the rows that both have, and the largest one.
    pub fn summary(&self) -> Option<(f64, f64, usize)> {
        let ratios: Vec<f64> = self.rows.iter().filter_map(|row| row.ratio(1)).collect();
        if ratios.is_empty() {
            return None;
        }
        let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
        Some((mean, ratios.iter().copied().fold(0.0, f64::max), ratios.len()))
    }

    /// The table as text: medians, and ratios of Serpens to each peer.
    pub fn text(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max(self.suite.len());
        let mut text = format!("\n{:<width$}", self.suite);
        for (at, runtime) in self.runtimes.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = write!(text, "  {runtime:>14}");
            if at > 0 {
                let _ = write!(text, "  {:>7}", "ratio");
            }
        }
        text.push('\n');
        for row in &self.rows {
            let _ = write!(text, "{:<width$}", row.name);
            for at in 0..self.runtimes.len() {
                let value = row.median(at).map_or("-".into(), |value| format!("{} {}", short(value), row.unit));
                let _ = write!(text, "  {value:>14}");
                if at > 0 {
                    let ratio = row.ratio(at).map_or("-".into(), |ratio| format!("{ratio:.3}"));
                    let _ = write!(text, "  {ratio:>7}");
                }
            }
            if !row.lower_is_better {
                text.push_str("  (more is better)");
            }
            for note in &row.notes {
                let _ = write!(text, "  {note}");
            }
            text.push('\n');
        }
        if let Some((mean, largest, rows)) = self.summary().filter(|_| self.suite == "language") {
            let _ = writeln!(
                text,
                "geometric mean of {rows} ratios to {}: {mean:.3}; largest {largest:.2}",
                self.runtimes[1]
            );
        }
        text
    }
}

impl Row {
    /// Adds a sample of one runtime.
    pub fn add(&mut self, runtime: usize, value: f64) {
        self.samples[runtime].push(value);
    }

    /// Adds a note, once.
    pub fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The median of one runtime's samples.
    pub fn median(&self, runtime: usize) -> Option<f64> {
        let mut sorted = self.samples[runtime].clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => None,
            odd if odd % 2 == 1 => Some(sorted[middle]),
            _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        }
    }

    /// The median of Serpens over the median of a peer.
    pub fn ratio(&self, peer: usize) -> Option<f64> {
        let peer = *self.samples.get(peer).map(|_| &peer)?;
        let (own, other) = (self.median(0)?, self.median(peer)?);
        (own > 0.0 && other > 0.0).then(|| own / other)
    }
}

/// A number in about four digits.
pub fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 1000.0 => format!("{value:.0}"),
        hundreds if hundreds >= 100.0 => format!("{value:.1}"),
        ones if ones >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ratios() {
        let mut table = Table { suite: "s".into(), runtimes: vec!["a".into(), "b".into()], rows: Vec::new() };
        let row = table.row("r", "s", true);
        for value in [3.0, 1.0, 2.0] {
            row.add(0, value);
        }
        row.add(1, 4.0);
        row.add(1, 12.0);
        assert_eq!(row.median(0), Some(2.0));
        assert_eq!(row.ratio(1), Some(0.25));
        assert_eq!(row.ratio(2), None);
        assert_eq!(table.summary(), Some((0.25, 0.25, 1)));
    }
}
