//! The Unicode 16 character database as Python sees it: classes, case mappings, numeric values.
//!
//! It reads `tables.bin`, which `generate.py` writes and describes. It knows nothing of Python values.
//!
//! Invariant: lookups never fail: every `u32` has a record (that of an unassigned character beyond the last code point).

static TABLES: &[u8] = include_bytes!("tables.bin");

/// The version of the database.
pub const VERSION: &str = "16.0.0";

/// Flags of a character.
pub mod flag {
    /// `str.isalpha`
    pub const ALPHA: u32 = 1;
    /// `str.isdecimal`
    pub const DECIMAL: u32 = 1 << 1;
    /// `str.isdigit`
    pub const DIGIT: u32 = 1 << 2;
    /// `str.isnumeric`
    pub const NUMERIC: u32 = 1 << 3;
    /// Lowercase
    pub const LOWER: u32 = 1 << 4;
    /// Uppercase
    pub const UPPER: u32 = 1 << 5;
    /// Titlecase
    pub const TITLE: u32 = 1 << 6;
    /// Has case
    pub const CASED: u32 = 1 << 7;
    /// Skipped when the context of a sigma is looked at
    pub const CASE_IGNORABLE: u32 = 1 << 8;
    /// May begin an identifier
    pub const XID_START: u32 = 1 << 9;
    /// May continue an identifier
    pub const XID_CONTINUE: u32 = 1 << 10;
    /// `str.isprintable`
    pub const PRINTABLE: u32 = 1 << 11;
    /// `str.isspace`
    pub const SPACE: u32 = 1 << 12;
    /// Ends a line for `str.splitlines`
    pub const LINEBREAK: u32 = 1 << 13;
    /// Mirrored in bidirectional text
    pub const MIRRORED: u32 = 1 << 14;
    /// Case mappings are in the table of specials
    pub(super) const SPECIAL: u32 = 1 << 15;
    /// `str.isalnum`
    pub const ALNUM: u32 = ALPHA | DECIMAL | DIGIT | NUMERIC;
}

const CATEGORIES: [&str; 30] = [
    "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
    "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
];
const BIDIRECTIONAL: [&str; 24] = [
    "", "L", "LRE", "LRO", "R", "AL", "RLE", "RLO", "PDF", "EN", "ES", "ET", "AN", "CS", "NSM", "BN", "B", "S", "WS",
    "ON", "LRI", "RLI", "FSI", "PDI",
];
const WIDTHS: [&str; 6] = ["N", "A", "H", "F", "Na", "W"];

const RECORD: usize = 24;

const fn word(at: usize) -> u32 {
    u32::from_le_bytes([TABLES[at], TABLES[at + 1], TABLES[at + 2], TABLES[at + 3]])
}

const fn half(at: usize) -> usize {
    TABLES[at] as usize | (TABLES[at + 1] as usize) << 8
}

const fn section(i: usize) -> usize {
    word(i * 4) as usize
}

const STAGE1: usize = section(0);
const STAGE2: usize = section(1);
const RECORDS: usize = section(2);
const SPECIALS: usize = section(3);
const NUMERICS: usize = section(4);
const DECOMPOSITIONS: usize = section(5);
const DECOMPOSITION_TEXT: usize = section(6);

/// What the database says of one character.
#[derive(Clone, Copy)]
pub struct Record {
    at: usize,
    c: u32,
}

/// The record of a code point.
#[inline]
pub fn record(c: u32) -> Record {
    let c = c.min(0x10ffff);
    let block = half(STAGE1 + (c >> 7) as usize * 2);
    let index = half(STAGE2 + (block * 128 + (c & 127) as usize) * 2);
    Record { at: RECORDS + index * RECORD, c }
}

/// Whether a character has one of the flags of [`flag`].
#[inline]
pub fn has(c: u32, flags: u32) -> bool {
    record(c).flags() & flags != 0
}

impl Record {
    /// Flags of [`flag`].
    #[inline]
    pub fn flags(self) -> u32 {
        word(self.at)
    }

