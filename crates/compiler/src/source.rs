//! The text being compiled: line starts, positions, and the columns that error messages want.

use hashbrown::HashMap;
use ruff_text_size::{TextRange, TextSize};
use serpens_bytecode::Location;
use serpens_bytecode::constant::Const;
use std::cell::Cell;
use std::sync::Arc;

/// A source text with its line starts.
#[derive(Debug)]
pub struct Source<'a> {
    /// The text, without byte order mark.
    pub text: &'a str,
    /// The name shown in tracebacks.
    pub filename: Arc<str>,
    lines: Vec<u32>,
    last: Cell<usize>,
    /// For a tree that came without text: what its offsets mean.
    places: Option<Places>,
}

/// The places of a tree without text. Every offset in it is an index into `positions`.
#[derive(Debug, Default)]
pub struct Places {
    /// Line (from 1) and byte column (from 0) of each offset.
    pub positions: Vec<(u32, u32)>,
    /// Constants that the parser's tree cannot hold, by the offset of the node that stands for them.
    pub constants: HashMap<u32, Const>,
    /// Texts of interpolations.
    pub texts: HashMap<u32, String>,
    /// The sources of annotations.
    pub annotations: HashMap<u32, String>,
}

impl<'a> Source<'a> {
    /// Finds the lines of `text`. A line ends with LF, CR LF or CR.
    pub fn new(text: &'a str, filename: &str) -> Source<'a> {
        let bytes = text.as_bytes();
        let mut lines = vec![0];
        let mut i = 0;
        while i < bytes.len() {
            match bytes[i] {
                b'\n' => lines.push(i as u32 + 1),
                b'\r' => {
                    if bytes.get(i + 1) == Some(&b'\n') {
                        i += 1;
                    }
                    lines.push(i as u32 + 1);
                }
                _ => {}
            }
            i += 1;
        }
        Source { text, filename: filename.into(), lines, last: Cell::new(0), places: None }
    }

    /// What stands for the source of a tree that came without text.
    pub fn of_tree(filename: &str, places: Places) -> Source<'static> {
        Source { text: "", filename: filename.into(), lines: vec![0], last: Cell::new(0), places: Some(places) }
    }

    /// The constant that a node of a tree without text stands for.
    pub fn given_constant(&self, offset: TextSize) -> Option<Const> {
        self.places.as_ref()?.constants.get(&offset.to_u32()).cloned()
    }

    /// The text of an interpolation in a tree without text.
    pub fn given_text(&self, offset: TextSize) -> Option<String> {
        self.places.as_ref()?.texts.get(&offset.to_u32()).cloned()
    }

    /// Whether there is a text.
    pub fn has_text(&self) -> bool {
        self.places.is_none()
    }

    /// Line (from 1) and byte column (from 0) of an offset.
    pub fn line_col(&self, offset: TextSize) -> (u32, u32) {
        let offset = offset.to_u32();
        if let Some(places) = &self.places {
            return places.positions.get(offset as usize).copied().unwrap_or((1, 0));
        }
        let guess = self.last.get();
        let inside = |i: usize| {
            self.lines.get(i).is_some_and(|s| *s <= offset) && self.lines.get(i + 1).is_none_or(|s| offset < *s)
        };
        let line = if inside(guess) {
            guess
        } else if inside(guess + 1) {
            guess + 1
        } else {
            self.lines.partition_point(|s| *s <= offset) - 1
        };
        self.last.set(line);
        (line as u32 + 1, offset - self.lines[line])
    }

    /// The position of a range, as instructions carry it.
    pub fn location(&self, range: TextRange) -> Location {
        let (line, col) = self.line_col(range.start());
        let (end_line, end_col) = self.line_col(range.end());
        Location { line, end_line, col, end_col }
    }

    /// The text of a line (from 1), with its line end.
    pub fn line_text(&self, line: u32) -> &'a str {
        let i = line as usize - 1;
        let Some(start) = self.lines.get(i) else { return "" };
        let end = self.lines.get(i + 1).map_or(self.text.len(), |e| *e as usize);
        &self.text[*start as usize..end]
    }

    /// How many lines there are.
    pub fn n_lines(&self) -> u32 {
        self.lines.len() as u32
    }

    /// The offset at which a line (from 1) begins.
    pub fn line_start(&self, line: u32) -> TextSize {
        TextSize::new(self.lines.get(line as usize - 1).copied().unwrap_or(self.text.len() as u32))
    }

    /// Line and character column, both from 1, of an offset.
    pub fn char_position(&self, offset: TextSize) -> (u32, u32) {
        let (line, col) = self.line_col(offset);
        let start = self.lines[line as usize - 1] as usize;
        let end = floor_char(self.text, start + col as usize);
        (line, self.text[start..end].chars().count() as u32 + 1)
    }

    /// The text of a range.
    pub fn slice(&self, range: TextRange) -> &'a str {
        if self.places.is_some() { "" } else { &self.text[range] }
    }
}

fn floor_char(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
