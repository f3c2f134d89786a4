//! Matches tokens against the grammar, twice if need be, and finds the error CPython would report.
//!
//! The first pass asks whether the source fits at all, and how far it does. The second tries the rules of errors too; the
//! first of them that fits says what is wrong. Results are cached just where CPython's parser caches them, because a cached
//! result of the first kind hides an error of the second.

use super::grammar::{Alternative, Cache, Grammar, Meaning, Piece, RuleIdx, Shape, TextIdx};
use crate::error::{SyntaxError, SyntaxErrorKind, Warning};
use crate::source::Source;
use crate::tokenizer::{Kind, Stop, Token, Tokenizer};
use hashbrown::HashMap;

pub type Failure = Box<SyntaxError>;
pub type Match<T = NodeIdx> = Result<Option<T>, Failure>;
pub type NodeIdx = u32;

/// Steps after which the search for a better message is given up.
const MAX_STEPS: u64 = 40_000_000;

/// A stretch of tokens that matched.
#[derive(Debug)]
pub struct Node {
    pub shape: Shape,
    /// Its first token.
    pub start: usize,
    /// The token behind its last one.
    pub end: usize,
    pub kids: Vec<NodeIdx>,
}

/// A token and what the grammar wants to know of it.
#[derive(Clone, Copy)]
pub struct Lexeme {
    pub token: Token,
    pub text: TextIdx,
    pub keyword: bool,
    /// How many brackets are open behind it.
    pub level: usize,
}

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What is to be matched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    pub rule: &'static str,
    /// One interactive statement.
    pub single: bool,
    /// The end of the text does not close blocks that an interactive statement has open.
    pub keep_blocks: bool,
    /// `<>` is the operator, not `!=`.
    pub flufl: bool,
}

/// The captures of an alternative, by name.
pub type Captures = Vec<(u8, NodeIdx)>;

pub struct Engine<'a> {
    pub source: &'a Source<'a>,
    pub tokenizer: Tokenizer<'a>,
    pub tokens: Vec<Lexeme>,
    pub nodes: Vec<Node>,
    pub mark: usize,
    pub goal: Goal,
    pub tokenizer_failed: bool,
    /// A mapping pattern has an f-string for a key.
    pub formatted_key: bool,
    /// Line and column of the last compound statement that was matched.
    pub last_statement: (u32, u32),
    /// What the first pass warns of.
    pub warnings: Vec<Warning>,
    /// What is wrong with a source that has the right form.
    pub late: Option<Failure>,
    grammar: &'a Grammar,
    memo: HashMap<(usize, RuleIdx), (Option<NodeIdx>, usize)>,
    pub wrong: bool,
    started: bool,
    steps: u64,
}

