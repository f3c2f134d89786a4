//! The text of an uncaught exception, exactly as CPython prints it: tracebacks with source lines and carets, chained
//! exceptions, notes, groups, syntax errors.
//!
//! It must never raise: what goes wrong while it asks objects for text is shown as CPython shows it.

use super::anchors::{self, Anchors};
use super::{group, payload, suggest, syntax};
use crate::types::code::CodeObj;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use std::fmt::Write;

const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";
/// Equal entries of a traceback that are shown before the rest is counted.
const REPEATS: usize = 3;
const MAX_GROUP_WIDTH: usize = 15;
const MAX_GROUP_DEPTH: usize = 10;

/// One exception of the tree that is printed.
struct Node {
    exc: Value,
    cause: Option<usize>,
    context: Option<usize>,
    exceptions: Option<Vec<usize>>,
}

/// Where the output stands within exception groups.
#[derive(Default)]
struct Context {
    depth: usize,
    need_close: bool,
}

impl Context {
    fn indent(&self) -> String {
        " ".repeat(2 * self.depth)
    }

    fn emit(&self, out: &mut String, text: &str, margin: char) {
        if self.depth == 0 {
            out.push_str(text);
            return;
        }
        for line in text.split_inclusive('\n') {
            let _ = write!(out, "{}{margin} {line}", self.indent());
        }
    }
}

/// One entry of a traceback.
struct Entry {
    filename: String,
    name: String,
    line: Option<usize>,
    end_line: usize,
    cols: Option<(usize, usize)>,
    code: Option<Value>,
}

/// Text for output: lone surrogates as escapes.
pub(crate) fn printable(s: &Str) -> String {
    if let Some(text) = s.to_str() {
        return text.to_string();
    }
    let mut out = String::new();
    for c in s.chars() {
        match char::from_u32(c) {
            Some(c) => out.push(c),
            None => drop(write!(out, "\\u{c:04x}")),
        }
    }
    out
}

fn text_of(v: &Value) -> Option<String> {
    v.downcast::<Str>().map(printable)
}

impl Vm {
    /// An exception as the interpreter prints it when nobody caught it, with traceback and chain.
    pub fn format_exception(&self, exc: &Value) -> String {
        self.format_exception_chain(exc, true)
    }

    /// As [`Vm::format_exception`], optionally without causes and contexts.
    pub fn format_exception_chain(&self, exc: &Value, chain: bool) -> String {
        let saved = self.ts().save_pending();
        let nodes = tree(self, exc);
        let mut out = String::new();
        format_node(self, &nodes, 0, chain, &mut Context::default(), &mut out);
        self.ts().restore_pending(saved);
        out
    }

    /// An exception as the report of one that nobody can receive shows it: source lines without carets, no chain.
    pub fn format_unraisable(&self, exc: &Value) -> String {
        let saved = self.ts().save_pending();
        let mut out = String::new();
        let tb = payload(exc).traceback.get_or_none();
        if !tb.is_none() {
            out.push_str("Traceback (most recent call last):\n");
            let mut list = entries(self, &tb);
            list.iter_mut().for_each(|e| e.cols = None);
            write_entries(self, list, &mut out);
        }
        let text = safe_str(self, exc, "exception");
        let _ = writeln!(out, "{}: {text}", class_name(self, self.type_of(exc)));
        self.ts().restore_pending(saved);
        out
    }

    /// The last lines: class, message and notes (for a syntax error, the source too).
    pub fn format_exception_only(&self, exc: &Value) -> String {
        let saved = self.ts().save_pending();
        let text = exception_only(self, exc);
        self.ts().restore_pending(saved);
        text
    }

    /// The entries of a traceback (or none), as `traceback.print_tb` shows them.
    pub fn format_traceback(&self, tb: &Value) -> String {
        self.with_pending_saved(|vm| Ok(stack(vm, tb))).unwrap_or_default()
    }
}

