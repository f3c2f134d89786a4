//! UTF-7 (RFC 2152).

use super::errors::Decoding;
use crate::error::PyResult;
use crate::types::str::{Str, push_char};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(b: u8) -> Option<u32> {
    DIGITS.iter().position(|d| *d == b).map(|i| i as u32)
}

/// Characters that stand for themselves.
fn is_direct(c: u32) -> bool {
    matches!(u8::try_from(c), Ok(b'\t' | b'\n' | b'\r' | b' '..=b'}')) && c != b'+' as u32 && c != b'\\' as u32
}

/// Encodes; nothing fails.
pub fn encode(s: &Str) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut shifted, mut bits, mut n_bits) = (false, 0u32, 0);
    for c in s.chars() {
        if shifted && is_direct(c) {
            if n_bits > 0 {
                out.push(DIGITS[(bits << (6 - n_bits)) as usize & 63]);
                n_bits = 0;
                bits = 0;
            }
            shifted = false;
            if digit(c as u8).is_some() || c == b'-' as u32 {
                out.push(b'-');
            }
        }
        if !shifted {
            if is_direct(c) {
                out.push(c as u8);
                continue;
            }
            out.push(b'+');
            if c == b'+' as u32 {
                out.push(b'-');
                continue;
            }
            shifted = true;
        }
        let mut unit = |u: u32| {
            bits = (bits & 0x3f) << 16 | u;
            n_bits += 16;
            while n_bits >= 6 {
                n_bits -= 6;
                out.push(DIGITS[(bits >> n_bits) as usize & 63]);
            }
        };
        if c >= 0x10000 {
            unit(0xd800 + ((c - 0x10000) >> 10));
            unit(0xdc00 + ((c - 0x10000) & 0x3ff));
        } else {
            unit(c);
        }
    }
    if n_bits > 0 {
        out.push(DIGITS[(bits << (6 - n_bits)) as usize & 63]);
    }
    if shifted {
        out.push(b'-');
    }
    out
}

/// Decodes; if not `whole`, an unfinished sequence at the end stays.
pub fn decode(mut d: Decoding<'_>, whole: bool) -> PyResult<(Vec<u8>, usize)> {
    let mut at = 0;
    let (mut shifted, mut start, mut out_start) = (false, 0, 0);
    let (mut bits, mut n_bits, mut high) = (0u32, 0, 0u32);
    while at < d.input().len() {
        let b = d.input()[at];
        if !shifted {
            if b == b'+' {
                start = at;
                at += 1;
                match d.input().get(at) {
                    Some(b'-') => {
                        at += 1;
                        d.out.push(b'+');
                    }
                    Some(next) if digit(*next).is_none() => {
                        at = d.error(start, at + 1, "ill-formed sequence")?;
                    }
                    _ => {
                        shifted = true;
                        (bits, n_bits, high) = (0, 0, 0);
                        out_start = d.out.len();
                    }
                }
            } else if b < 128 {
                d.out.push(b);
                at += 1;
            } else {
                at = d.error(at, at + 1, "unexpected special character")?;
            }
            continue;
        }
        if let Some(v) = digit(b) {
            bits = bits << 6 | v;
            n_bits += 6;
            at += 1;
            if n_bits >= 16 {
                n_bits -= 16;
                let unit = bits >> n_bits & 0xffff;
                bits &= (1 << n_bits) - 1;
                if high != 0 {
                    if (0xdc00..0xe000).contains(&unit) {
                        push_char(&mut d.out, 0x10000 + ((high - 0xd800) << 10 | (unit - 0xdc00)));
                        high = 0;
                        continue;
                    }
                    push_char(&mut d.out, high);
                    high = 0;
                }
                if (0xd800..0xdc00).contains(&unit) {
                    high = unit;
                } else {
                    push_char(&mut d.out, unit);
                }
            }
            continue;
        }
        shifted = false;
        if n_bits >= 6 {
            at = d.error(start, at + 1, "partial character in base64 sequence")?;
            continue;
        }
        if bits != 0 {
            at = d.error(start, at + 1, "non-zero padding bits in base64 sequence")?;
            continue;
        }
        if high != 0 && b < 128 {
            push_char(&mut d.out, high);
        }
        high = 0;
        if b == b'-' {
            at += 1;
        }
    }
    if shifted {
        if whole {
            if high != 0 || n_bits >= 6 || bits != 0 {
                let n = d.input().len();
                at = d.error(start, n, "unterminated shift sequence")?;
            }
        } else {
            d.out.truncate(out_start);
            at = start;
        }
    }
    Ok((d.out, at))
}
