//! Integers beyond 64 bits: a sign and a magnitude. No arithmetic: that is the business of both ends.

use super::Portable;
use std::fmt;
use triomphe::ThinArc;

/// An integer that does not fit `i64`. A clone shares the digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BigInt(ThinArc<bool, u8>);

impl BigInt {
    /// The integer of this sign and magnitude (bytes, least significant first), as the variant it belongs to:
    /// [`Portable::Int`] if it fits.
    #[must_use]
    pub fn portable(negative: bool, magnitude: &[u8]) -> Portable {
        let n_bytes = magnitude.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let magnitude = &magnitude[..n_bytes];
        if let Some(small) = fits(negative, magnitude) {
            return Portable::Int(small);
        }
        Portable::BigInt(Self(ThinArc::from_header_and_slice(negative, magnitude)))
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.0.header.header
    }

    /// Its absolute value: bytes, least significant first, the last one not 0.
    #[must_use]
    pub fn magnitude(&self) -> &[u8] {
        &self.0.slice
    }
}

fn fits(negative: bool, magnitude: &[u8]) -> Option<i64> {
    let mut bytes = [0; 8];
    bytes.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
    let value = i128::from(u64::from_le_bytes(bytes));
    i64::try_from(if negative { -value } else { value }).ok()
}

impl fmt::Debug for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_negative() { "-0x" } else { "0x" })?;
        self.magnitude().iter().rev().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