/// The exceptions to print: the first is `exc`.
fn tree(vm: &Vm, exc: &Value) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut seen = hashbrown::HashSet::new();
    let add = |nodes: &mut Vec<Node>, seen: &mut hashbrown::HashSet<u64>, exc: Value| {
        seen.insert(exc.bits());
        nodes.push(Node { exc, cause: None, context: None, exceptions: None });
        nodes.len() - 1
    };
    add(&mut nodes, &mut seen, exc.clone());
    let mut queue = vec![0];
    while let Some(at) = queue.pop() {
        let exc = nodes[at].exc.clone();
        let e = payload(&exc);
        let cause = e.cause.get().filter(|c| !seen.contains(&c.bits())).map(|c| add(&mut nodes, &mut seen, c));
        let context = e.context.get().filter(|c| !seen.contains(&c.bits())).map(|c| add(&mut nodes, &mut seen, c));
        let exceptions: Option<Vec<usize>> = group::is_group(vm, &exc)
            .then(|| group::exceptions(&exc).into_iter().map(|e| add(&mut nodes, &mut seen, e)).collect());
        queue.extend(cause);
        queue.extend(context);
        queue.extend(exceptions.iter().flatten());
        nodes[at].cause = cause;
        nodes[at].context = context;
        nodes[at].exceptions = exceptions;
    }
    nodes
}

fn format_node(vm: &Vm, nodes: &[Node], first: usize, chain: bool, ctx: &mut Context, out: &mut String) {
    let mut list: Vec<(Option<&str>, usize)> = Vec::new();
    let mut at = Some(first);
    while let Some(i) = at {
        let node = &nodes[i];
        let (message, next) = match (node.cause, node.context) {
            (Some(cause), _) if chain => (Some(CAUSE), Some(cause)),
            (None, Some(context)) if chain && !payload(&node.exc).suppress_context.get() => {
                (Some(CONTEXT), Some(context))
            }
            _ => (None, None),
        };
        list.push((message, i));
        at = next;
    }
    for (message, i) in list.into_iter().rev() {
        if let Some(message) = message {
            ctx.emit(out, message, '|');
        }
        let node = &nodes[i];
        let tb = payload(&node.exc).traceback.get_or_none();
        match &node.exceptions {
            None => {
                if !tb.is_none() {
                    ctx.emit(out, "Traceback (most recent call last):\n", '|');
                    ctx.emit(out, &stack(vm, &tb), '|');
                }
                ctx.emit(out, &exception_only(vm, &node.exc), '|');
            }
            Some(_) if ctx.depth > MAX_GROUP_DEPTH => {
                ctx.emit(out, &format!("... (max_group_depth is {MAX_GROUP_DEPTH})\n"), '|');
            }
            Some(inner) => format_group(vm, nodes, &node.exc, inner, chain, ctx, out),
        }
    }
}

fn format_group(
    vm: &Vm,
    nodes: &[Node],
    exc: &Value,
    inner: &[usize],
    chain: bool,
    ctx: &mut Context,
    out: &mut String,
) {
    let top = ctx.depth == 0;
    if top {
        ctx.depth = 1;
    }
    let tb = payload(exc).traceback.get_or_none();
    if !tb.is_none() {
        let margin = if top { '+' } else { '|' };
        ctx.emit(out, "Exception Group Traceback (most recent call last):\n", margin);
        ctx.emit(out, &stack(vm, &tb), '|');
    }
    ctx.emit(out, &exception_only(vm, exc), '|');
    let n = inner.len().min(MAX_GROUP_WIDTH + 1);
    ctx.need_close = false;
    for i in 0..n {
        let last = i == n - 1;
        if last {
            ctx.need_close = true;
        }
        let cut = i >= MAX_GROUP_WIDTH;
        let title = if cut { "...".to_string() } else { (i + 1).to_string() };
        let start = if i == 0 { "+-" } else { "  " };
        let _ = writeln!(out, "{}{start}+---------------- {title} ----------------", ctx.indent());
        ctx.depth += 1;
        if cut {
            let more = inner.len() - MAX_GROUP_WIDTH;
            let s = if more > 1 { "s" } else { "" };
            ctx.emit(out, &format!("and {more} more exception{s}\n"), '|');
        } else {
            format_node(vm, nodes, inner[i], chain, ctx, out);
        }
        if last && ctx.need_close {
            let _ = writeln!(out, "{}+------------------------------------", ctx.indent());
            ctx.need_close = false;
        }
        ctx.depth -= 1;
    }
    if top {
        ctx.depth = 0;
    }
}

