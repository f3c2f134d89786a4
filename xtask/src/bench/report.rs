//! The reports of a run: `report.json` with every sample, `report.html` with tables and a plot for each suite.
//!
//! The page needs nothing from elsewhere.

use std::fmt::Write as _;
use std::path::Path;

use super::table::{Row, Table, short};
use crate::Result;

const STYLE: &str = "\
body { font: 15px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .15rem .8rem; text-align: right; border-bottom: 1px solid #e4e7eb }
td:first-child, th:first-child { text-align: left } .note { color: #b42318; text-align: left } .better { color: #067647 } .worse { color: #b42318 }
svg text { font: 12px system-ui, sans-serif; fill: #1b1f24 } @media (prefers-color-scheme: dark) {
body { background: #14171a; color: #e6e8ea } td, th { border-color: #2c3238 } svg text { fill: #e6e8ea } }
";

/// Writes both reports into a folder.
pub fn write(folder: &Path, tables: &[Table]) -> Result<()> {
    std::fs::write(folder.join("report.json"), serde_json::to_string_pretty(tables)?)?;
    let mut page =
        format!("<!doctype html><meta charset=utf-8><title>Serpens benchmarks</title><style>{STYLE}</style>");
    page.push_str("<h1>Serpens benchmarks</h1><p>Medians. A ratio is Serpens' value over the peer's.</p>");
    for table in tables {
        page.push_str(&section(table));
    }
    std::fs::write(folder.join("report.html"), page)?;
    Ok(())
}

fn section(table: &Table) -> String {
    let mut html = format!("<h2>{}</h2>", escape(&table.suite));
    if let Some((mean, largest, rows)) = table.summary().filter(|_| table.suite == "language") {
        // Writing to a string does not fail.
        let _ = write!(
            html,
            "<p>Geometric mean of {rows} ratios to {}: <b>{mean:.3}</b>; the largest is {largest:.2}.</p>",
            escape(&table.runtimes[1])
        );
    }
    html.push_str(&plot(table));
    html.push_str("<table><tr><th></th>");
    for (at, runtime) in table.runtimes.iter().enumerate() {
        let _ = write!(html, "<th>{}</th>", escape(runtime));
        if at > 0 {
            html.push_str("<th>ratio</th>");
        }
    }
    html.push_str("</tr>");
    for row in &table.rows {
        html.push_str(&line(row, table.runtimes.len()));
    }
    html.push_str("</table>");
    html
}

fn line(row: &Row, runtimes: usize) -> String {
    let mut html = format!("<tr><td>{}</td>", escape(&row.name));
    for at in 0..runtimes {
        let value = row.median(at).map_or("-".into(), |value| format!("{} {}", short(value), row.unit));
        let _ = write!(html, "<td>{}</td>", escape(&value));
        if at > 0 {
            let cell = row.ratio(at).map_or("<td>-</td>".into(), |ratio| {
                let class = if (ratio <= 1.0) == row.lower_is_better { "better" } else { "worse" };
                format!("<td class={class}>{ratio:.3}</td>")
            });
            html.push_str(&cell);
        }
    }
    if !row.notes.is_empty() {
        let _ = write!(html, "<td class=note>{}</td>", escape(&row.notes.join("; ")));
    }
    html.push_str("</tr>");
    html
}

/// A bar for each row: how many times better (right) or worse (left) than the first peer, on a logarithmic scale.
fn plot(table: &Table) -> String {
    let bars: Vec<(&str, f64)> = table
        .rows
        .iter()
        .filter_map(|row| {
            let ratio = row.ratio(1)?;
            Some((row.name.as_str(), if row.lower_is_better { 1.0 / ratio } else { ratio }))
        })
        .collect();
    if bars.is_empty() {
        return String::new();
    }
    const LABELS: f64 = 330.0;
    const HALF: f64 = 260.0;
    const STEP: usize = 20;
    let extreme = bars.iter().map(|(_, gain)| gain.log2().abs()).fold(1.0, f64::max);
    let middle = LABELS + HALF;
    let height = bars.len() * STEP + 30;
    let mut svg = format!("<svg viewBox=\"0 0 {} {height}\" width=\"100%\" role=img>", LABELS + 2.0 * HALF + 60.0);
    let _ =
        write!(svg, "<text x={middle} y=14 text-anchor=middle>times better than {}</text>", escape(&table.runtimes[1]));
    for (at, (name, gain)) in bars.iter().enumerate() {
        let y = 24 + at * STEP;
        let length = gain.log2().abs() / extreme * HALF;
        let (x, colour) = if *gain >= 1.0 { (middle, "#12b76a") } else { (middle - length, "#f04438") };
        let (label, anchor) =
            if *gain >= 1.0 { (middle + length + 4.0, "start") } else { (middle - length - 4.0, "end") };
        let _ = write!(
            svg,
            "<text x={} y={} text-anchor=end>{}</text><rect x={x:.1} y={y} width={length:.1} height=14 fill=\"{colour}\"/>\
             <text x={label:.1} y={} text-anchor={anchor}>{}</text>",
            if *gain >= 1.0 { LABELS } else { LABELS - 60.0 + 60.0_f64.min(HALF - length) },
            y + 12,
            escape(name),
            y + 12,
            short(*gain)
        );
    }
    let _ = write!(svg, "<line x1={middle} x2={middle} y1=20 y2={height} stroke=\"#98a2b3\"/></svg>");
    svg
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
