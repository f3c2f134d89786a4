//! `_tokens`: the tokens of a source, for `_tokenize` in the library.
//!
//! The tokenizer is the compiler's; here its tokens become the tuples that CPython's `_tokenize.TokenizerIter` gives.

use serpens_compiler::tokenizer::{Kind, Token, Tokenizer, exact_type};
use serpens_state::{NativeModule, run};
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule =
    NativeModule::new("_tokens").functions(&[MethodDef::new("scan", "(source, extra_tokens, /)", scan)
        .doc("Return the tokens of a source up to the first error, and that error or None.")]);

/// A source and what its text was before line ends were made alike.
struct Scanned<'a> {
    text: &'a str,
    lines: Vec<usize>,
    /// The last line end is not in the source.
    implicit_end: bool,
    windows: bool,
    extra: bool,
}

fn scan(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(source) = a.get(0).downcast::<Str>() else {
        return Err(vm.type_error("readline() returned a non-string object"));
    };
    let extra = vm.truthy(a.get(1))?;
    let source = source.to_string();
    let windows = source.contains("\r\n");
    let mut text = source.replace("\r\n", "\n");
    let implicit_end = !text.is_empty() && !text.ends_with('\n');
    if implicit_end {
        text.push('\n');
    }
    let mut lines = vec![0];
    lines.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1));
    let scanned = Scanned { text: &text, lines, implicit_end, windows, extra };
    let mut tokenizer = Tokenizer::new(&text, "<string>", extra);
    let mut out = Vec::new();
    let mut error = Value::NONE;
    loop {
        match tokenizer.next_token() {
            Ok(token) => {
                let done = token.kind == Kind::EndMarker;
                out.push(scanned.tuple(vm, &token));
                if done {
                    break;
                }
            }
            Err(mut e) => {
                if scanned.implicit_end && e.col == 0 && e.line > 1 {
                    (e.line, e.end_line) = (e.line - 1, e.line - 1);
                }
                // Raised when the tokens before it have been used.
                let _ = run::raise_syntax_error(vm, &e);
                error = vm.take_raised();
                if e.kind != serpens_compiler::SyntaxErrorKind::Syntax {
                    for name in ["end_lineno", "end_offset"] {
                        vm.setattr(&error, &vm.intern(name), Some(&Value::NONE))?;
                    }
                }
                break;
            }
        }
    }
    Ok(vm.tuple(vec![vm.list(out), error]))
}

impl Scanned<'_> {
    /// The text of lines `first` to `last` (from 1).
    fn line_text(&self, first: u32, last: u32) -> &str {
        let at = |line: u32| self.lines.get(line as usize).copied().unwrap_or(self.text.len());
        &self.text[at(first.saturating_sub(1))..at(last)]
    }

    fn column(&self, line: u32, col: u32) -> usize {
        let text = self.line_text(line, line);
        text.get(..col as usize).map_or(col as usize, |t| t.chars().count())
    }

    fn shown(&self, text: &str) -> String {
        if self.windows { text.replace('\n', "\r\n") } else { text.to_string() }
    }

    fn tuple(&self, vm: &Vm, token: &Token) -> Value {
        let pair = |line: u32, col: usize| vm.tuple(vec![vm.int(i64::from(line)), Value::from_usize(col)]);
        let mut string = self.shown(&self.text[token.start..token.end]);
        let at_end = token.start >= self.text.len();
        let trailing = token.kind == Kind::EndMarker || token.kind == Kind::Dedent && at_end;
        let mut number = exact_type(token.kind, &string);
        let mut line = self.shown(self.line_text(token.line, token.end_line));
        if self.implicit_end && token.end_line as usize + 1 >= self.lines.len() {
            line.truncate(line.trim_end_matches(['\r', '\n']).len());
        }
        if self.extra {
            if trailing {
                let after = token.line + 1;
                let parts = vec![vm.int(i64::from(number)), vm.str(""), pair(after, 0), pair(after, 0), vm.str("")];
                return vm.tuple(parts);
            }
            if token.kind == Kind::Op {
                number = Kind::Op as u8;
            }
            if matches!(token.kind, Kind::Newline | Kind::Nl) && self.implicit_end && token.end >= self.text.len() {
                string.clear();
            }
        } else if token.kind == Kind::Newline {
            string.clear();
        }
        let start = token.col.map_or(pair_unknown(vm, token.line), |c| pair(token.line, self.column(token.line, c)));
        let mut end_col = token.end_col.unwrap_or(0);
        let real_end = matches!(token.kind, Kind::Newline | Kind::Nl) && !string.is_empty();
        if !self.extra && token.kind == Kind::Newline {
            end_col = token.col.unwrap_or(0);
        }
        let end = match token.end_col {
            Some(_) => {
                let wide = usize::from(self.windows && self.extra && real_end);
                pair(token.end_line, self.column(token.end_line, end_col) + wide)
            }
            None => pair_unknown(vm, token.end_line),
        };
        vm.tuple(vec![vm.int(i64::from(number)), vm.str(&string), start, end, vm.str(&line)])
    }
}

/// The place of a token that no text stands for.
fn pair_unknown(vm: &Vm, line: u32) -> Value {
    vm.tuple(vec![vm.int(i64::from(line)), vm.int(-1)])
}