/// The class's name with its module, unless that is `builtins` or `__main__`.
pub(crate) fn class_name(vm: &Vm, ty: &TypeObj) -> String {
    let class = ty.value();
    let qualname = vm
        .with_pending_saved(|vm| vm.getattr(&class, &vm.names().__qualname__))
        .and_then(|q| text_of(&q))
        .unwrap_or_else(|| ty.name().to_string());
    let module = vm.with_pending_saved(|vm| vm.getattr(&class, &vm.names().__module__)).and_then(|m| text_of(&m));
    match module.as_deref() {
        Some("builtins" | "__main__") => qualname,
        Some(module) => format!("{module}.{qualname}"),
        None => format!("<unknown>.{qualname}"),
    }
}

/// `str(v)`, or a remark that it failed.
fn safe_str(vm: &Vm, v: &Value, what: &str) -> String {
    let text = vm.with_pending_saved(|vm| vm.str_of(v)).and_then(|s| text_of(&s));
    text.unwrap_or_else(|| format!("<{what} str() failed>"))
}

fn exception_only(vm: &Vm, exc: &Value) -> String {
    let ty = vm.type_of(exc);
    let class = class_name(vm, ty);
    let mut out = String::new();
    if ty.is_subtype(vm.types().SyntaxError) {
        syntax_error(vm, exc, &class, &mut out);
    } else {
        let text = safe_str(vm, exc, "exception") + &suggest::hint(vm, exc);
        if text.is_empty() {
            let _ = writeln!(out, "{class}");
        } else {
            let _ = writeln!(out, "{class}: {text}");
        }
    }
    notes(vm, exc, &mut out);
    out
}

fn notes(vm: &Vm, exc: &Value, out: &mut String) {
    let notes = match vm.getattr_opt(exc, &vm.names().__notes__) {
        Ok(Some(notes)) if !notes.is_none() => notes,
        Ok(_) => return,
        Err(_) => {
            let e = vm.take_raised();
            let shown = vm.with_pending_saved(|vm| vm.repr_string(&e));
            let shown = shown.unwrap_or_else(|| "<__notes__ repr() failed>".to_string());
            let _ = writeln!(out, "Ignored error getting __notes__: {shown}");
            return;
        }
    };
    let items = match (notes.downcast::<List>(), notes.downcast::<Tuple>()) {
        (Some(list), _) => list.to_vec(),
        (_, Some(tuple)) => tuple.as_slice().to_vec(),
        _ => {
            let shown = vm.with_pending_saved(|vm| vm.repr_string(&notes));
            let _ = writeln!(out, "{}", shown.unwrap_or_else(|| "<__notes__ repr() failed>".to_string()));
            return;
        }
    };
    for note in items {
        let text = safe_str(vm, &note, "note");
        for line in text.split('\n') {
            let _ = writeln!(out, "{line}");
        }
    }
}

fn syntax_error(vm: &Vm, exc: &Value, class: &str, out: &mut String) {
    let e = payload(exc);
    let field = |i| e.field(i).filter(|v| !v.is_none());
    let filename = field(syntax::FILENAME);
    let mut suffix = String::new();
    match (field(syntax::LINENO), &filename) {
        (Some(line), _) => {
            let shown = filename.as_ref().map(|f| safe_str(vm, f, "filename")).filter(|f| !f.is_empty());
            let shown = shown.unwrap_or_else(|| "<string>".to_string());
            let _ = writeln!(out, "  File \"{shown}\", line {}", safe_str(vm, &line, "lineno"));
        }
        (None, Some(filename)) => suffix = format!(" ({})", safe_str(vm, filename, "filename")),
        (None, None) => {}
    }
    if let Some(text) = field(syntax::TEXT).and_then(|t| text_of(&t)) {
        syntax_source(vm, exc, &text, out);
    }
    let message = e.field_or_none(syntax::MSG);
    let message = match vm.with_pending_saved(|vm| vm.truthy(&message)) {
        Some(true) => safe_str(vm, &message, "msg"),
        _ => "<no detail available>".to_string(),
    };
    let _ = writeln!(out, "{class}: {message}{suffix}");
}

