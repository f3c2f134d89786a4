//! Where the carets go: which part of a source expression is the operator, the subscript or the call.
//!
//! The segment is what one instruction covers, so it is one expression (or no expression at all). Its tokens at bracket
//! depth zero decide: a binary operator of the loosest binding, else a trailing subscript or call. It knows no values.

/// The part of the segment that is marked `^`, the rest being marked `~`; lines and columns (characters) of the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Anchors {
    pub(super) left_line: usize,
    pub(super) left_col: usize,
    pub(super) right_line: usize,
    pub(super) right_col: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Name,
    Keyword,
    Atom,
    Op,
    Open,
    Close,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    text: String,
    line: usize,
    col: usize,
    end_line: usize,
    end_col: usize,
    /// Bracket depth outside of it (brackets themselves: of what they stand in).
    depth: usize,
}

const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
    "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
    "return", "try", "while", "with", "yield",
];

const LONG_OPS: &[&str] = &[
    "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", "+=", "-=", "*=", "/=",
    "%=", "&=", "|=", "^=", "@=", ":=",
];

/// The tokens of a segment, or `None` if a string or bracket is not closed.
fn tokens(lines: &[Vec<char>]) -> Option<Vec<Token>> {
    let mut out: Vec<Token> = Vec::new();
    let (mut line, mut col, mut depth) = (0, 0, 0usize);
    while line < lines.len() {
        let chars = &lines[line];
        if col >= chars.len() {
            line += 1;
            col = 0;
            continue;
        }
        let c = chars[col];
        if c.is_whitespace() || c == '\\' {
            col += 1;
            continue;
        }
        if c == '#' {
            col = chars.len();
            continue;
        }
        let start = (line, col);
        let (kind, text);
        if c.is_alphabetic() || c == '_' || !c.is_ascii() {
            let mut end = col;
            while end < chars.len() && (chars[end].is_alphanumeric() || chars[end] == '_' || !chars[end].is_ascii()) {
                end += 1;
            }
            let word: String = chars[col..end].iter().collect();
            col = end;
            let prefix = word.len() <= 2 && word.chars().all(|c| "rRbBuUfFtT".contains(c));
            if prefix && col < chars.len() && (chars[col] == '"' || chars[col] == '\'') {
                (line, col) = string_end(lines, line, col)?;
                (kind, text) = (Kind::Atom, String::new());
            } else if ["True", "False", "None"].contains(&word.as_str()) {
                (kind, text) = (Kind::Atom, word);
            } else if KEYWORDS.contains(&word.as_str()) {
                (kind, text) = (Kind::Keyword, word);
            } else {
                (kind, text) = (Kind::Name, word);
            }
        } else if c == '"' || c == '\'' {
            (line, col) = string_end(lines, line, col)?;
            (kind, text) = (Kind::Atom, String::new());
        } else if c.is_ascii_digit() || (c == '.' && chars.get(col + 1).is_some_and(char::is_ascii_digit)) {
            col = number_end(chars, col);
            (kind, text) = (Kind::Atom, String::new());
        } else if "([{".contains(c) {
            col += 1;
            (kind, text) = (Kind::Open, c.to_string());
        } else if ")]}".contains(c) {
            col += 1;
            depth = depth.checked_sub(1)?;
            (kind, text) = (Kind::Close, c.to_string());
        } else {
            let rest: String = chars[col..chars.len().min(col + 3)].iter().collect();
            let op = LONG_OPS.iter().find(|op| rest.starts_with(**op)).map_or(c.to_string(), |op| op.to_string());
            col += op.chars().count();
            kind = if op == "..." { Kind::Atom } else { Kind::Op };
            text = op;
        }
        let token = Token { kind, text, line: start.0, col: start.1, end_line: line, end_col: col, depth };
        if kind == Kind::Open {
            depth += 1;
        }
        out.push(token);
    }
    if depth == 0 { Some(out) } else { None }
}

fn number_end(chars: &[char], mut col: usize) -> usize {
    while col < chars.len() {
        let c = chars[col];
        let exponent_sign = (c == '+' || c == '-') && matches!(chars[col - 1], 'e' | 'E');
        if !(c.is_alphanumeric() || c == '_' || c == '.' || exponent_sign) {
            break;
        }
        col += 1;
    }
    col
}

