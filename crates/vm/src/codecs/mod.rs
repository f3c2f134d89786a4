//! Codecs: text to bytes and back. `_codecs` of the library exposes what is here.
//!
//! Rooms: this file finds the codec for a name; [`registry`] codecs and error handlers that Python registered; [`errors`]
//! what happens where something cannot be coded; [`utf8`], [`utf16`] (and 32), [`single`] (ASCII, Latin-1, character
//! maps), [`escape`], [`utf7`] the codecs.
//!
//! Invariant: a decoder's output is valid WTF-8; positions in errors count bytes when decoding and characters when
//! encoding.

pub mod errors;
pub mod escape;
pub mod registry;
pub mod single;
pub mod utf16;
pub mod utf7;
pub mod utf8;

use crate::error::PyResult;
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;
pub use errors::{Decoding, Encoding};
use utf16::Order;

/// A codec that the machine has itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Native {
    Utf8,
    Ascii,
    Latin1,
    Utf16(Option<Order>),
    Utf32(Option<Order>),
}

/// An encoding's name in the form that codecs are registered under.
pub fn normalized(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    for c in name.chars() {
        if c.is_alphanumeric() || c == '.' {
            if gap && !out.is_empty() {
                out.push('_');
            }
            gap = false;
            out.extend(c.to_lowercase());
        } else {
            gap = true;
        }
    }
    out
}

fn native(name: &str) -> Option<Native> {
    Some(match normalized(name).as_str() {
        "utf_8" | "utf8" => Native::Utf8,
        "ascii" | "us_ascii" => Native::Ascii,
        "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" => Native::Latin1,
        "utf_16" | "utf16" => Native::Utf16(None),
        "utf_16_le" => Native::Utf16(Some(Order::Little)),
        "utf_16_be" => Native::Utf16(Some(Order::Big)),
        "utf_32" | "utf32" => Native::Utf32(None),
        "utf_32_le" => Native::Utf32(Some(Order::Little)),
        "utf_32_be" => Native::Utf32(Some(Order::Big)),
        _ => return None,
    })
}

impl Vm {
    /// `text.encode(encoding, errors)`: `bytes`. Missing names mean `utf-8` and `strict`.
    pub fn encode(&self, text: &Value, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
        let name = encoding.unwrap_or("utf-8");
        let Some(s) = text.downcast::<Str>() else {
            return Err(self.type_error(&format!("expected str, got {}", self.type_of(text).name())));
        };
        let Some(codec) = native(name) else { return self.encode_registered(text, name, errors) };
        if s.is_ascii() && matches!(codec, Native::Utf8 | Native::Ascii | Native::Latin1) {
            return Ok(self.bytes(s.as_bytes()));
        }
        let out = match codec {
            Native::Utf8 => utf8::encode(self, text, errors),
            Native::Ascii => single::encode_up_to(self, text, errors, "ascii", 128),
            Native::Latin1 => single::encode_up_to(self, text, errors, "latin-1", 256),
            Native::Utf16(order) => utf16::encode16(self, text, errors, order),
            Native::Utf32(order) => utf16::encode32(self, text, errors, order),
        }?;
        Ok(self.bytes(&out))
    }

    #[cold]
    fn encode_registered(&self, text: &Value, name: &str, errors: Option<&str>) -> PyResult {
        let codec = self.lookup_text_codec(name, "encode", "codecs.encode()")?;
        let encoder = self.get_item(&codec, &Value::int_unchecked(0))?;
        let result = match errors {
            Some(e) => self.call_pos(&encoder, &[text.clone(), self.str(e)])?,
            None => self.call_one(&encoder, text)?,
        };
        let made = self.first_of_pair(&result, "encoder must return a tuple (object, integer)")?;
        if made.is_a::<Bytes>() {
            return Ok(made);
        }
        Err(self.type_error(&format!(
            "'{name}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
            self.type_of(&made).name()
        )))
    }

    /// `bytes.decode(encoding, errors)`: `str`. `object` exports its memory.
    pub fn decode(&self, object: &Value, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
        let name = encoding.unwrap_or("utf-8");
        let Some(codec) = native(name) else { return self.decode_registered(object, name, errors) };
        let copied;
        let input = match object.downcast::<Bytes>() {
            Some(b) => b.as_bytes(),
            None => {
                copied = self.get_buffer(object, false)?.to_vec();
                &copied
            }
        };
        self.decode_native(codec, Some(object), input, errors)
    }

    /// The text of bytes in UTF-8.
    pub fn decode_utf8(&self, input: &[u8], errors: Option<&str>) -> PyResult {
        self.decode_native(Native::Utf8, None, input, errors)
    }

    fn decode_native(&self, codec: Native, object: Option<&Value>, input: &[u8], errors: Option<&str>) -> PyResult {
        if input.is_ascii() && matches!(codec, Native::Utf8 | Native::Ascii | Native::Latin1) {
            if input.len() > crate::types::str::MAX_STR {
                return Err(self.memory_error());
            }
            self.check_alloc(input.len())?;
            return Ok(self.str_ascii(input));
        }
        let decoding = |name| Decoding::new(self, name, object, input, errors);
        let (text, _) = match codec {
            Native::Utf8 => return utf8::decode(decoding("utf-8"), true).map(|(text, _)| text),
            Native::Ascii => single::decode_ascii(decoding("ascii"))?,
            Native::Latin1 => return single::decode_latin1(self, input),
            Native::Utf16(order) => utf16::decode16(decoding(utf16::name16(order)), order, true)?.0,
            Native::Utf32(order) => utf16::decode32(decoding(utf16::name32(order)), order, true)?.0,
        };
        self.str_from_vec(text)
    }

    #[cold]
    fn decode_registered(&self, object: &Value, name: &str, errors: Option<&str>) -> PyResult {
        let codec = self.lookup_text_codec(name, "decode", "codecs.decode()")?;
        let decoder = self.get_item(&codec, &Value::int_unchecked(1))?;
        let input = match object.is_a::<Bytes>() {
            true => object.clone(),
            false => self.bytes(&self.get_buffer(object, false)?.to_vec()),
        };
        let result = match errors {
            Some(e) => self.call_pos(&decoder, &[input, self.str(e)])?,
            None => self.call_one(&decoder, &input)?,
        };
        let made = self.first_of_pair(&result, "decoder must return a tuple (object,integer)")?;
        if made.is_a::<Str>() {
            return Ok(made);
        }
        Err(self.type_error(&format!(
            "'{name}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
            self.type_of(&made).name()
        )))
    }

    fn first_of_pair(&self, result: &Value, message: &str) -> PyResult {
        match result.downcast::<crate::types::tuple::Tuple>().map(|t| t.as_slice()) {
            Some([first, _]) => Ok(first.clone()),
            _ => Err(self.type_error(message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(normalized("UTF-8"), "utf_8");
        assert_eq!(normalized(" ISO--8859 1"), "iso_8859_1");
        assert_eq!(native("Latin-1"), Some(Native::Latin1));
        assert_eq!(native("cp1252"), None);
    }
}
