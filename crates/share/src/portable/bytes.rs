//! Immutable bytes that cross.

use std::fmt;
use std::ops::Deref;
use triomphe::ThinArc;

/// Immutable bytes. A clone shares them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Bytes(ThinArc<(), u8>);

impl Bytes {
    /// Copies `bytes`.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(ThinArc::from_header_and_slice((), bytes))
    }

    /// Whether both are the same allocation.
    #[must_use]
    pub fn is(&self, other: &Bytes) -> bool {
        std::ptr::eq(self.as_ptr(), other.as_ptr())
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes)
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0.slice
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}
