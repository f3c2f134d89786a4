//! The list of tests that are known to fail, `tests/known_failures.txt`: a name and a reason on each line.
//!
//! A test on the list must fail: one that passes makes the run fail, so that the list stays true.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// From a test's name to the reason for which it fails.
#[derive(Clone, Debug, Default)]
pub struct KnownFailures(BTreeMap<String, String>);

impl KnownFailures {
    /// Reads the list.
    pub fn read(path: &Path) -> io::Result<KnownFailures> {
        let text = fs::read_to_string(path)?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Ok(KnownFailures(
            lines
                .map(|line| {
                    let (name, reason) = line.split_once(" -- ").unwrap_or((line, ""));
                    (name.trim().to_string(), reason.trim().to_string())
                })
                .collect(),
        ))
    }

    /// Writes the list, sorted by name.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = String::from(
            "# Tests that are known to fail, each with its reason (NAME -- REASON). One that passes makes the run fail;\n\
             # `cargo xtask test --update-known-failures` takes it out.\n",
        );
        for (name, reason) in &self.0 {
            text.push_str(&format!("{name} -- {reason}\n"));
        }
        fs::write(path, text)
    }

    /// Why the test is known to fail, if it is.
    pub fn reason(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Puts a test on the list; an entry that is there keeps its reason.
    pub fn add(&mut self, name: &str, reason: &str) {
        self.0.entry(name.into()).or_insert_with(|| reason.into());
    }

    /// Takes a test off the list.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The names on the list.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
