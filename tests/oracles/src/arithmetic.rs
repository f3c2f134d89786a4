//! Arithmetic of integers, small and large, against a big-integer library with Python's rules for signs.

use crate::{Input, Machine};
use dashu_int::IBig;
use serpens::PyResult;

const OPERATORS: &[&str] = &["+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>", "<", "=="];

impl Machine {
    /// Compares a chain of operations.
    pub fn check_arithmetic(&self, data: &[u8]) {
        let mut input = Input::new(data);
        let mut left = number(&mut input);
        while !input.is_empty() {
            let operator = OPERATORS[input.below(OPERATORS.len())];
            let mut right = number(&mut input);
            if matches!(operator, "<<" | ">>") {
                right = IBig::from(input.below(200));
            }
            let wanted = model(&left, operator, &right);
            let found = self.calculate(&left, operator, &right);
            assert_eq!(found, wanted.as_ref().map(IBig::to_string), "{left} {operator} {right}");
            left = wanted.unwrap_or(right);
        }
    }

    /// The result in Python, in decimal; `None` for a division by zero.
    fn calculate(&self, left: &IBig, operator: &str, right: &IBig) -> Option<String> {
        let result: PyResult<String> = self.interpreter.eval(&format!("str(int(({left}) {operator} ({right})))"));
        match result {
            Ok(text) => Some(text),
            Err(error) => {
                assert!(error.to_string().starts_with("ZeroDivisionError"), "{left} {operator} {right}: {error}");
                None
            }
        }
    }
}

/// Numbers crowd where representations change.
fn number(input: &mut Input<'_>) -> IBig {
    let edges = [0, 1, 1 << 31, 1 << 49, 1 << 50, (1 << 50) + 1, 1 << 62, i64::MAX];
    let magnitude = match input.byte() % 4 {
        0 => IBig::from(edges[input.below(edges.len())]),
        1 => IBig::from(input.below(100)),
        2 => IBig::from(dashu_int::UBig::from_le_bytes(input.bytes(8))),
        _ => IBig::from(dashu_int::UBig::from_le_bytes(input.bytes(24))),
    };
    let offset = IBig::from(input.below(3)) - IBig::from(1);
    if input.byte().is_multiple_of(2) { magnitude + offset } else { -magnitude + offset }
}

fn model(left: &IBig, operator: &str, right: &IBig) -> Option<IBig> {
    let zero = IBig::from(0);
    let small = || usize::try_from(right).expect("shifts are small");
    Some(match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "//" | "%" => {
            if *right == zero {
                return None;
            }
            let (mut quotient, mut rest) = (left / right, left % right);
            // Rust's division truncates, Python's rounds down.
            if rest != zero && (rest < zero) != (*right < zero) {
                quotient -= 1;
                rest += right;
            }
            if operator == "//" { quotient } else { rest }
        }
        "&" => left & right,
        "|" => left | right,
        "^" => left ^ right,
        "<<" => left << small(),
        ">>" => left >> small(),
        "<" => IBig::from(i32::from(left < right)),
        _ => IBig::from(i32::from(left == right)),
    })
}