/// The source line of a syntax error with its carets.
fn syntax_source(vm: &Vm, exc: &Value, text: &str, out: &mut String) {
    let e = payload(exc);
    let right: Vec<char> = text.trim_end_matches('\n').chars().collect();
    let spaces = right.iter().take_while(|c| [' ', '\n', '\x0c'].contains(c)).count();
    let left = &right[spaces..];
    let shown: String = left.iter().collect();
    let int = |i| e.field(i).and_then(|v: Value| v.as_small_int());
    let Some(mut offset) = int(syntax::OFFSET) else {
        if e.field(syntax::OFFSET).is_none_or(|v| v.is_none()) {
            let _ = writeln!(out, "    {shown}");
        }
        return;
    };
    let same_line = {
        let line = |i| vm.with_pending_saved(|vm| vm.str_string(&e.field_or_none(i)));
        line(syntax::LINENO) == line(syntax::END_LINENO)
    };
    let whole = right.len() as i64 + 1;
    let n_chars = text.chars().count() as i64;
    let mut end = if same_line { int(syntax::END_OFFSET).filter(|n| *n != 0).unwrap_or(offset) } else { whole };
    if n_chars > 0 && offset > n_chars {
        offset = whole;
    }
    if n_chars > 0 && end > n_chars {
        end = whole;
    }
    if offset >= end || end < 0 {
        end = offset + 1;
    }
    let (col, end_col) = (offset - 1 - spaces as i64, end - 1 - spaces as i64);
    let _ = writeln!(out, "    {shown}");
    if col >= 0 {
        let space: String = left.iter().take(col as usize).map(|c| if c.is_whitespace() { *c } else { ' ' }).collect();
        let _ = writeln!(out, "    {space}{}", "^".repeat((end_col - col).max(0) as usize));
    }
}

/// The entries of a traceback, repeated ones folded.
fn stack(vm: &Vm, tb: &Value) -> String {
    let mut out = String::new();
    write_entries(vm, entries(vm, tb), &mut out);
    out
}

fn write_entries(vm: &Vm, mut list: Vec<Entry>, out: &mut String) {
    if let Some(limit) = traceback_limit(vm) {
        let n = list.len();
        list.drain(..n.saturating_sub(limit));
    }
    let mut count = 0;
    let folded = |count: usize, out: &mut String| {
        if count > REPEATS {
            let more = count - REPEATS;
            let s = if more > 1 { "s" } else { "" };
            let _ = writeln!(out, "  [Previous line repeated {more} more time{s}]");
        }
    };
    for (i, e) in list.iter().enumerate() {
        let same = i > 0 && {
            let last = &list[i - 1];
            last.filename == e.filename && last.line.is_some() && last.line == e.line && last.name == e.name
        };
        if !same {
            folded(count, out);
            count = 0;
        }
        count += 1;
        if count <= REPEATS {
            format_entry(vm, e, out);
        }
    }
    folded(count, out);
}

/// `sys.tracebacklimit`.
fn traceback_limit(vm: &Vm) -> Option<usize> {
    let dict = vm.sys_dict_if_made()?;
    let limit = dict.downcast::<crate::types::dict::Dict>()?.get_name(vm, "tracebacklimit")?;
    limit.as_small_int().map(|n| n.max(0) as usize)
}

fn entries(vm: &Vm, tb: &Value) -> Vec<Entry> {
    let mut list = Vec::new();
    let mut at = tb.clone();
    while !at.is_none() {
        let entry = vm.with_pending_saved(|vm| {
            let n = vm.names();
            let code = vm.getattr_str(&vm.getattr(&at, &n.tb_frame)?, "f_code")?;
            let lasti = vm.getattr_str(&at, "tb_lasti")?.as_small_int().unwrap_or(-1);
            let filename = text_of(&vm.getattr_str(&code, "co_filename")?).unwrap_or_default();
            let name = text_of(&vm.getattr_str(&code, "co_name")?).unwrap_or_default();
            let line = vm.getattr(&at, &n.tb_lineno)?.as_small_int().map(|l| l as usize);
            let mut entry = Entry { filename, name, line, end_line: line.unwrap_or(0), cols: None, code: None };
            if let (Some(c), true) = (code.downcast::<CodeObj>(), lasti >= 0) {
                entry.code = Some(code.clone());
                let loc = c.code().locations.get(crate::types::code::at_offset(lasti as usize) as u32);
                if loc.line > 0 {
                    entry.line = Some(loc.line as usize);
                    entry.end_line = (loc.end_line as usize).max(loc.line as usize);
                    let known = loc.end_col > 0 || loc.end_line > loc.line;
                    entry.cols = known.then_some((loc.col as usize, loc.end_col as usize));
                }
            }
            Ok((entry, vm.getattr(&at, &n.tb_next)?))
        });
        let Some((entry, next)) = entry else { break };
        list.push(entry);
        at = next;
    }
    list
}

