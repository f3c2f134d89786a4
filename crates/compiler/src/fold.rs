//! Constant folding, with CPython's limits. Nothing here emits; whoever asks gets a constant or nothing.

use crate::source::Source;
use ruff_python_ast::*;
use serpens_bytecode::constant::{Bits, Const};

/// The value of `e`, if it is a small integer literal (possibly negative) that fits the immediate field.
pub fn immediate(e: &Expr) -> Option<i16> {
    match e {
        Expr::NumberLiteral(ExprNumberLiteral { value: Number::Int(i), .. }) => i16::try_from(i.as_u64()?).ok(),
        Expr::UnaryOp(x) if x.op == UnaryOp::USub => immediate(&x.operand)?.checked_neg(),
        _ => None,
    }
}

/// The constant `e` evaluates to.
pub fn fold(e: &Expr, source: &Source) -> Option<Const> {
    match e {
        Expr::NumberLiteral(x) => number(&x.value),
        Expr::StringLiteral(x) => plain_string(x, source),
        Expr::BytesLiteral(x) => Some(Const::Bytes(x.value.bytes().collect::<Vec<u8>>().into())),
        Expr::BooleanLiteral(x) => Some(Const::Bool(x.value)),
        Expr::NoneLiteral(_) => Some(Const::None),
        Expr::EllipsisLiteral(x) => Some(source.given_constant(x.range.start()).unwrap_or(Const::Ellipsis)),
        Expr::Name(x) if x.id == "__debug__" => None,
        Expr::Tuple(x) => Some(Const::Tuple(fold_all(&x.elts, source)?.into())),
        Expr::UnaryOp(x) => unary(x.op, &fold(&x.operand, source)?),
        Expr::BinOp(x) => {
            if !may_fold(&x.right) {
                return None;
            }
            let left = fold(&x.left, source)?;
            binary(x.op, &left, &fold(&x.right, source)?)
        }
        _ => None,
    }
}

fn may_fold(e: &Expr) -> bool {
    match e {
        Expr::UnaryOp(x) => may_fold(&x.operand),
        Expr::Tuple(_) | Expr::BinOp(_) => true,
        _ => e.is_literal_expr(),
    }
}

/// All of `exprs`, if all are constants.
pub fn fold_all(exprs: &[Expr], source: &Source) -> Option<Vec<Const>> {
    exprs.iter().map(|e| fold(e, source)).collect()
}

/// A slice of constants.
pub fn fold_slice(s: &ExprSlice, source: &Source) -> Option<Const> {
    let part = |e: &Option<Box<Expr>>| match e {
        None => Some(Const::None),
        Some(e) => fold(e, source),
    };
    Some(Const::Slice([part(&s.lower)?, part(&s.upper)?, part(&s.step)?].into()))
}

/// The right side of `in`, if it is a display of constants.
pub fn constant_container(e: &Expr, source: &Source) -> Option<Const> {
    match e {
        Expr::List(x) => Some(Const::Tuple(fold_all(&x.elts, source)?.into())),
        Expr::Set(x) => {
            let items = fold_all(&x.elts, source)?;
            let mut distinct: Vec<Const> = Vec::new();
            for item in items {
                if !distinct.contains(&item) {
                    distinct.push(item);
                }
            }
            Some(Const::FrozenSet(distinct.into()))
        }
        _ => None,
    }
}

/// The truth of `e`, if it is constant.
pub fn truth(e: &Expr, source: &Source, optimize: u8) -> Option<bool> {
    match e {
        Expr::Name(x) if x.id == "__debug__" => Some(optimize == 0),
        Expr::UnaryOp(x) if x.op == UnaryOp::Not => Some(!truth(&x.operand, source, optimize)?),
        _ => Some(const_truth(&fold(e, source)?)),
    }
}

