//! The kinds of tokens, and CPython's numbers for them.

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Kind {
    /// The end of the text.
    EndMarker = 0,
    /// A name or keyword.
    Name = 1,
    /// A number.
    Number = 2,
    /// A plain string literal.
    String = 3,
    /// The end of a logical line.
    Newline = 4,
    /// A block begins.
    Indent = 5,
    /// A block ends.
    Dedent = 6,
    /// An operator or delimiter.
    Op = 55,
    /// The prefix and opening quote of an f-string.
    FStringStart = 59,
    /// Text of an f-string.
    FStringMiddle = 60,
    /// The closing quote of an f-string.
    FStringEnd = 61,
    /// The prefix and opening quote of a t-string.
    TStringStart = 62,
    /// Text of a t-string.
    TStringMiddle = 63,
    /// The closing quote of a t-string.
    TStringEnd = 64,
    /// A comment.
    Comment = 65,
    /// The end of a line that means nothing.
    Nl = 66,
}

/// Operators in the order of their numbers, which begin with 7.
const OPERATORS: &[&str] = &[
    "(", ")", "[", "]", ":", ",", ";", "+", "-", "*", "/", "|", "&", "<", ">", "=", ".", "%", "{", "}", "==", "!=",
    "<=", ">=", "~", "^", "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**=", "//",
    "//=", "@", "@=", "->", "...", ":=", "!",
];

/// The number of a token's exact type in module `token`.
pub fn exact_type(kind: Kind, text: &str) -> u8 {
    if kind != Kind::Op {
        return kind as u8;
    }
    match text {
        "<>" => 28,
        _ => OPERATORS.iter().position(|o| *o == text).map_or(Kind::Op as u8, |i| i as u8 + 7),
    }
}

/// The length of the operator that `bytes` begins with.
pub(super) fn operator_length(bytes: &[u8], flufl: bool) -> usize {
    for n in [3, 2] {
        if let Some(Ok(text)) = bytes.get(..n).map(std::str::from_utf8)
            && (flufl && text == "<>" || OPERATORS.contains(&text))
        {
            return n;
        }
    }
    1
}
