//! Looks at the text of every Rust file: its header, what is left undone, tests that are switched off.

use super::{Complaints, Source};
use crate::Result;

/// Lines above which a file is worth a note.
const LONG: usize = 900;

/// Complains of files without `//!`, and of words that mean that something is missing.
pub fn check(files: &[Source]) -> Result<Complaints> {
    // Written in two parts, so that this file does not name what it looks for.
    let forbidden =
        [concat!("to", "do!("), concat!("un", "implemented!("), concat!("#[", "ignore"), concat!("db", "g!(")];
    let mut complaints = Vec::new();
    for Source { path, text } in files {
        let lines = text.lines().count();
        if lines > LONG {
            println!("note: {path} has {lines} lines; does it hold two things?");
        }
        if !text.starts_with("//!") && !path.contains("/ui/") {
            complaints.push(format!("{path}:1: does not open with //!"));
        }
        for (at, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(word) = forbidden.iter().find(|word| code.contains(**word)) {
                complaints.push(format!("{path}:{}: {word}", at + 1));
            }
        }
    }
    Ok(complaints)
}