/// Behind the string literal whose opening quote is at `(line, col)`.
fn string_end(lines: &[Vec<char>], mut line: usize, mut col: usize) -> Option<(usize, usize)> {
    let quote = lines[line][col];
    let triple = lines[line][col..].starts_with(&[quote; 3]);
    col += if triple { 3 } else { 1 };
    loop {
        let chars = lines.get(line)?;
        if col >= chars.len() {
            if !triple && chars.last() != Some(&'\\') {
                return None;
            }
            line += 1;
            col = 0;
            continue;
        }
        if chars[col] == '\\' {
            col += 2;
        } else if chars[col] == quote && !triple {
            return Some((line, col + 1));
        } else if chars[col..].starts_with(&[quote; 3]) && triple {
            return Some((line, col + 3));
        } else {
            col += 1;
        }
    }
}

/// How loosely a binary operator binds (0: the loosest), or `None` if it is none.
fn looseness(op: &str) -> Option<u8> {
    Some(match op {
        "|" => 0,
        "^" => 1,
        "&" => 2,
        "<<" | ">>" => 3,
        "+" | "-" => 4,
        "*" | "/" | "//" | "%" | "@" => 5,
        "**" => 7,
        _ => return None,
    })
}

const UNARY: u8 = 6;

/// What an expression is, as far as carets are concerned.
#[derive(Debug, PartialEq, Eq)]
enum Shape {
    /// The index of the operator's token.
    Binary(usize),
    /// The index of the opening bracket's token.
    Subscript(usize),
    Call(usize),
    Other,
}

fn ends_operand(t: &Token) -> bool {
    matches!(t.kind, Kind::Name | Kind::Atom | Kind::Close)
}

fn shape(tokens: &[Token]) -> Shape {
    let mut best: Option<(u8, usize)> = None;
    let mut unary_seen: Option<u8> = None;
    for (i, t) in tokens.iter().enumerate().filter(|(_, t)| t.depth == 0) {
        match t.kind {
            Kind::Keyword if t.text == "await" && best.is_none() && unary_seen.is_none() => {
                unary_seen = Some(8);
            }
            Kind::Keyword => return Shape::Other,
            Kind::Op if t.text == "." => {}
            Kind::Op if i > 0 && ends_operand(&tokens[i - 1]) => {
                let Some(loose) = looseness(&t.text) else { return Shape::Other };
                // Left-associative: the last of the loosest; `**`: the first.
                if best.is_none_or(|(b, _)| loose < b || (loose == b && t.text != "**")) {
                    best = Some((loose, i));
                }
            }
            Kind::Op if ["+", "-", "~"].contains(&t.text.as_str()) && i == 0 => {
                unary_seen = Some(UNARY);
            }
            Kind::Op => return Shape::Other,
            _ => {}
        }
    }
    match (best, unary_seen) {
        (Some((loose, i)), Some(unary)) if loose < unary => return Shape::Binary(i),
        (Some((_, i)), None) => return Shape::Binary(i),
        (_, Some(_)) => return Shape::Other,
        (None, None) => {}
    }
    let Some(last) = tokens.last().filter(|t| t.kind == Kind::Close && t.depth == 0) else { return Shape::Other };
    let Some(open) = tokens.iter().rposition(|t| t.kind == Kind::Open && t.depth == 0) else { return Shape::Other };
    if open == 0 || !ends_operand(&tokens[open - 1]) {
        return Shape::Other;
    }
    match last.text.as_str() {
        ")" => Shape::Call(open),
        "]" => Shape::Subscript(open),
        _ => Shape::Other,
    }
}

fn split(segment: &str) -> Vec<Vec<char>> {
    segment.split('\n').map(|l| l.chars().collect()).collect()
}

