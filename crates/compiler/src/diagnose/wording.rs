//! From ruff's errors to CPython's.

use super::targets;
use super::tokens::Tokens;
use super::{End, Finding};
use crate::source::Source;
use ruff_python_ast::Expr;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType};
use ruff_text_size::{TextRange, TextSize};

/// The error in CPython's words.
pub(super) fn translate(source: &Source, tokens: &Tokens, error: &ParseError) -> Finding {
    use ParseErrorType as E;
    let range = error.location;
    let at = tokens.index_at(range.start());
    let exactly = |message: &str| Finding::syntax(range, message);
    match &error.error {
        E::InvalidAssignmentTarget => assignment_target(source, tokens, range),
        E::InvalidAugmentedAssignmentTarget => match targets::expression(source.text, range) {
            Some(e) => exactly(&format!("'{}' is an illegal expression for augmented assignment", targets::name(&e))),
            None => generic(source, tokens, at),
        },
        E::InvalidAnnotatedAssignmentTarget => exactly("illegal target for annotation"),
        E::InvalidDeleteTarget => match targets::expression(source.text, range) {
            Some(e) => {
                let bad = targets::invalid(&e, true).unwrap_or(&e);
                Finding::syntax(targets::range(bad), format!("cannot delete {}", targets::name(bad)))
            }
            None if source.slice(range).starts_with('*') => exactly("cannot delete starred"),
            None => generic(source, tokens, at),
        },
        E::InvalidNamedAssignmentTarget => match targets::expression(source.text, range) {
            Some(e) => exactly(&format!("cannot use assignment expressions with {}", targets::name(&e))),
            None => generic(source, tokens, at),
        },
        E::UnparenthesizedGeneratorExpression => exactly("Generator expression must be parenthesized"),
        E::NonDefaultParamAfterDefaultParam => exactly("parameter without a default follows parameter with a default"),
        E::ParamAfterVarKeywordParam => exactly("arguments cannot follow var-keyword argument"),
        E::ExpectedKeywordParam => exactly("named arguments must follow bare *"),
        E::VarParameterWithDefault => exactly("var-positional argument cannot have default value"),
        E::PositionalAfterKeywordArgument => {
            after_arguments(tokens, at, "positional argument follows keyword argument")
        }
        E::PositionalAfterKeywordUnpacking => {
            after_arguments(tokens, at, "positional argument follows keyword argument unpacking")
        }
        E::InvalidArgumentUnpackingOrder => {
            let finding = exactly("iterable argument unpacking follows keyword argument unpacking");
            let start = tokens.get(at.saturating_sub(1)).map_or(range.start(), |t| t.range.start());
            Finding { range: TextRange::new(start.min(range.start()), range.end()), ..finding }
        }
        E::IterableUnpackingInComprehension => exactly("iterable unpacking cannot be used in comprehension"),
        E::InvalidStarredExpressionUsage => exactly("cannot use starred expression here"),
        E::UnexpectedIndentation => {
            let line = source.line_col(range.start()).0;
            let text = source.line_text(line);
            let width = (text.len() - text.trim_start().len()) as u32;
            let at = source.line_start(line) + TextSize::new(width.saturating_sub(1));
            Finding::indentation(TextRange::empty(at), "unexpected indent").with_end(End::MinusOne)
        }
        E::EmptyImportNames => {
            let finding = Finding::syntax(TextRange::empty(range.start()), "Expected one or more names after 'import'");
            match tokens.get(at).map(|t| t.kind) {
                Some(TokenKind::Newline | TokenKind::EndOfFile) => finding.with_end(End::Start),
                _ => generic(source, tokens, at),
            }
        }
        E::EmptyTypeParams => exactly("Type parameter list cannot be empty").with_end(End::Start),
        E::ExpectedExpression => expected_expression(source, tokens, at),
        E::SimpleStatementsOnSameLine => same_line(source, tokens, at),
        E::FStringError(e) => interpolation(source, tokens, at, e, range, "f"),
        E::TStringError(e) => interpolation(source, tokens, at, e, range, "t"),
        E::Lexical(LexicalErrorType::FStringError(e)) => interpolation(source, tokens, at, e, range, "f"),
        E::Lexical(LexicalErrorType::TStringError(e)) => interpolation(source, tokens, at, e, range, "t"),
        E::Lexical(LexicalErrorType::InvalidByteLiteral) => {
            let token = tokens.list.iter().find(|t| t.range.contains_range(range));
            let range = token.map_or(range, |t| t.range);
            Finding::syntax(range, "bytes can only contain ASCII literal characters")
        }
        E::Lexical(
            LexicalErrorType::UnicodeError
            | LexicalErrorType::MissingUnicodeLbrace
            | LexicalErrorType::MissingUnicodeRbrace,
        ) => escape_error(source, tokens, range),
        E::ExpectedToken { expected: TokenKind::Colon, found } => expected_colon(source, tokens, at, *found),
        E::OtherError(message) => other(source, tokens, at, range, message),
        _ => generic(source, tokens, at),
    }
}

