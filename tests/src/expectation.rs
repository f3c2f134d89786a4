//! The expectation that a test program holds inside itself, as comments at its end.
//!
//! ```text
//! print("hello")
//! # === args one two
//! # === stdout
//! # hello
//! # === exit 0
//! ```
//!
//! A section (`stdin`, `stdout`, `stderr`) is followed by its lines, each after `# `; `(no newline)` behind the section's
//! name says that its last line has no line feed. A section that is absent is empty; `exit` is 0 when it is not given.
//! `no-peer REASON` says that CPython cannot run the program; `env NAME=VALUE` and `seconds N` mean what they say. The
//! first line that begins with `# === ` begins the expectation, which reaches to the end of the file.

use std::fmt::Write as _;
use std::time::Duration;

use crate::runtime::{Invocation, Outcome};

const MARK: &str = "# === ";
const NO_NEWLINE: &str = "(no newline)";

/// How a program is to be run and what it is to do.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// How to run it; the program itself is not among the arguments.
    pub invocation: Invocation,
    /// What it does.
    pub outcome: Outcome,
    /// Why CPython cannot run it, if it cannot.
    pub no_peer: Option<String>,
    /// How long it may take.
    pub limit: Duration,
}

/// Reads the expectation out of a program's source.
pub fn parse(source: &str) -> Result<Expectation, String> {
    let mut expectation = Expectation {
        invocation: Invocation::default(),
        outcome: Outcome::default(),
        no_peer: None,
        limit: Duration::from_secs(60),
    };
    let (_, block) = split(source);
    let mut lines = block.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(header) = line.strip_prefix(MARK) else {
            return Err(format!("not a line of an expectation: {line:?}"));
        };
        let (word, rest) = header.split_once(' ').unwrap_or((header, ""));
        match word {
            "stdin" | "stdout" | "stderr" => {
                let mut text = String::new();
                while let Some(line) = lines.next_if(|line| !line.starts_with(MARK)) {
                    let body = line.strip_prefix("# ").or_else(|| line.strip_prefix('#'));
                    text += body.ok_or_else(|| format!("not a comment: {line:?}"))?;
                    text.push('\n');
                }
                if rest == NO_NEWLINE {
                    text.pop();
                }
                match word {
                    "stdin" => expectation.invocation.stdin = text,
                    "stdout" => expectation.outcome.stdout = text,
                    _ => expectation.outcome.stderr = text,
                }
            }
            "exit" => expectation.outcome.exit = rest.parse().map_err(|_| format!("not an exit code: {rest:?}"))?,
            "args" => expectation.invocation.args = rest.split_whitespace().map(String::from).collect(),
            "env" => {
                let (name, value) = rest.split_once('=').ok_or_else(|| format!("not NAME=VALUE: {rest:?}"))?;
                expectation.invocation.env.push((name.into(), value.into()));
            }
            "no-peer" => expectation.no_peer = Some(rest.into()),
            "seconds" => {
                let seconds = rest.parse().map_err(|_| format!("not a number of seconds: {rest:?}"))?;
                expectation.limit = Duration::from_secs(seconds);
            }
            _ => return Err(format!("unknown word {word:?} in an expectation")),
        }
    }
    Ok(expectation)
}

/// The source with the outcome of its expectation replaced by `outcome`; all else is kept.
pub fn with_outcome(source: &str, outcome: &Outcome) -> String {
    let (program, block) = split(source);
    let mut text = program.trim_end().to_string();
    text.push_str("\n\n");
    let mut keeping = false;
    for line in block.lines() {
        if let Some(header) = line.strip_prefix(MARK) {
            let word = header.split(' ').next().unwrap_or(header);
            keeping = !matches!(word, "stdout" | "stderr" | "exit");
        }
        if keeping {
            text.push_str(line);
            text.push('\n');
        }
    }
    push_section(&mut text, "stdout", &outcome.stdout);
    push_section(&mut text, "stderr", &outcome.stderr);
    if outcome.exit != 0 {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{MARK}exit {}", outcome.exit);
    }
    text.truncate(text.trim_end_matches('\n').len());
    text.push('\n');
    text
}

fn push_section(text: &mut String, name: &str, content: &str) {
    if content.is_empty() {
        return;
    }
    let note = if content.ends_with('\n') { "" } else { NO_NEWLINE };
    text.push_str(format!("{MARK}{name} {note}").trim_end());
    text.push('\n');
    for line in content.strip_suffix('\n').unwrap_or(content).split('\n') {
        text.push_str(if line.is_empty() { "#" } else { "# " });
        text.push_str(line);
        text.push('\n');
    }
}

/// The program and its expectation.
fn split(source: &str) -> (&str, &str) {
    let begin = if source.starts_with(MARK) { Some(0) } else { source.find(&format!("\n{MARK}")).map(|at| at + 1) };
    begin.map_or((source, ""), |at| source.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_wrote() {
        let outcome = Outcome { stdout: "a\n\nb".into(), stderr: "E: x\n".into(), exit: 3 };
        let source = with_outcome("print()\n# === args 1 2\n# === stdout\n# old\n", &outcome);
        let expectation = parse(&source).expect("an expectation that was just written");
        assert_eq!(expectation.outcome, outcome);
        assert_eq!(expectation.invocation.args, ["1", "2"]);
        assert_eq!(with_outcome(&source, &outcome), source);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(parse("# === outstd\n").is_err());
        assert!(parse("# === stdout\nprint()\n").is_err());
    }
}
