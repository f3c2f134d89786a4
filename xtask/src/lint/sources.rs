//! Looks at the text of every Rust file: its header, what is left undone, tests that are switched off, files that no module
//! names.

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
        if is_orphan(path, files) {
            complaints.push(format!("{path}:1: no module names this file"));
        }
    }
    Ok(complaints)
}

/// Whether a file under `src` is named by no `mod` of the file above it, so that it is never compiled.
fn is_orphan(path: &str, files: &[Source]) -> bool {
    let Some((folder, file)) = path.rsplit_once('/') else { return false };
    let name = file.trim_end_matches(".rs");
    if !path.contains("/src/") || matches!(name, "lib" | "main") || folder.ends_with("/bin") {
        return false;
    }
    let (folder, name) = match name {
        "mod" => folder.rsplit_once('/').unwrap_or((folder, name)),
        _ => (folder, name),
    };
    let above = ["/mod.rs", "/lib.rs", "/main.rs", ".rs"].map(|end| format!("{folder}{end}"));
    let declared = [format!("mod {name};"), format!("mod {name} "), format!("{name}.rs\"")];
    let above = files.iter().filter(|f| above.contains(&f.path.to_string()));
    !above.into_iter().any(|f| declared.iter().any(|d| f.text.contains(d.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_files_that_no_module_names() {
        let file = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        let files = [
            file("a/src/lib.rs", "//! Doc.\npub mod known;\nmod folder;"),
            file("a/src/known.rs", "//! Doc."),
            file("a/src/folder/mod.rs", "//! Doc."),
            file("a/src/folder/lost.rs", "//! Doc."),
        ];
        let orphans: Vec<&str> = files.iter().filter(|f| is_orphan(&f.path, &files)).map(|f| f.path.as_ref()).collect();
        assert_eq!(orphans, ["a/src/folder/lost.rs"]);
    }
}