    /// General category: `Lu`.
    pub fn category(self) -> &'static str {
        CATEGORIES[TABLES[self.at + 4] as usize]
    }

    /// Bidirectional class, or empty.
    pub fn bidirectional(self) -> &'static str {
        BIDIRECTIONAL[TABLES[self.at + 5] as usize]
    }

    /// Canonical combining class.
    pub fn combining(self) -> u8 {
        TABLES[self.at + 6]
    }

    /// East Asian width: `Na`.
    pub fn east_asian_width(self) -> &'static str {
        WIDTHS[TABLES[self.at + 7] as usize]
    }

    /// Value as a decimal digit.
    #[inline]
    pub fn decimal(self) -> Option<u8> {
        Some(TABLES[self.at + 8]).filter(|d| *d != 255)
    }

    /// Value as a digit.
    pub fn digit(self) -> Option<u8> {
        Some(TABLES[self.at + 9]).filter(|d| *d != 255)
    }

    /// Numeric value.
    pub fn numeric(self) -> Option<f64> {
        if let Some(d) = self.digit() {
            return Some(d as f64);
        }
        let n = (DECOMPOSITIONS - NUMERICS) / 12;
        let i = search(n, |i| word(NUMERICS + i * 12).cmp(&self.c))?;
        let at = NUMERICS + i * 12 + 4;
        Some(f64::from_bits(word(at) as u64 | (word(at + 4) as u64) << 32))
    }

    /// Decomposition as the database writes it: `<compat> 0020 0308`, or empty.
    pub fn decomposition(self) -> &'static str {
        let n = (DECOMPOSITION_TEXT - DECOMPOSITIONS) / 8;
        let Some(i) = search(n, |i| word(DECOMPOSITIONS + i * 8).cmp(&self.c)) else { return "" };
        let at = DECOMPOSITION_TEXT + word(DECOMPOSITIONS + i * 8 + 4) as usize;
        let len = TABLES[at] as usize;
        std::str::from_utf8(&TABLES[at + 1..at + 1 + len]).unwrap_or("")
    }

    fn special(self, which: usize) -> Case {
        let at = SPECIALS + word(self.at + 12) as usize * 4;
        let counts = &TABLES[at..at + 4];
        let skip: usize = counts[..which].iter().map(|n| *n as usize).sum();
        let mut case = Case { chars: [0; 3], len: counts[which] };
        for i in 0..case.len as usize {
            case.chars[i] = word(at + 4 + (skip + i) * 4);
        }
        case
    }

    #[inline]
    fn mapping(self, which: usize) -> Case {
        if self.flags() & flag::SPECIAL != 0 {
            return self.special(which);
        }
        // The fold of a character that is not special is its lowercase.
        let delta = word(self.at + 12 + [0, 1, 2, 0][which] * 4);
        Case { chars: [self.c.wrapping_add(delta), 0, 0], len: 1 }
    }
}

fn search(n: usize, compare: impl Fn(usize) -> std::cmp::Ordering) -> Option<usize> {
    let (mut low, mut high) = (0, n);
    while low < high {
        let mid = (low + high) / 2;
        match compare(mid) {
            std::cmp::Ordering::Equal => return Some(mid),
            std::cmp::Ordering::Less => low = mid + 1,
            std::cmp::Ordering::Greater => high = mid,
        }
    }
    None
}

/// The full case mapping of one character: one to three characters.
#[derive(Clone, Copy)]
pub struct Case {
    chars: [u32; 3],
    len: u8,
}

impl Case {
    /// The characters.
    #[inline]
    pub fn as_slice(&self) -> &[u32] {
        &self.chars[..self.len as usize]
    }
}

/// Lowercase (a final sigma is the caller's affair).
#[inline]
pub fn lower(c: u32) -> Case {
    record(c).mapping(0)
}

/// Uppercase.
#[inline]
pub fn upper(c: u32) -> Case {
    record(c).mapping(1)
}

/// Titlecase.
#[inline]
pub fn title(c: u32) -> Case {
    record(c).mapping(2)
}

/// Case folding.
#[inline]
pub fn fold(c: u32) -> Case {
    record(c).mapping(3)
}

/// Lowercase as one character, for regular expressions.
pub fn simple_lower(c: u32) -> u32 {
    lower(c).chars[0]
}

/// Uppercase as one character; itself where the mapping has more than one.
pub fn simple_upper(c: u32) -> u32 {
    let case = upper(c);
    if case.len == 1 { case.chars[0] } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_characters() {
        assert!(has('a' as u32, flag::LOWER) && has('A' as u32, flag::UPPER) && !has('1' as u32, flag::ALPHA));
        assert_eq!(record('7' as u32).decimal(), Some(7));
        assert_eq!(record(0xbd).numeric(), Some(0.5));
        assert_eq!(upper(0xdf).as_slice(), &['S' as u32, 'S' as u32]);
        assert_eq!(fold(0xdf).as_slice(), &['s' as u32, 's' as u32]);
        assert_eq!(lower(0x130).as_slice(), &[0x69, 0x307]);
        assert_eq!(record(0xe9).decomposition(), "0065 0301");
        assert_eq!(record(0x4e00).category(), "Lo");
        assert_eq!(record(0x10ffff).category(), "Cn");
        assert_eq!(simple_lower('Q' as u32), 'q' as u32);
    }
}
