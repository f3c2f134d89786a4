//! Type codes: how the items of an array are made from values and back.

use serpens_vm::types::int::{as_big, to_i64};
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Raised, Value, Vm};

/// The type code of an array: a character of [`CODES`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(u8);

/// All type codes.
pub const CODES: &str = "bBuwhHiIlLqQfd";

impl Code {
    /// The type code of a character.
    pub fn new(c: u32) -> Option<Code> {
        let c = u8::try_from(c).ok()?;
        CODES.as_bytes().contains(&c).then_some(Code(c))
    }

    /// Its character.
    pub fn char(self) -> char {
        self.0 as char
    }

    /// Bytes of an item.
    pub fn size(self) -> usize {
        match self.0 {
            b'b' | b'B' => 1,
            b'h' | b'H' => 2,
            b'u' | b'w' | b'i' | b'I' | b'f' => 4,
            _ => 8,
        }
    }

    /// Whether items are characters.
    pub fn is_text(self) -> bool {
        matches!(self.0, b'u' | b'w')
    }

    /// The format for the buffer protocol.
    pub fn format(self) -> &'static str {
        let at = if self.0 == b'u' { 3 } else { CODES.bytes().position(|c| c == self.0).unwrap_or(0) };
        &CODES[at..=at]
    }

    /// The number of the machine format, for pickles.
    pub fn machine_format(self) -> i64 {
        match self.0 {
            b'B' => 0,
            b'b' => 1,
            b'H' => 2,
            b'h' => 4,
            b'I' => 6,
            b'i' => 8,
            b'L' | b'Q' => 10,
            b'l' | b'q' => 12,
            b'f' => 14,
            b'd' => 16,
            _ => 20,
        }
    }

    /// The value of an item of this type.
    #[inline]
    pub fn load(self, vm: &Vm, bytes: &[u8]) -> PyResult {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        let word = u64::from_ne_bytes(eight);
        Ok(match self.0 {
            b'b' => Value::int_unchecked(i64::from(word as i8)),
            b'B' | b'H' | b'I' => Value::int_unchecked(word as i64),
            b'h' => Value::int_unchecked(i64::from(word as i16)),
            b'i' => Value::int_unchecked(i64::from(word as i32)),
            b'l' | b'q' => vm.int(word as i64),
            b'f' => Value::float(f64::from(f32::from_bits(word as u32))),
            b'd' => Value::float(f64::from_bits(word)),
            b'u' | b'w' => {
                if word > 0x10_ffff {
                    return Err(vm.value_error(&format!("character U+{word:x} is not in range [U+0000; U+10ffff]")));
                }
                vm.char(word as u32)
            }
            _ => vm.int_u64(word),
        })
    }

    /// The word whose low bytes are the item.
    #[inline]
    pub fn word(self, vm: &Vm, v: &Value) -> PyResult<u64> {
        match self.0 {
            b'd' => Ok(real(vm, v)?.to_bits()),
            b'f' => Ok(u64::from((real(vm, v)? as f32).to_bits())),
            b'u' | b'w' => character(vm, v).map(u64::from),
            _ => self.integer(vm, v),
        }
    }

    fn integer(self, vm: &Vm, v: &Value) -> PyResult<u64> {
        let index;
        let (i, big) = match v.as_small_int() {
            Some(i) => (Some(i), None),
            None => {
                index = vm.to_index(v)?;
                (to_i64(&index), as_big(&index))
            }
        };
        let range = |low: i64, high: i64, name: &str| match i {
            Some(i) if i < low => Err(vm.overflow_error(&format!("{name} is less than minimum"))),
            Some(i) if i > high => Err(vm.overflow_error(&format!("{name} is greater than maximum"))),
            Some(i) => Ok(i as u64),
            None => Err(vm.overflow_error("Python int too large to convert to C long")),
        };
        let word = || big.as_ref().and_then(|b| u64::try_from(b.as_ref().clone()).ok());
        let negative = i.map_or_else(|| big.as_ref().is_some_and(|b| b.sign() == dashu_int::Sign::Negative), |i| i < 0);
        match self.0 {
            b'b' => range(-128, 127, "signed char"),
            b'B' => range(0, 255, "unsigned byte integer"),
            b'h' => range(-32768, 32767, "signed short integer"),
            b'H' => range(0, 65535, "unsigned short"),
            b'i' => range(i64::from(i32::MIN), i64::from(i32::MAX), "signed integer"),
            b'l' => i.map(|i| i as u64).ok_or_else(|| too_large(vm, "Python int too large to convert to C long")),
            b'q' => i.map(|i| i as u64).ok_or_else(|| too_large(vm, "int too big to convert")),
            b'Q' if negative => Err(vm.overflow_error("can't convert negative int to unsigned")),
            _ if negative => Err(vm.overflow_error("can't convert negative value to unsigned int")),
            b'I' => match i {
                Some(i) if i <= i64::from(u32::MAX) => Ok(i as u64),
                Some(_) => Err(vm.overflow_error("unsigned int is greater than maximum")),
                None => Err(too_large(vm, "Python int too large to convert to C unsigned long")),
            },
            code => i.map(|i| i as u64).or_else(word).ok_or_else(|| {
                let text = if code == b'Q' {
                    "int too big to convert"
                } else {
                    "Python int too large to convert to C unsigned long"
                };
                too_large(vm, text)
            }),
        }
    }
}

#[cold]
fn too_large(vm: &Vm, message: &str) -> Raised {
    vm.overflow_error(message)
}

fn real(vm: &Vm, v: &Value) -> PyResult<f64> {
    match v.as_float() {
        Some(d) => Ok(d),
        None => vm.to_f64(v),
    }
}

fn character(vm: &Vm, v: &Value) -> PyResult<u32> {
    let Some(s) = v.downcast::<Str>() else {
        return Err(vm.type_error(&format!("array item must be a unicode character, not {}", vm.type_of(v).name())));
    };
    let mut chars = s.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        _ => {
            let n = s.len();
            Err(vm.type_error(&format!("array item must be a unicode character, not a string of length {n}")))
        }
    }
}
