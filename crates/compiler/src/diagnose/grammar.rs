//! The notation of `python.peg`, read into rules.
//!
//! The text is part of the program, so a mistake in it is a bug and panics; the tests read all of it.

use crate::tokenizer::Kind;
use hashbrown::HashMap;

/// The grammar's text.
const TEXT: &str = include_str!("python.peg");

/// Which rule.
pub type RuleIdx = usize;
/// Which of the texts that the grammar names.
pub type TextIdx = u16;

/// How results of a rule are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cache {
    None,
    Memo,
    /// Left-recursive: grown from its own shorter results.
    Grow,
}

/// What an expression is, for messages about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// No expression.
    Part,
    /// A token.
    Token,
    Name,
    Number,
    String,
    True,
    False,
    None,
    Ellipsis,
    Attribute,
    Subscript,
    Slice,
    Starred,
    List,
    Tuple,
    Set,
    Dict,
    Lambda,
    Call,
    Operation,
    Compare,
    If,
    Named,
    Yield,
    Await,
    Generator,
    ListComp,
    SetComp,
    DictComp,
    Statement,
    Pattern,
    Clause,
    Param,
    Args,
    Keyword,
    Unpacking,
}

const SHAPES: &[(&str, Shape)] = &[
    ("True", Shape::True),
    ("False", Shape::False),
    ("None", Shape::None),
    ("Ellipsis", Shape::Ellipsis),
    ("String", Shape::String),
    ("Attribute", Shape::Attribute),
    ("Subscript", Shape::Subscript),
    ("Slice", Shape::Slice),
    ("Starred", Shape::Starred),
    ("List", Shape::List),
    ("Tuple", Shape::Tuple),
    ("Set", Shape::Set),
    ("Dict", Shape::Dict),
    ("Lambda", Shape::Lambda),
    ("Call", Shape::Call),
    ("Operation", Shape::Operation),
    ("Compare", Shape::Compare),
    ("If", Shape::If),
    ("Named", Shape::Named),
    ("Yield", Shape::Yield),
    ("Await", Shape::Await),
    ("Generator", Shape::Generator),
    ("ListComp", Shape::ListComp),
    ("SetComp", Shape::SetComp),
    ("DictComp", Shape::DictComp),
    ("Statement", Shape::Statement),
    ("Pattern", Shape::Pattern),
    ("Clause", Shape::Clause),
    ("Param", Shape::Param),
    ("Args", Shape::Args),
    ("Keyword", Shape::Keyword),
    ("Unpacking", Shape::Unpacking),
];

/// A piece of an alternative.
#[derive(Debug)]
pub enum Piece {
    Text(TextIdx),
    Kind(Kind),
    /// A name that is a keyword only in places.
    Soft,
    Rule(RuleIdx),
    Group(Vec<Alternative>),
    Optional(Box<Piece>),
    /// As often as it fits, at least so often.
    Repeat(Box<Piece>, usize),
    /// One or more with separators between them.
    Separated(Box<Piece>, Box<Piece>),
    Ahead(Box<Piece>),
    NotAhead(Box<Piece>),
    Commit,
    Force(TextIdx),
}

