//! Text that crosses: counted UTF-8 in which surrogates may stand alone, with its length in characters.

use std::fmt;
use std::ops::Deref;
use triomphe::ThinArc;

/// Immutable text. A clone shares the bytes.
///
/// The bytes are UTF-8, except that surrogates (U+D800 to U+DFFF) may occur, each encoded on its own in three bytes,
/// as Python's `str` allows them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Text(ThinArc<usize, u8>);

impl Text {
    /// Copies `bytes` if they are text as described above.
    #[must_use]
    pub fn from_wtf8(bytes: &[u8]) -> Option<Self> {
        if !is_wtf8(bytes) {
            return None;
        }
        let n_chars = bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        Some(Self(ThinArc::from_header_and_slice(n_chars, bytes)))
    }

    /// Copies `bytes` without looking at them.
    ///
    /// # Safety
    /// `bytes` must be text as described above, of exactly `n_chars` characters: receivers rely on it.
    #[expect(unsafe_code, reason = "the caller vouches for the bytes")]
    #[must_use]
    pub unsafe fn from_wtf8_unchecked(bytes: &[u8], n_chars: usize) -> Self {
        debug_assert!(is_wtf8(bytes));
        Self(ThinArc::from_header_and_slice(n_chars, bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0.slice
    }

    /// The text, if no surrogate stands in it.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }

    /// Its length in characters.
    #[must_use]
    pub fn n_chars(&self) -> usize {
        self.0.header.header
    }

    /// Whether all characters are ASCII, which are those of one byte.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.n_chars() == self.as_bytes().len()
    }

    /// Whether both are the same allocation.
    #[must_use]
    pub fn is(&self, other: &Text) -> bool {
        std::ptr::eq(self.as_ptr(), other.as_ptr())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(ThinArc::from_header_and_slice(text.chars().count(), text.as_bytes()))
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self.as_bytes()), f)
    }
}

fn is_wtf8(mut bytes: &[u8]) -> bool {
    loop {
        let Err(error) = std::str::from_utf8(bytes) else {
            return true;
        };
        match &bytes[error.valid_up_to()..] {
            [0xED, 0xA0..=0xBF, 0x80..=0xBF, rest @ ..] => bytes = rest,
            _ => return false,
        }
    }
}
