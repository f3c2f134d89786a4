//! The table form of the command-line tests, `tests/cli/*.cases`.
//!
//! ```text
//! ## a name
//! $ -c "print(input())"
//! < standard input
//! > standard output
//! ! standard error
//! ? 0
//! ```
//!
//! `$` holds the arguments behind the command, split as a shell splits them: `'...'` is literal, `"..."` knows `\n`, `\t`,
//! `\"` and `\\`. `=` sets a variable of the environment. Every output line ends with a line feed unless `\` stands at its
//! end. `?` is the exit code, 0 when absent. `%` gives the reason why CPython is not asked.

use crate::runtime::{Invocation, Outcome};

/// One row of the table.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// What the row shows.
    pub name: String,
    /// The `$` line as written.
    pub command_line: String,
    /// How to run it.
    pub invocation: Invocation,
    /// What it does.
    pub outcome: Outcome,
    /// Why CPython is not asked.
    pub no_peer: Option<String>,
}

/// Reads a table: what stands above its first row, and the rows.
pub fn parse(text: &str) -> Result<(String, Vec<Case>), String> {
    let mut preamble = String::new();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            cases.push(Case { name: name.into(), ..Case::default() });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            preamble.push_str(line);
            preamble.push('\n');
            continue;
        };
        if line.is_empty() {
            continue;
        }
        let (mark, rest) = line.split_at(1);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match mark {
            "$" => {
                case.command_line = rest.into();
                case.invocation.args = split_arguments(rest)?;
            }
            "=" => {
                let (name, value) = rest.split_once('=').ok_or_else(|| format!("not NAME=VALUE: {rest:?}"))?;
                case.invocation.env.push((name.into(), value.into()));
            }
            "<" => push_line(&mut case.invocation.stdin, rest),
            ">" => push_line(&mut case.outcome.stdout, rest),
            "!" => push_line(&mut case.outcome.stderr, rest),
            "?" => case.outcome.exit = rest.parse().map_err(|_| format!("not an exit code: {rest:?}"))?,
            "%" => case.no_peer = Some(rest.into()),
            _ => return Err(format!("a row of {:?} begins with {mark:?}", case.name)),
        }
    }
    Ok((preamble, cases))
}

/// Writes a table in the form that [`parse`] reads.
pub fn write(preamble: &str, cases: &[Case]) -> String {
    let mut text = preamble.trim_end().to_string();
    for case in cases {
        text.push_str(format!("\n\n## {}\n$ {}", case.name, case.command_line).trim_end());
        if let Some(reason) = &case.no_peer {
            text.push_str(&format!("\n% {reason}"));
        }
        for (name, value) in &case.invocation.env {
            text.push_str(&format!("\n= {name}={value}"));
        }
        write_lines(&mut text, '<', &case.invocation.stdin);
        write_lines(&mut text, '>', &case.outcome.stdout);
        write_lines(&mut text, '!', &case.outcome.stderr);
        if case.outcome.exit != 0 {
            text.push_str(&format!("\n? {}", case.outcome.exit));
        }
    }
    text.push('\n');
    text
}

fn push_line(text: &mut String, line: &str) {
    match line.strip_suffix('\\') {
        Some(line) => text.push_str(line),
        None => {
            text.push_str(line);
            text.push('\n');
        }
    }
}

fn write_lines(text: &mut String, mark: char, content: &str) {
    for line in content.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, "\\"), |line| (line, ""));
        let space = if line.is_empty() && end.is_empty() { "" } else { " " };
        text.push_str(&format!("\n{mark}{space}{line}{end}"));
    }
}

/// Splits arguments as the table writes them.
fn split_arguments(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return Ok(words);
        }
        let mut word = String::new();
        while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
            match c {
                '\'' => loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err(format!("no closing quote: {line:?}")),
                    }
                },
                '"' => loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some('n') => word.push('\n'),
                            Some('t') => word.push('\t'),
                            Some(c) => word.push(c),
                            None => return Err(format!("no closing quote: {line:?}")),
                        },
                        Some(c) => word.push(c),
                        None => return Err(format!("no closing quote: {line:?}")),
                    }
                },
                c => word.push(c),
            }
        }
        words.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_a_shell_does() {
        let words = split_arguments(r#"-c 'a "b"' "x\n\"y\"" '' -"#).expect("a good line");
        assert_eq!(words, ["-c", "a \"b\"", "x\n\"y\"", "", "-"]);
        assert!(split_arguments("'open").is_err());
    }

    #[test]
    fn reads_back_what_it_wrote() {
        let text = "About it.\n\n## one\n$ -c 'x'\n= A=b\n< in\n> out\n>\n> end\\\n! err\n? 2\n";
        let (preamble, cases) = parse(text).expect("a good table");
        assert_eq!(cases[0].outcome, Outcome { stdout: "out\n\nend".into(), stderr: "err\n".into(), exit: 2 });
        assert_eq!(write(&preamble, &cases), text);
    }
}
