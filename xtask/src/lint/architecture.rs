//! Checks that every path that `docs/architecture.md` names exists.

use super::Complaints;
use crate::{Result, workspace};

const DOCUMENT: &str = "docs/architecture.md";

/// Folders at the root that a path in the document may begin with.
const ROOTS: [&str; 9] = ["crates/", "xtask/", "tests/", "fuzz/", "docs/", "examples/", ".ci/", ".cargo/", "target/"];

/// Complains of paths that lead nowhere. `target/` is made by builds and not looked at.
pub fn check() -> Result<Complaints> {
    let document =
        std::fs::read_to_string(workspace::root().join(DOCUMENT)).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    let mut complaints = Vec::new();
    for (at, line) in document.lines().enumerate() {
        for path in line.split('`').skip(1).step_by(2).filter(|text| is_path(text)) {
            if !path.starts_with("target/") && !exists(path) {
                complaints.push(format!("{DOCUMENT}:{}: {path} does not exist", at + 1));
            }
        }
    }
    Ok(complaints)
}

fn is_path(text: &str) -> bool {
    ROOTS.iter().any(|root| text.starts_with(root)) && !text.contains(' ')
}

/// Whether the path exists; a `*` stands for any one name.
fn exists(path: &str) -> bool {
    let mut folders = vec![workspace::root().to_path_buf()];
    for part in path.trim_end_matches('/').split('/') {
        folders = match part.split_once('*') {
            None => folders.into_iter().map(|folder| folder.join(part)).filter(|found| found.exists()).collect(),
            Some((begin, end)) => {
                let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
                let fits = |name: &str| {
                    name.starts_with(begin) && name.ends_with(end) && name.len() >= begin.len() + end.len()
                };
                entries.filter(|entry| fits(&entry.file_name().to_string_lossy())).map(|entry| entry.path()).collect()
            }
        };
    }
    !folders.is_empty()
}