/// Columns that `n` characters take on a terminal.
fn width(line: &[char], n: usize) -> usize {
    let n = n.min(line.len());
    line[..n].iter().map(|c| if is_wide(*c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(c as u32,
        0x1100..=0x115f | 0x231a..=0x231b | 0x2329..=0x232a | 0x23e9..=0x23ec | 0x23f0 | 0x23f3 | 0x25fd..=0x25fe
        | 0x2614..=0x2615 | 0x2648..=0x2653 | 0x267f | 0x2693 | 0x26a1 | 0x26aa..=0x26ab | 0x26bd..=0x26be
        | 0x26c4..=0x26c5 | 0x26ce | 0x26d4 | 0x26ea | 0x26f2..=0x26f3 | 0x26f5 | 0x26fa | 0x26fd | 0x2705
        | 0x270a..=0x270b | 0x2728 | 0x274c | 0x274e | 0x2753..=0x2755 | 0x2757 | 0x2795..=0x2797 | 0x27b0 | 0x27bf
        | 0x2b1b..=0x2b1c | 0x2b50 | 0x2b55 | 0x2e80..=0x303e | 0x3041..=0x33ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xa000..=0xa4cf | 0xa960..=0xa97f | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe10..=0xfe19 | 0xfe30..=0xfe6f
        | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x16fe0..=0x18d08 | 0x1aff0..=0x1b2fb | 0x1f004 | 0x1f0cf | 0x1f18e
        | 0x1f191..=0x1f19a | 0x1f200..=0x1f320 | 0x1f32d..=0x1f335 | 0x1f337..=0x1f37c | 0x1f37e..=0x1f393
        | 0x1f3a0..=0x1f3ca | 0x1f3cf..=0x1f3d3 | 0x1f3e0..=0x1f3f0 | 0x1f3f4 | 0x1f3f8..=0x1f43e | 0x1f440
        | 0x1f442..=0x1f4fc | 0x1f4ff..=0x1f53d | 0x1f54b..=0x1f54e | 0x1f550..=0x1f567 | 0x1f57a
        | 0x1f595..=0x1f596 | 0x1f5a4 | 0x1f5fb..=0x1f64f | 0x1f680..=0x1f6c5 | 0x1f6cc | 0x1f6d0..=0x1f6d2
        | 0x1f6d5..=0x1f6d7 | 0x1f6dc..=0x1f6df | 0x1f6eb..=0x1f6ec | 0x1f6f4..=0x1f6fc | 0x1f7e0..=0x1f7eb | 0x1f7f0
        | 0x1f90c..=0x1f93a | 0x1f93c..=0x1f945 | 0x1f947..=0x1f9ff | 0x1fa70..=0x1faff | 0x20000..=0x3fffd)
}

fn format_entry(vm: &Vm, e: &Entry, out: &mut String) {
    let line = e.line.map_or("None".to_string(), |l| l.to_string());
    // Each statement at the prompt is a file of its own.
    let at_prompt = e.filename.starts_with("<stdin-") && e.filename.ends_with('>');
    let filename = if at_prompt { "<stdin>" } else { &e.filename };
    let _ = writeln!(out, "  File \"{filename}\", line {line}, in {}", e.name);
    let Some(first) = e.line else { return };
    let hooks = vm.hooks();
    let code = e.code.as_ref().and_then(|c| c.downcast::<CodeObj>()).map(CodeObj::code);
    let source = |n: usize| {
        let line = code.and_then(|c| hooks.code_line(vm, c, n)).or_else(|| hooks.source_line(vm, &e.filename, n));
        line.unwrap_or_default().trim_end().to_string()
    };
    let lines: Vec<String> = (first..=e.end_line.min(first + 5000)).map(source).collect();
    if lines.iter().all(|l| l.trim().is_empty()) {
        return;
    }
    let Some((col, end_col)) = e.cols else {
        let _ = writeln!(out, "    {}", lines[0].trim());
        return;
    };
    let dedent = common_indent(&lines);
    let offset = |line: &str, bytes: usize| {
        let at = (0..=bytes.min(line.len())).rev().find(|i| line.is_char_boundary(*i)).unwrap_or(0);
        line[..at].chars().count().saturating_sub(dedent)
    };
    let (start, end) = (offset(&lines[0], col), offset(lines.last().map_or("", |l| l), end_col));
    let chars: Vec<Vec<char>> = lines.iter().map(|l| l.chars().skip(dedent).collect()).collect();
    Carets::new(chars, start, end).write(out);
}

/// White space that all lines that are not blank begin with, in characters.
fn common_indent(lines: &[String]) -> usize {
    let mut common: Option<&str> = None;
    for line in lines.iter().filter(|l| !l.trim().is_empty()) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        common = Some(match common {
            None => indent,
            Some(c) => {
                let same = c.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
                &c[..same]
            }
        });
    }
    common.map_or(0, str::len)
}

/// The source lines of an entry, and what of them is marked.
struct Carets {
    lines: Vec<Vec<char>>,
    start: usize,
    end: usize,
    anchors: Option<Anchors>,
    shown: bool,
}

impl Carets {
    fn new(lines: Vec<Vec<char>>, start: usize, end: usize) -> Carets {
        let last = lines.len() - 1;
        let end = end.min(lines[last].len());
        let start = start.min(lines[0].len());
        let mut segment = String::new();
        for (i, line) in lines.iter().enumerate() {
            let from = if i == 0 { start } else { 0 };
            let to = if i == last { end.max(from) } else { line.len() };
            segment.extend(&line[from..to]);
            if i != last {
                segment.push('\n');
            }
        }
        let anchors = anchors::anchors(&segment);
        let before: String = lines[0][..start].iter().collect();
        let after: String = lines[last][end..].iter().collect();
        let bare = before.trim().is_empty() && after.trim().is_empty();
        let closed = after.trim().is_empty() || after.trim_start().starts_with(['#', ';']);
        let shown = !(closed && anchors::spans_statement(&before, &segment)) && (anchors.is_some() || !bare);
        Carets { lines, start, end, anchors, shown }
    }

    fn write(&self, out: &mut String) {
        let last = self.lines.len() - 1;
        let mut important = vec![0, last];
        if let Some(a) = &self.anchors {
            for line in [a.left_line, a.right_line] {
                important.extend(line.saturating_sub(1)..=(line + 1).min(last));
            }
        }
        important.sort_unstable();
        important.dedup();
        let mut rows: Vec<String> = Vec::new();
        for (i, line) in important.iter().enumerate() {
            if i > 0 {
                match line - important[i - 1] {
                    2 => self.write_line(line - 1, &mut rows),
                    n if n > 2 => rows.push(format!("...<{} lines>...", n - 1)),
                    _ => {}
                }
            }
            self.write_line(*line, &mut rows);
        }
        let dedent = common_indent(&rows);
        for row in rows {
            let row: String = row.chars().skip(dedent).collect();
            // A row of white space only is emptied, as `textwrap.dedent` does.
            let _ = writeln!(out, "    {}", if row.trim().is_empty() { "" } else { &row });
        }
    }

    fn write_line(&self, i: usize, rows: &mut Vec<String>) {
        let line = &self.lines[i];
        rows.push(line.iter().collect());
        if !self.shown {
            return;
        }
        let indent = line.iter().take_while(|c| c.is_whitespace()).count();
        let last = i == self.lines.len() - 1;
        let n = if last { width(line, self.end) } else { width(line, line.len()) };
        let from = width(&self.lines[0], self.start);
        let at = |anchor_line: usize, col: usize| {
            let col = if anchor_line == 0 { col + self.start } else { col };
            width(&self.lines[anchor_line], col)
        };
        let row = (0..n).map(|col| {
            if col < indent || (i == 0 && col < from) {
                return ' ';
            }
            match &self.anchors {
                None => '^',
                Some(a) => {
                    let right_of = i > a.left_line || (i == a.left_line && col >= at(a.left_line, a.left_col));
                    let left_of = i < a.right_line || (i == a.right_line && col < at(a.right_line, a.right_col));
                    if right_of && left_of { '^' } else { '~' }
                }
            }
        });
        rows.push(row.collect());
    }
}
