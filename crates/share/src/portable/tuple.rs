//! Tuples that cross. Each knows how deep it nests.

use super::Portable;
use std::fmt;
use std::ops::Deref;
use triomphe::ThinArc;

/// An immutable sequence of portable values. A clone shares it.
#[derive(Clone)]
pub struct Tuple(ThinArc<u32, Portable>);

/// The tuple would nest deeper than [`Tuple::MAX_DEPTH`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooDeep;

impl fmt::Display for TooDeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tuples nest too deep")
    }
}

impl std::error::Error for TooDeep {}

impl Tuple {
    /// How deep tuples may nest. Dropping one recurses this deep, in frames of a few hundred bytes.
    pub const MAX_DEPTH: u32 = 1_000;

    /// A tuple of `items`.
    ///
    /// # Errors
    /// [`TooDeep`] when an item nests as deep as is allowed already.
    pub fn new(items: Vec<Portable>) -> Result<Self, TooDeep> {
        let depth = 1 + items.iter().map(depth).max().unwrap_or(0);
        if depth > Self::MAX_DEPTH {
            return Err(TooDeep);
        }
        Ok(Self(ThinArc::from_header_and_iter(depth, items.into_iter())))
    }

    /// How deep it nests: 1 if no item is a tuple.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.0.header.header
    }
}

fn depth(value: &Portable) -> u32 {
    match value {
        Portable::Tuple(tuple) => tuple.depth(),
        _ => 0,
    }
}

impl Deref for Tuple {
    type Target = [Portable];

    fn deref(&self) -> &[Portable] {
        &self.0.slice
    }
}

impl fmt::Debug for Tuple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self[..], f)
    }
}
