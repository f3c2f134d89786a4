//! Portable values as keys, equal when Python says so: `1 == 1.0 == True == 1+0j`.
//!
//! A key keeps the value it was made of, and a canonical form of it that is compared and hashed.

use super::{BigInt, Portable, Tuple};
use papaya::Equivalent;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A hashable portable value. A NaN is equal to a NaN of the same bits.
#[derive(Clone, Debug)]
pub struct Key {
    given: Portable,
    canonical: Portable,
}

/// The value cannot be a key: it is not immutable data through and through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotHashable;

impl fmt::Display for NotHashable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value cannot be a key")
    }
}

impl std::error::Error for NotHashable {}

impl Key {
    /// Makes a key of `value`.
    ///
    /// # Errors
    /// [`NotHashable`] for buffers, pickles and opaque things, and for tuples that hold one.
    pub fn new(value: Portable) -> Result<Self, NotHashable> {
        let canonical = canonical(&value)?;
        Ok(Self { given: value, canonical })
    }

    /// The value the key was made of.
    #[must_use]
    pub fn value(&self) -> &Portable {
        &self.given
    }
}

/// What is looked for in a map, borrowed: no key is made of it.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    /// An integer, or what is equal to one.
    Int(i64),
    /// Text, in the form that [`Text`] holds.
    Text(&'a [u8]),
    /// Any key.
    Key(&'a Key),
}

impl Hash for Lookup<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Lookup::Int(value) => hash_int(*value, state),
            Lookup::Text(text) => hash_text(text, state),
            Lookup::Key(key) => key.hash(state),
        }
    }
}

impl Equivalent<Key> for Lookup<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        match (self, &key.canonical) {
            (Lookup::Int(a), Portable::Int(b)) => a == b,
            (Lookup::Text(a), Portable::Str(b)) => *a == b.as_bytes(),
            (Lookup::Key(a), _) => *a == key,
            _ => false,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(&self.canonical, state);
    }
}

fn canonical(value: &Portable) -> Result<Portable, NotHashable> {
    Ok(match value {
        Portable::Bool(value) => Portable::Int(i64::from(*value)),
        Portable::Float(value) => number(*value),
        Portable::Complex(parts) if parts.1 == 0.0 => number(parts.0),
        Portable::Tuple(items) => {
            let items = items.iter().map(canonical).collect::<Result<_, _>>()?;
            Portable::Tuple(Tuple::new(items).map_err(|_| NotHashable)?)
        }
        Portable::Buffer(_) | Portable::Pickled(_) | Portable::Code(_) | Portable::Opaque(_) => {
            return Err(NotHashable);
        }
        other => other.clone(),
    })
}

/// The integer that a float is equal to, or the float.
fn number(value: f64) -> Portable {
    if value.fract() != 0.0 || !value.is_finite() {
        return Portable::Float(value);
    }
    let bits = value.abs().to_bits();
    // The mantissa with its hidden bit; a finite float without fraction is at least 1 or is 0.
    let (exponent, mantissa) = ((bits >> 52) as usize, (bits & ((1 << 52) - 1)) | 1 << 52);
    if exponent < 1023 {
        return Portable::Int(0);
    }
    let shift = exponent - 1023;
    if shift <= 52 {
        return BigInt::portable(value < 0.0, &(mantissa >> (52 - shift)).to_le_bytes());
    }
    let (n_zero_bytes, shift) = ((shift - 52) / 8, (shift - 52) % 8);
    let mut magnitude = vec![0; n_zero_bytes];
    magnitude.extend_from_slice(&(mantissa << shift).to_le_bytes());
    BigInt::portable(value < 0.0, &magnitude)
}

fn hash_int<H: Hasher>(value: i64, state: &mut H) {
    state.write_u64(value.cast_unsigned());
}

fn hash_text<H: Hasher>(text: &[u8], state: &mut H) {
    state.write(text);
    // Texts in a tuple are told apart by more than their concatenation.
    state.write_usize(text.len());
}

fn hash<H: Hasher>(value: &Portable, state: &mut H) {
    // Numbers and text are hashed often, and alone: what kind they are of is left to the comparison.
    match value {
        Portable::Int(value) => return hash_int(*value, state),
        Portable::Str(text) => return hash_text(text.as_bytes(), state),
        _ => std::mem::discriminant(value).hash(state),
    }
    match value {
        Portable::BigInt(value) => value.hash(state),
        Portable::Float(value) => value.to_bits().hash(state),
        Portable::Complex(parts) => (parts.0.to_bits(), parts.1.to_bits()).hash(state),
        Portable::Bytes(bytes) => bytes.hash(state),
        Portable::Tuple(items) => {
            items.len().hash(state);
            items.iter().for_each(|item| hash(item, state));
        }
        Portable::QueueEnd(id) => id.hash(state),
        Portable::ChannelEnd(side, id) => (side, id).hash(state),
        // Hashed above, not in a canonical form, or nothing to add.
        Portable::Int(_)
        | Portable::Str(_)
        | Portable::None
        | Portable::Bool(_)
        | Portable::Buffer(_)
        | Portable::Pickled(_)
        | Portable::Code(_)
        | Portable::Opaque(_) => (),
    }
}