/// What an alternative means.
#[derive(Debug)]
pub enum Meaning {
    Plain,
    Shape(Shape),
    /// It stands for its piece of that name.
    Is(u8),
    Check(&'static str),
    /// Shape and check.
    Checked(Shape, &'static str),
    Error {
        place: &'static str,
        message: String,
    },
}

/// One way to match a rule.
#[derive(Debug)]
pub struct Alternative {
    pub pieces: Vec<(u8, Piece)>,
    pub meaning: Meaning,
    /// Tried only when the source is known to be wrong.
    pub wrong: bool,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    pub cache: Cache,
    /// No rule of errors is tried below it.
    pub pure: bool,
    pub alternatives: Vec<Alternative>,
}

/// All rules.
pub struct Grammar {
    pub rules: Vec<Rule>,
    pub rule_names: HashMap<&'static str, RuleIdx>,
    pub texts: HashMap<&'static str, TextIdx>,
    pub text_names: Vec<&'static str>,
}

struct Reader {
    words: Vec<&'static str>,
    at: usize,
    rules: HashMap<&'static str, RuleIdx>,
    texts: HashMap<&'static str, TextIdx>,
    text_names: Vec<&'static str>,
}

/// Reads the grammar.
pub fn read() -> Grammar {
    let words = words();
    let mut rules = HashMap::new();
    for (i, pair) in words.windows(2).enumerate() {
        if pair[1] == "=" && !pair[0].starts_with(['\'', '"']) && words[i] != "|" {
            let next = rules.len();
            rules.insert(pair[0], next);
        }
    }
    let mut reader = Reader { words, at: 0, rules, texts: HashMap::new(), text_names: vec![""] };
    let mut list = Vec::new();
    while reader.at < reader.words.len() {
        list.push(reader.rule());
    }
    Grammar { rules: list, rule_names: reader.rules, texts: reader.texts, text_names: reader.text_names }
}

/// The grammar's text without comments, as words; texts keep their quotes.
fn words() -> Vec<&'static str> {
    let mut out = Vec::new();
    for line in TEXT.lines().filter(|l| !l.starts_with('#')) {
        let mut rest = line.trim_start();
        while !rest.is_empty() {
            let n = word_length(rest);
            out.push(&rest[..n]);
            rest = rest[n..].trim_start();
        }
    }
    out
}

fn word_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    match bytes[0] {
        q @ (b'\'' | b'"') => {
            let mut i = 1;
            while bytes[i] != q {
                i += if bytes[i] == b'\\' { 2 } else { 1 };
            }
            i + 1
        }
        b if b.is_ascii_alphabetic() || b == b'_' => {
            let n = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            // The name of a piece, or the place of an error with its pieces.
            match bytes.get(n) {
                Some(b':') => n + 1,
                Some(b'(') if !rest[n..].starts_with("('") && is_place(&rest[..n]) => {
                    n + rest[n..].find(')').unwrap_or(0) + 1
                }
                _ => n,
            }
        }
        b'#' => rest.find(' ').unwrap_or(rest.len()),
        b'{' => rest.find('}').map_or(rest.len(), |n| n + 1),
        b'=' if bytes.get(1).is_some_and(u8::is_ascii_alphabetic) => 2,
        _ => 1,
    }
}

fn is_place(word: &str) -> bool {
    matches!(word, "at" | "range" | "from" | "clause" | "items" | "last_of" | "param" | "key")
}