/// The anchors of a segment, if it is a binary operation, a subscript or a call.
pub(super) fn anchors(segment: &str) -> Option<Anchors> {
    let lines = split(segment);
    let tokens = tokens(&lines)?;
    match shape(&tokens) {
        Shape::Binary(i) => {
            let op = &tokens[i];
            let mut right_col = op.end_col;
            // CPython takes a parenthesis that touches a one-character operator for its second character.
            if op.text.len() == 1
                && let Some(next) = tokens.get(i + 1)
                && next.text == "("
                && (next.line, next.col) == (op.line, op.end_col)
                && parenthesized(&tokens[i + 1..])
            {
                right_col += 1;
            }
            Some(Anchors { left_line: op.line, left_col: op.col, right_line: op.line, right_col })
        }
        Shape::Subscript(i) | Shape::Call(i) => {
            let (open, last) = (&tokens[i], tokens.last()?);
            Some(Anchors {
                left_line: open.line,
                left_col: open.col,
                right_line: last.end_line,
                right_col: last.end_col,
            })
        }
        Shape::Other => None,
    }
}

/// Whether the tokens begin with a parenthesised expression (not a tuple nor a generator) that a binary operand ends with.
fn parenthesized(tokens: &[Token]) -> bool {
    let depth = tokens[0].depth;
    let Some(close) = tokens.iter().position(|t| t.kind == Kind::Close && t.depth == depth) else { return false };
    let inner = &tokens[1..close];
    let plain = !inner.is_empty() && !inner.iter().any(|t| t.depth == depth + 1 && (t.text == "," || t.text == "for"));
    plain && tokens.get(close + 1).is_none_or(|t| t.kind == Kind::Op && t.text != ".")
}

/// Whether carets would mark just what the line says: `return name(...)` or `name = f(...)` with the whole call marked.
/// `before` is the text of the first line in front of the segment.
pub(super) fn spans_statement(before: &str, segment: &str) -> bool {
    let before = before.trim();
    let lines = split(segment);
    let Some(tokens) = tokens(&lines) else { return false };
    let Shape::Call(open) = shape(&tokens) else { return false };
    if before == "return" {
        return open == 1 && tokens[0].kind == Kind::Name;
    }
    let Some(target) = before.strip_suffix('=') else { return false };
    let target = target.trim();
    !target.is_empty()
        && target.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !target.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(segment: &str) -> Option<(usize, usize, usize, usize)> {
        anchors(segment).map(|a| (a.left_line, a.left_col, a.right_line, a.right_col))
    }

    #[test]
    fn operators() {
        assert_eq!(marked("(a+2) / (b  *  3)"), Some((0, 6, 0, 7)));
        assert_eq!(marked("a + b * c"), Some((0, 2, 0, 3)));
        assert_eq!(marked("a - b - c"), Some((0, 6, 0, 7)));
        assert_eq!(marked("a ** b ** c"), Some((0, 2, 0, 4)));
        assert_eq!(marked("-a + b"), Some((0, 3, 0, 4)));
        assert_eq!(marked("-a ** b"), None);
        assert_eq!(marked("a+(b)"), Some((0, 1, 0, 3)));
        assert_eq!(marked("a+(b).c"), Some((0, 1, 0, 2)));
        assert_eq!(marked("1 +\n  'a' + f(\n  3)"), Some((1, 6, 1, 7)));
        assert_eq!(marked("a < b"), None);
        assert_eq!(marked("a and b + c"), None);
    }

    #[test]
    fn brackets() {
        assert_eq!(marked("x[0][1][2]"), Some((0, 7, 0, 10)));
        assert_eq!(marked("f(a, b)(c)"), Some((0, 7, 0, 10)));
        assert_eq!(marked("f('(' \")\")"), Some((0, 1, 0, 10)));
        assert_eq!(marked("[1, 2]"), None);
        assert_eq!(marked("(1, 2)"), None);
        assert_eq!(marked("a.b"), None);
        assert_eq!(marked("raise f(x)"), None);
        assert_eq!(marked("x = f(x)"), None);
        assert_eq!(marked("f("), None);
    }

    #[test]
    fn statements() {
        assert!(spans_statement("return ", "foo(1)"));
        assert!(!spans_statement("return ", "a.foo(1)"));
        assert!(spans_statement("x = ", "a.foo(1)"));
        assert!(!spans_statement("x.y = ", "foo(1)"));
        assert!(!spans_statement("return ", "1 + foo(1)"));
    }
}
