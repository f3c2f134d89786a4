//! Text signatures, read at compile time for the counts and on the slow path for the names.

/// Counts of parameters that decide whether positional arguments alone fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arity {
    /// Positional parameters without a default (the receiver included).
    pub min: u8,
    /// Positional parameters (the receiver included).
    pub max: u8,
    /// All parameters, keyword-only ones included.
    pub total: u8,
    /// Positional-only parameters (the receiver included).
    pub posonly: u8,
    /// Whether the first parameter is the receiver (`$self`).
    pub receiver: bool,
    /// Required keyword-only parameters exist.
    pub needs_kw: bool,
}

impl Arity {
    /// Counts the parameters of a text signature.
    pub const fn parse(signature: &str) -> Arity {
        let s = signature.as_bytes();
        let mut arity = Arity { min: 0, max: 0, total: 0, posonly: 0, receiver: false, needs_kw: false };
        let mut i = 1;
        let mut depth = 0;
        let mut start = true;
        let mut kwonly = false;
        let mut has_default = false;
        let mut is_param = false;
        let mut bracketed = false;
        let mut optional = false;
        while i < s.len() {
            let c = s[i];
            // `sub[, start[, end]]`: brackets outside of defaults mark what follows as optional.
            if depth == 0 && !has_default && (c == b'[' || c == b']') {
                bracketed = true;
                i += 1;
                continue;
            }
            let closes = depth == 0 && (c == b',' || (c == b')' && i + 1 == s.len()));
            if closes {
                if is_param {
                    arity.total += 1;
                    if kwonly {
                        if !has_default {
                            arity.needs_kw = true;
                        }
                    } else {
                        arity.max += 1;
                        if !has_default && !optional {
                            arity.min += 1;
                        }
                    }
                }
                start = true;
                has_default = false;
                is_param = false;
                optional = bracketed;
            } else if start {
                if c != b' ' {
                    start = false;
                    if c == b'*' {
                        kwonly = true;
                    } else if c == b'/' {
                        arity.posonly = arity.max;
                    } else {
                        is_param = true;
                        if c == b'$' {
                            arity.receiver = true;
                        }
                    }
                }
            } else if c == b'=' && depth == 0 {
                has_default = true;
            }
            if c == b'(' || c == b'[' || c == b'{' {
                depth += 1;
            } else if (c == b')' || c == b']' || c == b'}') && depth > 0 {
                depth -= 1;
            }
            i += 1;
        }
        if arity.receiver && arity.posonly == 0 {
            arity.posonly = 1;
        }
        arity
    }
}

/// The names of the parameters in order, each with whether it has a default.
pub(super) fn parameters(signature: &str) -> impl Iterator<Item = (&str, bool)> {
    let inner = signature.strip_prefix('(').and_then(|s| s.strip_suffix(')')).unwrap_or("");
    let mut optional = false;
    split_top(inner).filter_map(move |part| {
        let bracketed = optional;
        optional |= part.ends_with('[');
        let part = part.trim_matches([' ', '[', ']']);
        if part.is_empty() || part == "/" || part.starts_with('*') {
            return None;
        }
        let (name, default) = match part.split_once('=') {
            Some((name, _)) => (name, true),
            None => (part, bracketed),
        };
        Some((name.trim_start_matches('$'), default))
    })
}

/// Splits at commas outside of brackets.
fn split_top(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut depth = 0;
        let mut default = false;
        for (i, c) in text.char_indices() {
            match c {
                '=' => default = true,
                '[' | ']' if !default => {}
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => {
                    rest = Some(&text[i + 1..]);
                    return Some(&text[..i]);
                }
                _ => {}
            }
        }
        rest = None;
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let a = Arity::parse("($self, sep=None, /, maxsplit=(1, 2), *, key, x=1)");
        assert_eq!((a.min, a.max, a.total, a.posonly, a.receiver, a.needs_kw), (1, 3, 5, 2, true, true));
        let b = Arity::parse("()");
        assert_eq!((b.min, b.max, b.total, b.posonly), (0, 0, 0, 0));
        let c = Arity::parse("(x, /)");
        assert_eq!((c.min, c.max, c.total, c.posonly), (1, 1, 1, 1));
        let d = Arity::parse("($self, sub[, start[, end]], /)");
        assert_eq!((d.min, d.max, d.total, d.posonly), (2, 4, 4, 4));
        let names: Vec<_> = parameters("($self, sub[, start[, end]], /)").collect();
        assert_eq!(names, [("self", false), ("sub", false), ("start", true), ("end", true)]);
        let names: Vec<_> = parameters("($self, a, /, b=(1, 2), *, c=')')").collect();
        assert_eq!(names, [("self", false), ("a", false), ("b", true), ("c", true)]);
    }
}