/// The truth of a constant.
pub fn const_truth(value: &Const) -> bool {
    match value {
        Const::None => false,
        Const::Bool(b) => *b,
        Const::Int(i) => *i != 0,
        Const::Float(f) => f.get() != 0.0,
        Const::Complex(re, im) => re.get() != 0.0 || im.get() != 0.0,
        Const::Str(s) | Const::Bytes(s) => !s.is_empty(),
        Const::Tuple(t) | Const::FrozenSet(t) => !t.is_empty(),
        Const::Ellipsis | Const::BigInt { .. } | Const::Slice(_) | Const::Code(_) => true,
    }
}

fn plain_string(x: &ExprStringLiteral, source: &Source) -> Option<Const> {
    Some(Const::Str(crate::strings::literal(x, source).into()))
}

/// The constant of a number literal.
pub fn number(value: &Number) -> Option<Const> {
    Some(match value {
        Number::Float(f) => Const::Float(Bits::new(*f)),
        Number::Complex { real, imag } => Const::Complex(Bits::new(*real), Bits::new(*imag)),
        Number::Int(i) => match i.as_u64() {
            Some(small) => integer(i128::from(small)),
            None => big(&i.to_string())?,
        },
    })
}

fn integer(value: i128) -> Const {
    match i64::try_from(value) {
        Ok(small) => Const::Int(small),
        Err(_) => from_magnitude(value < 0, value.unsigned_abs().to_le_bytes().to_vec()),
    }
}

fn from_magnitude(negative: bool, mut magnitude: Vec<u8>) -> Const {
    while magnitude.last() == Some(&0) {
        magnitude.pop();
    }
    if magnitude.len() <= 8 {
        let mut bytes = [0; 8];
        bytes[..magnitude.len()].copy_from_slice(&magnitude);
        let value = i128::from(u64::from_le_bytes(bytes));
        if let Ok(small) = i64::try_from(if negative { -value } else { value }) {
            return Const::Int(small);
        }
    }
    Const::BigInt { negative, magnitude: magnitude.into() }
}

/// A long integer literal in any base.
fn big(token: &str) -> Option<Const> {
    let text: String = token.chars().filter(|c| *c != '_').collect();
    let (digits, radix) = match text.get(..2) {
        Some("0x" | "0X") => (&text[2..], 16),
        Some("0o" | "0O") => (&text[2..], 8),
        Some("0b" | "0B") => (&text[2..], 2),
        _ => (&text[..], 10),
    };
    let mut limbs: Vec<u32> = Vec::new();
    // Decimal digits go nine at a time, so that a limb multiplication serves for nine.
    let step = match radix {
        10 => 9,
        16 => 7,
        8 => 10,
        _ => 31,
    };
    let digits = digits.as_bytes();
    let head = digits.len() % step;
    let (first, rest) = digits.split_at(head);
    for chunk in std::iter::once(first).chain(rest.chunks(step)).filter(|c| !c.is_empty()) {
        let mut value: u64 = 0;
        let mut factor: u64 = 1;
        for d in chunk {
            value = value * radix + u64::from((*d as char).to_digit(radix as u32)?);
            factor *= radix;
        }
        let mut carry = value;
        for limb in &mut limbs {
            let product = u64::from(*limb) * factor + carry;
            *limb = product as u32;
            carry = product >> 32;
        }
        if carry != 0 {
            limbs.push(carry as u32);
        }
    }
    Some(from_magnitude(false, limbs.iter().flat_map(|l| l.to_le_bytes()).collect()))
}

fn unary(op: UnaryOp, value: &Const) -> Option<Const> {
    Some(match (op, value) {
        (UnaryOp::Not, _) => Const::Bool(!const_truth(value)),
        (UnaryOp::USub, Const::Int(i)) => integer(-i128::from(*i)),
        (UnaryOp::USub, Const::Bool(b)) => Const::Int(-i64::from(*b)),
        (UnaryOp::USub, Const::BigInt { negative, magnitude }) => from_magnitude(!negative, magnitude.to_vec()),
        (UnaryOp::USub, Const::Float(f)) => Const::Float(Bits::new(-f.get())),
        (UnaryOp::USub, Const::Complex(re, im)) => Const::Complex(Bits::new(-re.get()), Bits::new(-im.get())),
        (UnaryOp::UAdd, Const::Int(_) | Const::Float(_) | Const::BigInt { .. } | Const::Complex(..)) => value.clone(),
        (UnaryOp::UAdd, Const::Bool(b)) => Const::Int(i64::from(*b)),
        (UnaryOp::Invert, Const::Int(i)) => Const::Int(!i),
        _ => return None,
    })
}