impl Reader {
    fn peek(&self) -> &'static str {
        self.words.get(self.at).copied().unwrap_or("")
    }

    fn take(&mut self) -> &'static str {
        let word = self.peek();
        self.at += 1;
        word
    }

    fn at_rule(&self) -> bool {
        let word = |i: usize| self.words.get(self.at + i).copied().unwrap_or("");
        word(1) == "=" || matches!(word(0), "memo" | "left" | "pure") && word(2) == "="
    }

    fn rule(&mut self) -> Rule {
        let mut cache = Cache::None;
        let mut pure = false;
        match self.peek() {
            "memo" => cache = Cache::Memo,
            "left" => cache = Cache::Grow,
            "pure" => pure = true,
            _ => {}
        }
        self.at += if cache != Cache::None || pure { 3 } else { 2 };
        let alternatives = self.alternatives();
        Rule { cache, pure, alternatives }
    }

    fn alternatives(&mut self) -> Vec<Alternative> {
        let mut out = vec![self.alternative()];
        while self.peek() == "|" {
            self.at += 1;
            out.push(self.alternative());
        }
        out
    }

    fn alternative(&mut self) -> Alternative {
        let mut pieces = Vec::new();
        let mut meaning = Meaning::Plain;
        loop {
            let word = self.peek();
            match word {
                "" | "|" | ")" => break,
                "!" if is_place(self.words[self.at + 1].split('(').next().unwrap_or(""))
                    || matches!(self.words[self.at + 1], "next" | "last" | "indent") =>
                {
                    self.at += 1;
                    let place = self.take();
                    let text = self.take();
                    let message = text[1..text.len() - 1].replace("\\\"", "\"");
                    meaning = Meaning::Error { place, message };
                }
                _ if word.starts_with('#') => {
                    self.at += 1;
                    let shape = SHAPES.iter().find(|(n, _)| *n == &word[1..]).map(|(_, s)| *s);
                    meaning = Meaning::Shape(shape.unwrap_or_else(|| panic!("no shape {word}")));
                }
                _ if word.starts_with('{') => {
                    self.at += 1;
                    let name = &word[1..word.find('}').unwrap_or(word.len())];
                    meaning = match meaning {
                        Meaning::Shape(s) => Meaning::Checked(s, name),
                        _ => Meaning::Check(name),
                    };
                }
                _ if word.len() == 2 && word.starts_with('=') => {
                    self.at += 1;
                    meaning = Meaning::Is(word.as_bytes()[1]);
                }
                _ if self.at_rule() => break,
                _ => {
                    let name = match word.strip_suffix(':') {
                        Some(n) => {
                            self.at += 1;
                            n.as_bytes()[0]
                        }
                        None => 0,
                    };
                    let piece = self.piece();
                    pieces.push((name, piece));
                }
            }
        }
        let wrong = pieces.iter().any(|(_, p)| self.names_wrong(p));
        Alternative { pieces, meaning, wrong }
    }

    /// Whether a piece names a rule of errors itself (not inside a group).
    fn names_wrong(&self, piece: &Piece) -> bool {
        match piece {
            Piece::Rule(r) => self.rules.iter().any(|(n, i)| i == r && n.starts_with("no_")),
            _ => false,
        }
    }

    fn piece(&mut self) -> Piece {
        let mut piece = self.single();
        loop {
            match self.peek() {
                "?" => piece = Piece::Optional(Box::new(piece)),
                "*" => piece = Piece::Repeat(Box::new(piece), 0),
                "+" => piece = Piece::Repeat(Box::new(piece), 1),
                "%" => {
                    self.at += 1;
                    let item = self.single();
                    return Piece::Separated(Box::new(piece), Box::new(item));
                }
                _ => return piece,
            }
            self.at += 1;
        }
    }

    fn single(&mut self) -> Piece {
        let word = self.take();
        match word {
            "(" => {
                let alternatives = self.alternatives();
                self.at += 1;
                Piece::Group(alternatives)
            }
            "&" => Piece::Ahead(Box::new(self.single())),
            "!" => Piece::NotAhead(Box::new(self.single())),
            "~" => Piece::Commit,
            "^" => {
                let word = self.take();
                Piece::Force(self.text(word))
            }
            "NAME" => Piece::Kind(Kind::Name),
            "NUMBER" => Piece::Kind(Kind::Number),
            "STRING" => Piece::Kind(Kind::String),
            "NEWLINE" => Piece::Kind(Kind::Newline),
            "INDENT" => Piece::Kind(Kind::Indent),
            "DEDENT" => Piece::Kind(Kind::Dedent),
            "END" => Piece::Kind(Kind::EndMarker),
            "FSTART" => Piece::Kind(Kind::FStringStart),
            "FMIDDLE" => Piece::Kind(Kind::FStringMiddle),
            "FEND" => Piece::Kind(Kind::FStringEnd),
            "TSTART" => Piece::Kind(Kind::TStringStart),
            "TMIDDLE" => Piece::Kind(Kind::TStringMiddle),
            "TEND" => Piece::Kind(Kind::TStringEnd),
            "SOFT" => Piece::Soft,
            _ if word.starts_with('\'') => Piece::Text(self.text(word)),
            _ => Piece::Rule(*self.rules.get(word).unwrap_or_else(|| panic!("no rule {word}"))),
        }
    }

    fn text(&mut self, quoted: &'static str) -> TextIdx {
        let text = &quoted[1..quoted.len() - 1];
        if let Some(i) = self.texts.get(text) {
            return *i;
        }
        let i = self.text_names.len() as TextIdx;
        self.text_names.push(text);
        self.texts.insert(text, i);
        i
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_grammar_can_be_read() {
        let grammar = super::read();
        assert!(grammar.rules.len() > 200);
        assert!(grammar.rule_names.contains_key("file"));
        let places = ["next", "last", "indent"];
        for rule in &grammar.rules {
            for a in &rule.alternatives {
                if let super::Meaning::Error { place, message } = &a.meaning {
                    assert!(places.contains(place) || place.ends_with(')'), "{place}");
                    assert!(!message.is_empty());
                }
            }
        }
    }
}
