//! Examples in Markdown that are run: a block marked `python`, and behind it one marked `text` with what it prints.
//! One that is marked `python no-peer` shows what CPython does not have, or does otherwise.
//!
//! An example is named by the heading above it. The program is given on standard input.

use crate::runtime::{Invocation, Outcome};

/// One example of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The heading above it, numbered from the second example below one heading on.
    pub heading: String,
    /// The program.
    pub program: String,
    /// What it prints.
    pub output: String,
    /// Whether CPython is not to be asked.
    pub no_peer: bool,
    /// Where the output stands in the document, in bytes.
    output_span: (usize, usize),
}

impl Example {
    /// How to run it.
    pub fn invocation(&self) -> Invocation {
        Invocation {
            args: vec!["-".into()],
            env: vec![("PYTHONUNBUFFERED".into(), "1".into())],
            stdin: self.program.clone(),
        }
    }

    /// What it is to do.
    pub fn outcome(&self) -> Outcome {
        Outcome { stdout: self.output.clone(), ..Outcome::default() }
    }
}

/// The examples of a document. A `python` block without a `text` block behind it is not run.
pub fn examples(document: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut heading = String::new();
    let mut n_below = 0;
    let mut program: Option<(String, bool)> = None;
    let mut at = 0;
    // The language of the block that is open, and where its text begins.
    let mut open: Option<(&str, usize)> = None;
    for line in document.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let trimmed = line.trim_end();
        match (open, trimmed.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language, at)),
            (Some((language, from)), Some("")) => {
                let text = &document[from..begin];
                match (language, program.take()) {
                    ("python", _) => program = Some((text.to_string(), false)),
                    ("python no-peer", _) => program = Some((text.to_string(), true)),
                    ("text", Some((program, no_peer))) => {
                        n_below += 1;
                        let heading = if n_below == 1 { heading.clone() } else { format!("{heading} ({n_below})") };
                        examples.push(Example {
                            heading,
                            program,
                            output: text.to_string(),
                            no_peer,
                            output_span: (from, begin),
                        });
                    }
                    _ => {}
                }
                open = None;
            }
            (None, None) => {
                if let Some(text) = trimmed.strip_prefix('#') {
                    heading = text.trim_start_matches('#').trim().to_string();
                    n_below = 0;
                    program = None;
                } else if !trimmed.is_empty() {
                    program = None;
                }
            }
            (Some(_), _) => {}
        }
    }
    examples
}

/// The document with the outputs of its examples replaced, in order.
pub fn with_outputs(document: &str, outputs: &[String]) -> String {
    let mut text = String::new();
    let mut from = 0;
    for (example, output) in examples(document).iter().zip(outputs) {
        text.push_str(&document[from..example.output_span.0]);
        text.push_str(output);
        from = example.output_span.1;
    }
    text.push_str(&document[from..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_examples_and_replaces_outputs() {
        let document = "# T\n## One\n\n```python\nprint(1)\n```\n\n```text\n1\n```\n\n```python\nx\n```\nprose\n```text\nno\n```\n";
        let found = examples(document);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].heading.as_str(), found[0].program.as_str(), found[0].output.as_str()),
            ("One", "print(1)\n", "1\n")
        );
        assert_eq!(examples(&with_outputs(document, &["2\n".into()]))[0].output, "2\n");
        assert!(!found[0].no_peer);
        let twice = document.replace("prose", "```python\ny\n```\n```text\n2\n```");
        assert_eq!(examples(&twice).iter().map(|e| &*e.heading).collect::<Vec<_>>(), ["One", "One (2)"]);
        assert!(examples(&document.replace("```python", "```python no-peer"))[0].no_peer);
    }
}