fn as_int(value: &Const) -> Option<i64> {
    match value {
        Const::Int(i) => Some(*i),
        Const::Bool(b) => Some(i64::from(*b)),
        _ => None,
    }
}

fn as_float(value: &Const) -> Option<f64> {
    match value {
        Const::Float(f) => Some(f.get()),
        // An integer that a float cannot hold exactly is left to run time.
        _ => as_int(value).filter(|i| i.unsigned_abs() <= 1 << 53).map(|i| i as f64),
    }
}

fn binary(op: Operator, left: &Const, right: &Const) -> Option<Const> {
    if let (Some(a), Some(b)) = (as_int(left), as_int(right)) {
        return int_binary(op, a, b, left, right);
    }
    if (matches!(left, Const::Float(_)) || matches!(right, Const::Float(_)))
        && let (Some(a), Some(b)) = (as_float(left), as_float(right))
    {
        return float_binary(op, a, b).map(|f| Const::Float(Bits::new(f)));
    }
    if matches!(left, Const::Complex(..)) || matches!(right, Const::Complex(..)) {
        return complex_binary(op, left, right);
    }
    match (op, left, right) {
        (Operator::Add, Const::Str(a), Const::Str(b)) => {
            Some(Const::Str([&a[..], &b[..]].concat().into())).filter(|_| a.len() + b.len() <= 4096)
        }
        (Operator::Add, Const::Bytes(a), Const::Bytes(b)) => {
            Some(Const::Bytes([&a[..], &b[..]].concat().into())).filter(|_| a.len() + b.len() <= 4096)
        }
        (Operator::Add, Const::Tuple(a), Const::Tuple(b)) => {
            Some(Const::Tuple([&a[..], &b[..]].concat().into())).filter(|_| a.len() + b.len() <= 256)
        }
        (Operator::Mult, Const::Str(s), n) | (Operator::Mult, n, Const::Str(s)) => {
            let n = usize::try_from(as_int(n)?.max(0)).ok()?;
            (s.len().checked_mul(n)? <= 4096).then(|| Const::Str(s.repeat(n).into()))
        }
        (Operator::Mult, Const::Bytes(s), n) | (Operator::Mult, n, Const::Bytes(s)) => {
            let n = usize::try_from(as_int(n)?.max(0)).ok()?;
            (s.len().checked_mul(n)? <= 4096).then(|| Const::Bytes(s.repeat(n).into()))
        }
        (Operator::Mult, Const::Tuple(t), n) | (Operator::Mult, n, Const::Tuple(t)) => {
            let n = usize::try_from(as_int(n)?.max(0)).ok()?;
            let size = t.iter().map(size).sum::<usize>();
            let ok = t.len().checked_mul(n)? <= 256 && size.checked_mul(n)? <= 4096;
            ok.then(|| Const::Tuple(std::iter::repeat_n(&t[..], n).flatten().cloned().collect()))
        }
        _ => None,
    }
}

fn size(value: &Const) -> usize {
    match value {
        Const::Tuple(t) | Const::FrozenSet(t) => 1 + t.iter().map(size).sum::<usize>(),
        Const::Str(s) | Const::Bytes(s) => 1 + s.len(),
        _ => 1,
    }
}