impl<'a> Engine<'a> {
    pub fn new(
        source: &'a Source<'a>,
        text: &'a str,
        filename: &'a str,
        grammar: &'a Grammar,
        goal: Goal,
    ) -> Engine<'a> {
        Engine {
            source,
            tokenizer: Tokenizer::new(text, filename, false),
            tokens: Vec::new(),
            nodes: Vec::new(),
            mark: 0,
            goal,
            tokenizer_failed: false,
            formatted_key: false,
            last_statement: (0, 0),
            late: None,
            warnings: Vec::new(),
            grammar,
            memo: HashMap::new(),
            wrong: false,
            started: false,
            steps: 0,
        }
    }

    /// Matches the whole source; `None` if it does not fit.
    pub fn pass(&mut self, wrong: bool) -> Match {
        self.wrong = wrong;
        self.mark = 0;
        self.memo.clear();
        let rule = self.grammar.rule_names[self.goal.rule];
        self.rule(rule)
    }

    /// Whether the source ended where more could follow.
    pub fn at_end(&self) -> bool {
        matches!(self.tokenizer.stop, Stop::End | Stop::Cut)
    }

    pub fn gave_up(&self) -> bool {
        self.steps > MAX_STEPS
    }

    fn fill(&mut self) -> Result<(), Failure> {
        let mut token = match self.tokenizer.next_token() {
            Ok(token) => token,
            Err(error) => {
                self.tokenizer_failed = true;
                return Err(error);
            }
        };
        if self.goal.single && token.kind == Kind::EndMarker && self.started {
            // The end of an interactive statement ends its line and its blocks.
            token.kind = Kind::Newline;
            self.started = false;
            if !self.goal.keep_blocks {
                self.tokenizer.close_blocks();
            }
        } else {
            self.started = true;
        }
        let text = &self.source_text()[token.start..token.end];
        let (mut idx, mut keyword) = (0, false);
        if matches!(token.kind, Kind::Name | Kind::Op) {
            let text = if text == "<>" { "!=" } else { text };
            idx = self.grammar.texts.get(text).copied().unwrap_or(0);
            keyword = token.kind == Kind::Name && KEYWORDS.contains(&text);
        }
        self.tokens.push(Lexeme { token, text: idx, keyword, level: self.tokenizer.open.len() });
        Ok(())
    }

    fn source_text(&self) -> &'a str {
        self.tokenizer.text()
    }

    /// The text of a token that was read.
    pub fn text_of(&self, i: usize) -> &'a str {
        self.tokens.get(i).map_or("", |t| &self.source_text()[t.token.start..t.token.end])
    }

    pub fn lexeme(&mut self, i: usize) -> Result<Lexeme, Failure> {
        while self.tokens.len() <= i {
            self.fill()?;
        }
        Ok(self.tokens[i])
    }

    pub fn node(&mut self, shape: Shape, start: usize, kids: Vec<NodeIdx>) -> NodeIdx {
        self.nodes.push(Node { shape, start, end: self.mark, kids });
        self.nodes.len() as NodeIdx - 1
    }

    fn leaf(&mut self, shape: Shape) -> NodeIdx {
        self.mark += 1;
        let start = self.mark - 1;
        self.node(shape, start, Vec::new())
    }

    fn rule(&mut self, rule: RuleIdx) -> Match {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Ok(None);
        }
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.cached(rule))
    }

    fn cached(&mut self, rule: RuleIdx) -> Match {
        let grammar = self.grammar;
        let r = &grammar.rules[rule];
        let key = (self.mark, rule);
        match r.cache {
            Cache::None => {
                if r.pure {
                    let wrong = std::mem::replace(&mut self.wrong, false);
                    let result = self.alternatives(&r.alternatives);
                    self.wrong = wrong;
                    return result;
                }
                self.alternatives(&r.alternatives)
            }
            Cache::Memo => {
                if let Some((node, end)) = self.memo.get(&key) {
                    self.mark = *end;
                    return Ok(*node);
                }
                let node = self.alternatives(&r.alternatives)?;
                self.memo.insert(key, (node, self.mark));
                Ok(node)
            }
            Cache::Grow => {
                if let Some((node, end)) = self.memo.get(&key) {
                    self.mark = *end;
                    return Ok(*node);
                }
                let start = self.mark;
                let (mut best, mut end) = (None, start);
                loop {
                    self.memo.insert(key, (best, end));
                    self.mark = start;
                    let node = self.alternatives(&r.alternatives)?;
                    if node.is_none() || self.mark <= end {
                        break;
                    }
                    (best, end) = (node, self.mark);
                }
                self.mark = end;
                Ok(best)
            }
        }
    }

    fn alternatives(&mut self, list: &'a [Alternative]) -> Match {
        let start = self.mark;
        for alternative in list {
            if alternative.wrong && !self.wrong {
                continue;
            }
            let mut committed = false;
            if let Some(node) = self.alternative(alternative, &mut committed)? {
                return Ok(Some(node));
            }
            self.mark = start;
            if committed {
                break;
            }
        }
        Ok(None)
    }

    fn alternative(&mut self, a: &'a Alternative, committed: &mut bool) -> Match {
        let start = self.mark;
        let mut kids = Vec::new();
        let mut captures: Captures = Vec::new();
        let mut n_pieces = 0;
        for (name, piece) in &a.pieces {
            match piece {
                Piece::Commit => *committed = true,
                Piece::Ahead(p) => {
                    let at = self.mark;
                    let found = self.piece(p)?;
                    self.mark = at;
                    if found.is_none() {
                        return Ok(None);
                    }
                }
                Piece::NotAhead(p) => {
                    let at = self.mark;
                    let found = self.piece(p)?;
                    self.mark = at;
                    if found.is_some() {
                        return Ok(None);
                    }
                }
                _ => {
                    let Some(node) = self.piece(piece)? else { return Ok(None) };
                    n_pieces += 1;
                    kids.push(node);
                    if *name != 0 {
                        captures.push((*name, node));
                    }
                }
            }
        }
        match &a.meaning {
            Meaning::Plain if n_pieces == 1 => Ok(Some(kids[0])),
            Meaning::Plain => Ok(Some(self.node(Shape::Part, start, kids))),
            Meaning::Shape(shape) => Ok(Some(self.node(*shape, start, kids))),
            Meaning::Is(name) => Ok(captures.iter().find(|(n, _)| n == name).map(|(_, node)| *node)),
            Meaning::Check(check) => {
                let shape = if n_pieces == 1 { self.nodes[kids[0] as usize].shape } else { Shape::Part };
                let node = self.node(shape, start, kids);
                self.check(check, node, &captures)
            }
            Meaning::Checked(shape, check) => {
                let node = self.node(*shape, start, kids);
                self.check(check, node, &captures)
            }
            Meaning::Error { place, message } => self.wrong_source(place, message, &captures),
        }
    }

    fn piece(&mut self, piece: &'a Piece) -> Match {
        match piece {
            Piece::Text(text) => {
                let here = self.lexeme(self.mark)?;
                Ok((here.text == *text).then(|| self.leaf(Shape::Token)))
            }
            Piece::Kind(kind) => {
                let here = self.lexeme(self.mark)?;
                if here.token.kind != *kind || here.keyword {
                    return Ok(None);
                }
                let shape = match kind {
                    Kind::Name => Shape::Name,
                    Kind::Number => Shape::Number,
                    Kind::String => Shape::String,
                    _ => Shape::Token,
                };
                Ok(Some(self.leaf(shape)))
            }
            Piece::Soft => {
                let here = self.lexeme(self.mark)?;
                let text = self.grammar.text_names[here.text as usize];
                let soft = here.token.kind == Kind::Name && matches!(text, "_" | "case" | "match" | "type");
                Ok(soft.then(|| self.leaf(Shape::Name)))
            }
            Piece::Rule(rule) => self.rule(*rule),
            Piece::Group(list) => self.alternatives(list),
            Piece::Optional(p) => {
                let start = self.mark;
                Ok(Some(match self.piece(p)? {
                    Some(node) => node,
                    None => {
                        self.mark = start;
                        self.node(Shape::Part, start, Vec::new())
                    }
                }))
            }
            Piece::Repeat(p, least) => {
                let start = self.mark;
                let mut kids = Vec::new();
                loop {
                    let at = self.mark;
                    match self.piece(p)? {
                        Some(node) => kids.push(node),
                        None => {
                            self.mark = at;
                            break;
                        }
                    }
                    if self.mark == at {
                        break;
                    }
                }
                if kids.len() < *least {
                    return Ok(None);
                }
                Ok(Some(self.node(Shape::Part, start, kids)))
            }
            Piece::Separated(separator, item) => self.separated(separator, item),
            Piece::Force(text) => {
                let here = self.lexeme(self.mark)?;
                if here.text == *text {
                    return Ok(Some(self.leaf(Shape::Token)));
                }
                let message = format!("expected '{}'", self.grammar.text_names[*text as usize]);
                Err(self.at_tokens(self.mark, self.mark + 1, message))
            }
            // These stand only directly in an alternative, which sees to them.
            Piece::Ahead(_) | Piece::NotAhead(_) | Piece::Commit => Ok(None),
        }
    }

    fn separated(&mut self, separator: &'a Piece, item: &'a Piece) -> Match {
        let start = self.mark;
        let Some(first) = self.piece(item)? else { return Ok(None) };
        let mut kids = vec![first];
        loop {
            let at = self.mark;
            let more = self.piece(separator)?.is_some();
            let node = if more { self.piece(item)? } else { None };
            match node {
                Some(node) => kids.push(node),
                None => {
                    self.mark = at;
                    break;
                }
            }
        }
        Ok(Some(self.node(Shape::Part, start, kids)))
    }

    /// Whether token `i` ends a `<>`.
    fn is_old_not_equal(&self, i: usize) -> bool {
        i > 0
            && self.text_of(i) == ">"
            && self.text_of(i - 1) == "<"
            && self.tokens[i - 1].token.end == self.tokens[i].token.start
    }

    /// The error about the token that the first pass could not get past.
    pub fn generic(&mut self, last: Lexeme, last_idx: usize) -> Failure {
        match last.token.kind {
            Kind::Indent => self.at_last(SyntaxErrorKind::Indentation, last_idx, "unexpected indent".to_string()),
            Kind::Dedent => self.at_last(SyntaxErrorKind::Indentation, last_idx, "unexpected unindent".to_string()),
            _ if self.is_old_not_equal(last_idx) => {
                let message = "invalid syntax.  Maybe you meant '!=' instead of '<>'?".to_string();
                self.at_tokens(last_idx - 1, last_idx + 1, message)
            }
            _ => self.at_tokens(last_idx, last_idx + 1, "invalid syntax".to_string()),
        }
    }
}
