//! Source positions of instructions, and the exception table.

/// The source range of one instruction. Lines count from 1, columns are UTF-8 byte offsets from 0. `line == 0` means
/// the instruction belongs to no line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Location {
    /// First line.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// First column, in bytes.
    pub col: u32,
    /// Column behind the last byte.
    pub end_col: u32,
}

/// Positions of all instructions of a code object, in runs of equal position. Runs of length zero are lines that are
/// executed without an instruction (`pass`, `try:`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LocationTable {
    /// (first instruction, position), ascending.
    runs: Box<[(u32, Location)]>,
}

impl LocationTable {
    /// Compresses one position an instruction.
    pub fn new(locations: &[Location]) -> LocationTable {
        let mut runs: Vec<(u32, Location)> = Vec::new();
        for (pc, loc) in locations.iter().enumerate() {
            if runs.last().is_none_or(|(_, last)| last != loc) {
                runs.push((pc as u32, *loc));
            }
        }
        LocationTable { runs: runs.into() }
    }

    /// The same with lines that have no instruction: runs of length zero, before the run of the instruction that follows
    /// them. A mark is dropped if that instruction is on its line.
    pub fn with_marks(locations: &[Location], marks: &[(u32, Location)]) -> LocationTable {
        let mut runs: Vec<(u32, Location)> = Vec::new();
        let mut marks = marks.iter().peekable();
        for (pc, loc) in locations.iter().enumerate() {
            let pc = pc as u32;
            let before = runs.len();
            while let Some((_, mark)) = marks.next_if(|(at, _)| *at <= pc) {
                if mark.line != loc.line && mark.line != 0 {
                    runs.push((pc, *mark));
                }
            }
            if runs.len() > before || runs.last().is_none_or(|(_, last)| last != loc) {
                runs.push((pc, *loc));
            }
        }
        LocationTable { runs: runs.into() }
    }

    /// The line of instruction `pc`, or of the last one before it that has a line; 0 if there is none.
    pub fn line_near(&self, pc: u32) -> u32 {
        let end = self.runs.partition_point(|(start, _)| *start <= pc);
        self.runs[..end].iter().rev().map(|(_, loc)| loc.line).find(|line| *line != 0).unwrap_or(0)
    }

    /// The lines without instructions that come before instruction `pc`.
    pub fn marks(&self, pc: u32) -> impl Iterator<Item = Location> {
        let first = self.runs.partition_point(|(start, _)| *start < pc);
        let end = self.runs.partition_point(|(start, _)| *start <= pc);
        self.runs[first..end.saturating_sub(1).max(first)].iter().map(|(_, loc)| *loc)
    }

    /// A table from its runs, for decoding.
    pub fn from_runs(runs: Vec<(u32, Location)>) -> LocationTable {
        LocationTable { runs: runs.into() }
    }

    /// The runs: (first instruction, position), ascending.
    pub fn runs(&self) -> &[(u32, Location)] {
        &self.runs
    }

    /// The position of instruction `pc`.
    pub fn get(&self, pc: u32) -> Location {
        match self.runs.partition_point(|(start, _)| *start <= pc) {
            0 => Location::default(),
            n => self.runs[n - 1].1,
        }
    }
}

/// A range of instructions and the handler that catches what they raise. When ranges nest, the innermost comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExcEntry {
    /// First instruction covered.
    pub start: u32,
    /// First instruction not covered.
    pub end: u32,
    /// Where the handler begins.
    pub handler: u32,
    /// The handler's depth: registers from here on are cleared, and this one receives the exception.
    pub depth: u16,
}
