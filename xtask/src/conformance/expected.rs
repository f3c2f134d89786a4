//! The list of what each method of each file is expected to do, `tests/conformance/expected.json`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::runner::{FileOutcome, MethodOutcome};
use crate::{Result, workspace};

/// From a file to its methods to what they do.
pub struct Expected(BTreeMap<String, BTreeMap<String, MethodOutcome>>);

impl Expected {
    /// Reads the list; one that does not exist is empty.
    pub fn read() -> Result<Expected> {
        match std::fs::read_to_string(path()) {
            Ok(text) => Ok(Expected(serde_json::from_str(&text)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Expected(BTreeMap::new())),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the list, one method a line, so that changes are readable.
    pub fn write(&self) -> Result<()> {
        std::fs::write(path(), serde_json::to_string_pretty(&self.0)? + "\n")?;
        Ok(())
    }

    /// What differs from the list, one line each.
    pub fn compare(&self, file: &str, outcome: &FileOutcome) -> Vec<String> {
        let nothing = BTreeMap::new();
        let before = self.0.get(file).unwrap_or(&nothing);
        let mut changes = Vec::new();
        for (method, now) in &outcome.methods {
            match before.get(method) {
                Some(was) if was == now => {}
                Some(was) => changes.push(format!("{method}: {} before, {} now", was.word(), now.word())),
                None => changes.push(format!("{method}: not on the list, {} now", now.word())),
            }
        }
        for method in before.keys().filter(|method| !outcome.methods.contains_key(*method)) {
            changes.push(format!("{method}: on the list, not found now"));
        }
        changes
    }

    /// Takes what a file did onto the list.
    pub fn set(&mut self, file: &str, outcome: FileOutcome) {
        self.0.insert(file.into(), outcome.methods);
    }
}

fn path() -> PathBuf {
    workspace::root().join("tests/conformance/expected.json")
}
