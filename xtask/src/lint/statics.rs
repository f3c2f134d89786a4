//! Holds the list of process-wide mutable state to what `xtask/statics.txt` permits, each entry with its reason.
//!
//! It looks at the text of `crates/*/src`: `static mut`, `thread_local!`, and every `static` whose type names a cell, a lock, an
//! atomic or a lazy value. Macro bodies are seen too, because it does not parse.

use super::{Complaints, Source};
use crate::{Result, workspace};

const LIST: &str = "xtask/statics.txt";

/// Words in a static's type that mean that it can change after it was made.
const MUTABLE: [&str; 15] = [
    "Mutex",
    "RwLock",
    "OnceLock",
    "OnceCell",
    "LazyLock",
    "LazyCell",
    "Lazy",
    "Atomic",
    "Cell<",
    "ArcSwap",
    "Condvar",
    "Once",
    "ThreadLocal",
    "HashMap<",
    "Registry",
];

/// Complains of state that is not on the list, and of entries that name nothing.
pub fn check(files: &[Source]) -> Result<Complaints> {
    let list = std::fs::read_to_string(workspace::root().join(LIST)).map_err(|error| format!("{LIST}: {error}"))?;
    let mut complaints = Vec::new();
    let mut permitted: Vec<(&str, bool)> = Vec::new();
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(" -- ") {
            Some((key, reason)) if !reason.trim().is_empty() => permitted.push((key.trim(), false)),
            _ => complaints.push(format!("{LIST}: not `FILE: NAME -- REASON`: {line:?}")),
        }
    }
    for file in files.iter().filter(|file| file.path.starts_with("crates/") && file.path.contains("/src/")) {
        for name in mutable_statics(&file.text) {
            let key = format!("{}: {name}", file.path);
            match permitted.iter_mut().find(|(known, _)| *known == key) {
                Some((_, used)) => *used = true,
                None => complaints.push(format!("{key} is process-wide mutable state that {LIST} does not permit")),
            }
        }
    }
    for (key, _) in permitted.iter().filter(|(_, used)| !used) {
        complaints.push(format!("{LIST}: {key} does not exist (any more)"));
    }
    Ok(complaints)
}

/// The names of the mutable statics that a file declares.
fn mutable_statics(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let code = without_comments(text);
    if code.contains("thread_local!") {
        names.push("thread_local!".into());
    }
    let mut rest = code.as_str();
    while let Some(at) = rest.find("static ") {
        let before = rest[..at].chars().next_back();
        let declaration = &rest[at + "static ".len()..];
        rest = declaration;
        // `'static ` is a lifetime; `non_static ` is another word.
        if before.is_some_and(|c| c == '\'' || c == '_' || c.is_alphanumeric()) {
            continue;
        }
        let (name, kind) = match declaration.split_once(':') {
            Some((name, after)) => (name.trim(), after.split(['=', ';']).next().unwrap_or_default()),
            None => continue,
        };
        if let Some(name) = name.strip_prefix("mut ") {
            names.push(name.trim().into());
        } else if is_name(name) && MUTABLE.iter().any(|word| kind.contains(word)) {
            names.push(name.into());
        }
    }
    names
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
}

/// The text with line comments taken out.
fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .fold(String::new(), |code, line| code + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::mutable_statics;

    #[test]
    fn finds_mutable_statics_only() {
        let text = "static A: u8 = 0;\n// static B: Mutex<u8> = x;\npub static C: Mutex<&'static str> = x;\nstatic mut D: u8 = 0;\n\
                    fn f(x: &'static AtomicU8) {}\n";
        assert_eq!(mutable_statics(text), ["C", "D"]);
        assert_eq!(mutable_statics("thread_local! { static E: Cell<u8> = x; }"), ["thread_local!", "E"]);
    }
}