/// "invalid syntax" at a token, or what CPython makes of the tokens there.
pub(super) fn generic(source: &Source, tokens: &Tokens, at: usize) -> Finding {
    if let Some(finding) = special(source, tokens, at) {
        return finding;
    }
    let Some(token) = tokens.get(at) else {
        return Finding::syntax(TextRange::empty(TextSize::new(source.text.len() as u32)), "invalid syntax");
    };
    match token.kind {
        TokenKind::Indent => {
            let last = token.range.end() - TextSize::new(1).min(token.range.len());
            Finding::indentation(TextRange::empty(last), "unexpected indent").with_end(End::MinusOne)
        }
        TokenKind::Newline | TokenKind::EndOfFile => {
            // The parser saw the newline; an implicit one at the end of the source has a length too.
            let start = token.range.start();
            let text = &source.text[..usize::from(start)];
            let start = if text.ends_with('\n') && token.kind == TokenKind::EndOfFile && at > 0 {
                tokens.list[at - 1].range.start()
            } else {
                start
            };
            let rest = &source.text[usize::from(start)..];
            let end = if rest.starts_with('\n') { TextSize::new(1) } else { TextSize::new(0) };
            Finding::syntax(TextRange::at(start, end), "invalid syntax")
        }
        _ => Finding::syntax(token.range, "invalid syntax"),
    }
}

/// Errors that CPython's parser has rules for.
fn special(source: &Source, tokens: &Tokens, at: usize) -> Option<Finding> {
    let token = tokens.get(at)?;
    let line = tokens.line_start(at);
    if let Some(legacy) = legacy_statement(tokens, line, at) {
        return Some(legacy);
    }
    if token.kind == TokenKind::Equal
        && let Some(finding) = stray_equals(source, tokens, at)
    {
        return Some(finding);
    }
    if tokens.text(at) == ">" && at > 0 && tokens.text(at - 1) == "<" {
        let range = TextRange::new(tokens.list[at - 1].range.start(), token.range.end());
        return Some(Finding::syntax(range, "invalid syntax.  Maybe you meant '!=' instead of '<>'?"));
    }
    forgotten_comma(source, tokens, at)
}