fn int_binary(op: Operator, a: i64, b: i64, left: &Const, right: &Const) -> Option<Const> {
    let (wide_a, wide_b) = (i128::from(a), i128::from(b));
    Some(match op {
        Operator::Add => integer(wide_a + wide_b),
        Operator::Sub => integer(wide_a - wide_b),
        Operator::Mult => integer(wide_a * wide_b),
        Operator::FloorDiv if b != 0 => integer(wide_a.div_euclid(wide_b) - adjust(wide_a, wide_b)),
        Operator::Mod if b != 0 => {
            let quotient = wide_a.div_euclid(wide_b) - adjust(wide_a, wide_b);
            integer(wide_a - quotient * wide_b)
        }
        Operator::Div if b != 0 => Const::Float(Bits::new(as_float(left)? / as_float(right)?)),
        Operator::Pow => power(a, b)?,
        Operator::LShift if (0..=128).contains(&b) => shift_left(a, b as u32),
        Operator::RShift if b >= 0 => integer(wide_a >> b.min(127)),
        Operator::BitOr | Operator::BitXor | Operator::BitAnd => {
            let value = match op {
                Operator::BitOr => a | b,
                Operator::BitXor => a ^ b,
                _ => a & b,
            };
            match (left, right) {
                (Const::Bool(_), Const::Bool(_)) => Const::Bool(value != 0),
                _ => Const::Int(value),
            }
        }
        _ => return None,
    })
}

/// What `div_euclid` lacks to be the floor: it rounds towards a remainder that is never negative.
fn adjust(a: i128, b: i128) -> i128 {
    i128::from(b < 0 && a.rem_euclid(b) != 0)
}

fn shift_left(a: i64, by: u32) -> Const {
    if by <= 63 {
        return integer(i128::from(a) << by);
    }
    let mut magnitude = vec![0u8; by as usize / 8];
    let shifted = u128::from(a.unsigned_abs()) << (by % 8);
    magnitude.extend_from_slice(&shifted.to_le_bytes());
    from_magnitude(a < 0, magnitude)
}

fn power(a: i64, b: i64) -> Option<Const> {
    if b < 0 {
        let exact = a != 0 && a.unsigned_abs() <= 1 << 53 && b >= -1024;
        return exact.then(|| Const::Float(Bits::new((a as f64).powf(b as f64))));
    }
    if a == 2 && b <= 128 {
        return Some(shift_left(1, b as u32));
    }
    let exponent = u32::try_from(b).ok()?;
    i128::from(a).checked_pow(exponent).map(integer)
}

fn float_binary(op: Operator, a: f64, b: f64) -> Option<f64> {
    Some(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        Operator::FloorDiv if b != 0.0 => {
            let modulo = float_mod(a, b);
            let quotient = (a - modulo) / b;
            let floor = quotient.floor();
            if quotient == 0.0 {
                0f64.copysign(a / b)
            } else if quotient - floor > 0.5 {
                floor + 1.0
            } else {
                floor
            }
        }
        Operator::Mod if b != 0.0 => float_mod(a, b),
        Operator::Pow if a > 0.0 => Some(a.powf(b)).filter(|f| f.is_finite())?,
        _ => return None,
    })
}

fn float_mod(a: f64, b: f64) -> f64 {
    let modulo = a % b;
    if modulo != 0.0 && (modulo < 0.0) != (b < 0.0) {
        modulo + b
    } else if modulo == 0.0 {
        0f64.copysign(b)
    } else {
        modulo
    }
}

fn complex_binary(op: Operator, left: &Const, right: &Const) -> Option<Const> {
    let make = |re, im| Some(Const::Complex(Bits::new(re), Bits::new(im)));
    match (op, left, right) {
        // Mixed operations keep the sign of the zero imaginary part as CPython 3.14 does.
        (Operator::Add, Const::Complex(a, b), Const::Complex(c, d)) => make(a.get() + c.get(), b.get() + d.get()),
        (Operator::Sub, Const::Complex(a, b), Const::Complex(c, d)) => make(a.get() - c.get(), b.get() - d.get()),
        (Operator::Add, Const::Complex(a, b), real) => make(a.get() + as_float(real)?, b.get()),
        (Operator::Sub, Const::Complex(a, b), real) => make(a.get() - as_float(real)?, b.get()),
        (Operator::Add, real, Const::Complex(a, b)) => make(as_float(real)? + a.get(), b.get()),
        (Operator::Sub, real, Const::Complex(a, b)) => make(as_float(real)? - a.get(), -b.get()),
        _ => None,
    }
}