/// `print x` and `exec x`.
fn legacy_statement(tokens: &Tokens, line: usize, at: usize) -> Option<Finding> {
    let name = tokens.text(line);
    if at != line + 1 || !matches!(name, "print" | "exec") {
        return None;
    }
    if matches!(tokens.get(at)?.kind, TokenKind::Newline | TokenKind::EndOfFile | TokenKind::Equal) {
        return None;
    }
    let range = TextRange::new(tokens.list[line].range.start(), tokens.statement_end(at));
    Some(Finding::syntax(range, format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?")))
}

/// Where the piece of an expression that ends before token `at` begins, at its bracket depth.
fn piece_start(tokens: &Tokens, at: usize) -> usize {
    let depth = tokens.list[at].depth;
    let mut i = at;
    while i > 0 {
        let t = tokens.list[i - 1];
        let separates = t.depth == depth
            && matches!(
                t.kind,
                TokenKind::Comma
                    | TokenKind::Colon
                    | TokenKind::Equal
                    | TokenKind::Semi
                    | TokenKind::Newline
                    | TokenKind::Indent
                    | TokenKind::Dedent
                    | TokenKind::Lpar
                    | TokenKind::Lsqb
                    | TokenKind::Lbrace
                    | TokenKind::If
                    | TokenKind::Elif
                    | TokenKind::While
                    | TokenKind::Return
                    | TokenKind::In
                    | TokenKind::For
                    | TokenKind::Else
                    | TokenKind::DoubleStar
                    | TokenKind::Star
            );
        if separates || t.depth < depth {
            break;
        }
        i -= 1;
    }
    i
}

/// Where the piece of an expression that begins with token `at` ends.
fn piece_end(tokens: &Tokens, at: usize) -> usize {
    let depth = match tokens.list[at].kind {
        TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => tokens.list[at].depth - 1,
        _ => tokens.list[at].depth,
    };
    let mut i = at;
    while let Some(t) = tokens.get(i) {
        let ends = t.depth < depth
            || t.depth == depth
                && matches!(
                    t.kind,
                    TokenKind::Comma
                        | TokenKind::Colon
                        | TokenKind::Equal
                        | TokenKind::Semi
                        | TokenKind::Newline
                        | TokenKind::For
                        | TokenKind::Exclamation
                        | TokenKind::FStringEnd
                        | TokenKind::TStringEnd
                        | TokenKind::EndOfFile
                );
        if ends {
            break;
        }
        i += 1;
    }
    i
}

/// `if x = 1:` and the like.
fn stray_equals(source: &Source, tokens: &Tokens, at: usize) -> Option<Finding> {
    let start = piece_start(tokens, at);
    let end = piece_end(tokens, at + 1);
    if start == at || end <= at + 1 {
        return None;
    }
    let left = TextRange::new(tokens.list[start].range.start(), tokens.list[at - 1].range.end());
    let e = targets::expression(source.text, left)?;
    if matches!(e, Expr::Name(_)) {
        let right = TextRange::new(left.start(), tokens.list[end - 1].range.end());
        return Some(Finding::syntax(right, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"));
    }
    if matches!(e, Expr::List(_) | Expr::Tuple(_) | Expr::Generator(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_))
    {
        return None;
    }
    let message = format!("cannot assign to {} here. Maybe you meant '==' instead of '='?", targets::name(&e));
    Some(Finding::syntax(left, message))
}

/// Two expressions side by side inside brackets.
fn forgotten_comma(source: &Source, tokens: &Tokens, at: usize) -> Option<Finding> {
    let token = tokens.get(at)?;
    if at == 0 {
        return None;
    }
    let inside = tokens.list[at - 1].depth > 0;
    let starts = matches!(
        token.kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::None
            | TokenKind::True
            | TokenKind::False
            | TokenKind::Not
            | TokenKind::Lambda
            | TokenKind::Ellipsis
            | TokenKind::Match
            | TokenKind::Case
            | TokenKind::Type
    );
    if !inside || !starts {
        return None;
    }
    let start = piece_start(tokens, at);
    let end = piece_end(tokens, at);
    if start == at || end == at {
        return None;
    }
    // `name "text"` is a misspelt prefix.
    let previous = tokens.list[at - 1].kind;
    if start == at - 1
        && (previous == TokenKind::Name && token.kind == TokenKind::String
            || matches!(previous, TokenKind::Match | TokenKind::Case | TokenKind::Type))
    {
        return None;
    }
    let left = TextRange::new(tokens.list[start].range.start(), tokens.list[at - 1].range.end());
    let right = TextRange::new(token.range.start(), tokens.list[end - 1].range.end());
    targets::expression(source.text, left)?;
    targets::expression(source.text, right)?;
    let range = TextRange::new(left.start(), right.end());
    Some(Finding::syntax(range, "invalid syntax. Perhaps you forgot a comma?"))
}

/// Two statements on one line.
fn same_line(source: &Source, tokens: &Tokens, at: usize) -> Finding {
    generic(source, tokens, at)
}

fn after_arguments(tokens: &Tokens, at: usize, message: &str) -> Finding {
    // CPython points at the bracket that closes the call.
    let depth = tokens.get(at).map_or(0, |t| t.depth);
    let mut i = at;
    while tokens.get(i).is_some_and(|t| t.depth >= depth) {
        i += 1;
    }
    let range = tokens.get(i).or_else(|| tokens.get(at)).map_or(TextRange::default(), |t| t.range);
    Finding::syntax(range, message)
}

fn assignment_target(source: &Source, tokens: &Tokens, range: TextRange) -> Finding {
    let at = tokens.index_at(range.start());
    let Some(e) = targets::expression(source.text, range) else { return generic(source, tokens, at) };
    let bad = targets::invalid(&e, false).unwrap_or(&e);
    let name = targets::name(bad);
    let bad_range = targets::range(bad);
    if matches!(bad, Expr::Yield(_) | Expr::YieldFrom(_))
        && range == bad_range
        && !source.text[..usize::from(range.start())].ends_with('(')
    {
        return Finding::syntax(bad_range, "assignment to yield expression not possible");
    }
    let next = tokens.list.iter().find(|t| t.range.start() >= range.end() && t.kind != TokenKind::Rpar);
    let directly = next.is_some_and(|t| t.kind == TokenKind::Equal);
    let first = at > 0 && tokens.list[tokens.line_start(at)].range.start() <= range.start();
    let alone = bad_range == range || matches!(tokens.list.get(at), Some(t) if t.depth == 0);
    if directly && first && alone && targets::may_be_comparison(bad)
        || directly && at == 0 && targets::may_be_comparison(bad) && (alone || bad_range == range)
    {
        return Finding::syntax(
            bad_range,
            format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?"),
        );
    }
    Finding::syntax(bad_range, format!("cannot assign to {name}"))
}

fn expected_colon(source: &Source, tokens: &Tokens, at: usize, found: TokenKind) -> Finding {
    let line = tokens.line_start(at);
    let keyword = tokens.text(line);
    let forced = matches!(keyword, "def" | "try" | "else" | "finally");
    if found == TokenKind::Newline && keyword != "lambda" && is_header(keyword) {
        let finding = generic(source, tokens, at);
        return Finding { message: "expected ':'".to_string(), ..finding };
    }
    if forced && let Some(token) = tokens.get(at) {
        return Finding::syntax(token.range, "expected ':'");
    }
    if (found == TokenKind::Rbrace || found == TokenKind::Comma)
        && let Some(previous) = tokens.get(at.saturating_sub(1))
    {
        let last = TextRange::new(previous.range.end() - TextSize::new(1), previous.range.end());
        return Finding::syntax(last, "':' expected after dictionary key").with_end(End::Zero);
    }
    generic(source, tokens, at)
}

fn is_header(keyword: &str) -> bool {
    matches!(
        keyword,
        "if" | "elif"
            | "else"
            | "while"
            | "for"
            | "with"
            | "try"
            | "except"
            | "finally"
            | "def"
            | "class"
            | "async"
            | "match"
            | "case"
    )
}

fn interpolation(
    source: &Source,
    tokens: &Tokens,
    at: usize,
    error: &InterpolatedStringErrorType,
    range: TextRange,
    prefix: &str,
) -> Finding {
    use InterpolatedStringErrorType as E;
    let start = Finding::syntax(range, String::new());
    let message = match error {
        E::SingleRbrace => format!("{prefix}-string: single '}}' is not allowed"),
        E::LambdaWithoutParentheses => {
            format!("{prefix}-string: lambda expressions are not allowed without parentheses")
        }
        E::InvalidConversionFlag => match tokens.text(at) {
            "" | "}" | ":" => format!("{prefix}-string: missing conversion character"),
            text => format!("{prefix}-string: invalid conversion character '{text}': expected 's', 'r', or 'a'"),
        },
        E::ConversionFlagNotImmediatelyAfterExclamation => {
            format!("{prefix}-string: conversion type must come right after the exclamation mark")
        }
        E::UnclosedLbrace => {
            if let Some(finding) = special(source, tokens, at) {
                return finding;
            }
            let end = matches!(tokens.get(at).map(|t| t.kind), Some(TokenKind::FStringEnd | TokenKind::TStringEnd));
            if end {
                let finding = Finding::syntax(range, format!("{prefix}-string: expecting '}}'"));
                return finding.with_end(End::Start);
            }
            format!("{prefix}-string: expecting '=', or '!', or ':', or '}}'")
        }
        _ => return generic(source, tokens, at),
    };
    Finding { message, ..start }
}

/// An escape sequence that cannot be decoded.
fn escape_error(source: &Source, tokens: &Tokens, range: TextRange) -> Finding {
    let token = tokens.list.iter().find(|t| t.range.contains_range(range) || t.range.contains(range.start()));
    let Some(token) = token else { return Finding::syntax(range, "(unicode error) invalid escape") };
    let text = source.slice(token.range);
    let quote = text.find(['\'', '"']).unwrap_or(0);
    let is_bytes = text[..quote].contains(['b', 'B']);
    let triple = text[quote..].starts_with("'''") || text[quote..].starts_with("\"\"\"");
    let body = &text[quote + if triple { 3 } else { 1 }..];
    let message = if is_bytes { bad_bytes_escape(body) } else { bad_unicode_escape(body) };
    Finding::syntax(token.range, message.unwrap_or_else(|| "(unicode error) invalid escape".to_string()))
}

fn bad_bytes_escape(body: &str) -> Option<String> {
    let bytes = body.as_bytes();
    let mut i = 0;
    while i + 1 < bytes.len() {
        if bytes[i] == b'\\' {
            let hex = bytes[i + 1..].iter().skip(1).take(2).take_while(|b| b.is_ascii_hexdigit()).count();
            if bytes[i + 1] == b'x' && hex < 2 {
                return Some(format!("(value error) invalid \\x escape at position {i}"));
            }
            i += 1;
        }
        i += 1;
    }
    None
}

fn bad_unicode_escape(body: &str) -> Option<String> {
    let bytes = body.as_bytes();
    let mut i = 0;
    let fail = |from: usize, to: usize, why: &str| {
        Some(format!("(unicode error) 'unicodeescape' codec can't decode bytes in position {from}-{to}: {why}"))
    };
    while i + 1 < bytes.len() {
        if bytes[i] != b'\\' {
            i += 1;
            continue;
        }
        let (want, name) = match bytes[i + 1] {
            b'x' => (2, "truncated \\xXX escape"),
            b'u' => (4, "truncated \\uXXXX escape"),
            b'U' => (8, "truncated \\UXXXXXXXX escape"),
            b'N' => {
                let closed = body[i..].find('}');
                match (bytes.get(i + 2), closed) {
                    (Some(b'{'), Some(end)) if end > 3 => {
                        if !known_name(&body[i + 3..i + end]) {
                            return fail(i, i + end, "unknown Unicode character name");
                        }
                        i += end + 1;
                        continue;
                    }
                    _ => return fail(i, i + 1, "malformed \\N character escape"),
                }
            }
            _ => {
                i += 2;
                continue;
            }
        };
        let digits = bytes[i + 2..].iter().take(want).take_while(|b| b.is_ascii_hexdigit()).count();
        if digits < want {
            return fail(i, i + 1 + digits, name);
        }
        let code = u32::from_str_radix(&body[i + 2..i + 2 + want], 16).unwrap_or(u32::MAX);
        if code > 0x10FFFF {
            return fail(i, i + 1 + want, "illegal Unicode character");
        }
        i += 2 + want;
    }
    None
}

/// Whether the parser knows a character of this name.
fn known_name(name: &str) -> bool {
    ruff_python_parser::parse_expression(&format!("'\\N{{{name}}}'")).is_ok()
}

/// The errors for which ruff has only text.
fn other(source: &Source, tokens: &Tokens, at: usize, range: TextRange, message: &str) -> Finding {
    if let Some(what) = message.strip_prefix("Expected an indented block after ") {
        return indented_block(source, tokens, at, what);
    }
    let exactly = |message: &str| Finding::syntax(range, message);
    let token = tokens.get(at).map_or(range, |t| t.range);
    let at_token = |message: &str| Finding::syntax(token, message);
    match message {
        "Expected `except` or `finally` after `try` block" => {
            let finding = generic(source, tokens, at);
            let end_of_file = tokens.get(at).is_none_or(|t| t.kind == TokenKind::EndOfFile);
            let finding = Finding { message: "expected 'except' or 'finally' block".to_string(), ..finding };
            if end_of_file { finding.with_end(End::MinusOne) } else { finding }
        }
        "Expected one or more symbol names after import" => generic(source, tokens, at),
        "Expected one or more exception types" => at_token("expected one or more exception types"),
        "Cannot have both 'except' and 'except*' on the same 'try'" => {
            exactly("cannot have both 'except' and 'except*' on the same 'try'")
        }
        "Only one '*' parameter allowed" => at_token("* argument may appear only once"),
        "Only one '/' separator allowed" => at_token("/ may appear only once"),
        "'/' parameter must appear before '*' parameter" => at_token("/ must be ahead of *"),
        "Only single target (not tuple) can be annotated" => exactly("only single target (not tuple) can be annotated"),
        "Only single target (not list) can be annotated" => exactly("only single target (not list) can be annotated"),
        "Positional patterns cannot follow keyword patterns" => exactly("positional patterns follow keyword patterns"),
        "Expected an imaginary number in complex literal pattern" => {
            exactly("imaginary number required in complex literal")
        }
        "Expected a real number in complex literal pattern" => exactly("real number required in complex literal"),
        "Bytes literal cannot be mixed with non-bytes literals" => {
            let end = tokens.list.iter().rfind(|t| t.range.end() <= range.end()).map_or(range, |t| t.range);
            let at = tokens.index_at(end.end());
            let finding = generic(source, tokens, at);
            Finding { message: "cannot mix bytes and nonbytes literals".to_string(), ..finding }
        }
        "Expected a parameter name" => keyword_argument(source, tokens, range, at),
        _ if message.starts_with("Multiple exception types must be parenthesized") => {
            let end = tokens.statement_end(at);
            let colon = tokens.list[at..].iter().position(|t| t.kind == TokenKind::Colon).map(|i| at + i);
            let end = colon.and_then(|i| tokens.get(i - 1)).map_or(end, |t| t.range.end());
            let text = "multiple exception types must be parenthesized when using 'as'";
            Finding::syntax(TextRange::new(range.start(), end), text)
        }
        _ if message.starts_with("Cannot mix t-string") => {
            exactly("cannot mix t-string literals with string or bytes literals")
        }
        _ if message.starts_with("Trailing comma not allowed") => {
            if tokens.text(tokens.line_start(at)) == "from" {
                let next = generic(source, tokens, at + 1);
                let text = "trailing comma not allowed without surrounding parentheses";
                return Finding { message: text.to_string(), ..next };
            }
            generic(source, tokens, at + 1)
        }
        _ => generic(source, tokens, at),
    }
}

fn indented_block(source: &Source, tokens: &Tokens, at: usize, what: &str) -> Finding {
    // The header is on the logical line before.
    let mut i = at;
    while i > 0 && !matches!(tokens.list[i - 1].kind, TokenKind::Colon) {
        i -= 1;
    }
    let header = tokens.line_start(i.saturating_sub(1));
    let mut header_line = tokens.get(header).map_or(1, |t| source.line_col(t.range.start()).0);
    if what.contains("function definition") || what.contains("class") {
        header_line = tokens.get(header).map_or(header_line, |t| source.line_col(t.range.start()).0);
    }
    let what = what.replace('`', "'").replace("'class' definition", "class definition");
    let message = format!("expected an indented block after {what} on line {header_line}");
    match tokens.get(at) {
        Some(t) if !matches!(t.kind, TokenKind::EndOfFile | TokenKind::Newline | TokenKind::Dedent) => {
            Finding::indentation(t.range, message)
        }
        _ => {
            let end = source.text.trim_end_matches('\n').len() as u32;
            Finding::indentation(TextRange::empty(TextSize::new(end)), message).with_end(End::MinusOne)
        }
    }
}

fn expected_expression(source: &Source, tokens: &Tokens, at: usize) -> Finding {
    let token = tokens.get(at).map_or(TextRange::default(), |t| t.range);
    let previous = if at > 0 { tokens.list[at - 1].kind } else { TokenKind::Newline };
    let here = tokens.get(at).map(|t| t.kind);
    match previous {
        TokenKind::FStringStart | TokenKind::TStringStart | TokenKind::Lbrace
            if at > 1 && in_interpolation(tokens, at) =>
        {
            let prefix = if in_tstring(tokens, at) { "t" } else { "f" };
            match here {
                Some(TokenKind::Rbrace | TokenKind::Exclamation | TokenKind::Colon | TokenKind::Equal) => {
                    let text = tokens.text(at);
                    let message = format!("{prefix}-string: valid expression required before '{text}'");
                    return Finding::syntax(token, message);
                }
                Some(TokenKind::FStringEnd | TokenKind::TStringEnd) => {
                    let finding = Finding::syntax(token, format!("{prefix}-string: expecting '}}'"));
                    return finding.with_end(End::Start);
                }
                _ => {
                    let message = format!("{prefix}-string: expecting a valid expression after '{{'");
                    return Finding::syntax(token, message);
                }
            }
        }
        TokenKind::Colon
            if matches!(here, Some(TokenKind::Rbrace | TokenKind::Comma)) && tokens.list[at - 1].depth > 0 =>
        {
            return Finding::syntax(tokens.list[at - 1].range, "expression expected after dictionary key and ':'");
        }
        TokenKind::Else => {
            let finding = generic(source, tokens, at);
            let text = "expected expression after 'else', but statement is given";
            return Finding { message: text.to_string(), ..finding };
        }
        TokenKind::Equal
            if (here == Some(TokenKind::Rpar) || here == Some(TokenKind::Comma))
                && at > 1
                && tokens.list[at - 1].depth > 0
                && tokens.list[at - 2].kind == TokenKind::Name =>
        {
            let range = TextRange::new(tokens.list[at - 2].range.start(), tokens.list[at - 1].range.end());
            return Finding::syntax(range, "expected argument value expression");
        }
        TokenKind::Star if here == Some(TokenKind::Rpar) => {
            return Finding::syntax(token, "Invalid star expression");
        }
        TokenKind::Rarrow => {
            return Finding::syntax(tokens.list[at - 1].range, "expected ':'");
        }
        _ => {}
    }
    generic(source, tokens, at)
}

/// Whether the brace before token `at` opens an interpolation.
fn in_interpolation(tokens: &Tokens, at: usize) -> bool {
    at > 1
        && tokens.list[at - 1].kind == TokenKind::Lbrace
        && matches!(
            tokens.list[at - 2].kind,
            TokenKind::FStringStart
                | TokenKind::FStringMiddle
                | TokenKind::TStringStart
                | TokenKind::TStringMiddle
                | TokenKind::Colon
        )
}

fn in_tstring(tokens: &Tokens, at: usize) -> bool {
    let kinds = tokens.list[..at].iter().rev().map(|t| t.kind);
    kinds
        .filter(|k| matches!(k, TokenKind::FStringStart | TokenKind::TStringStart))
        .map(|k| k == TokenKind::TStringStart)
        .next()
        .unwrap_or(false)
}

/// `f(1=2)`.
fn keyword_argument(source: &Source, tokens: &Tokens, range: TextRange, at: usize) -> Finding {
    let Some(e) = targets::expression(source.text, range) else { return generic(source, tokens, at) };
    let equals = tokens.list.iter().find(|t| t.range.start() >= range.end() && t.kind == TokenKind::Equal);
    let end = equals.map_or(range.end(), |t| t.range.end());
    let whole = TextRange::new(range.start(), end);
    match e {
        Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) => {
            Finding::syntax(whole, format!("cannot assign to {}", targets::name(&e)))
        }
        _ => Finding::syntax(whole, "expression cannot contain assignment, perhaps you meant \"==\"?"),
    }
}
