//! Arithmetic operators on any values.

use crate::error::{PyResult, Raised};
use crate::types::slots::{BinOp, BinaryFn};
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// `a OP b`.
    pub fn binary_op(&self, op: BinOp, a: &Value, b: &Value) -> PyResult {
        let r = self.binary_op_opt(op, a, b)?;
        if r.is_not_implemented() { self.binary_unsupported(op, a, b, false) } else { Ok(r) }
    }

    /// `a OP b`, or NotImplemented.
    fn binary_op_opt(&self, op: BinOp, a: &Value, b: &Value) -> PyResult {
        let (ta, tb) = (self.type_of(a), self.type_of(b));
        let fa = ta.slots().binary[op as usize];
        let mut fb = tb.slots().binary[op as usize];
        if let (Some(x), Some(y)) = (fa, fb)
            && std::ptr::fn_addr_eq(x, y)
        {
            fb = None;
        }
        if ta.is(tb) {
            fb = None;
        }
        if let Some(f) = fa {
            // Concatenation and repetition of a native sequence come after the other operand's method.
            let late = fb.is_some() && self.is_sequence_slot(op, Some(f)) && !self.is_sequence_slot(op, fb);
            if let Some(g) = fb
                && (late || tb.is_subtype(ta))
            {
                let r = g(self, a, b)?;
                if !r.is_not_implemented() {
                    return Ok(r);
                }
                fb = None;
            }
            let r = f(self, a, b)?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        if let Some(g) = fb {
            return g(self, a, b);
        }
        Ok(Value::NOT_IMPLEMENTED)
    }

    /// Whether a slot is concatenation or repetition of a native sequence.
    fn is_sequence_slot(&self, op: BinOp, slot: Option<BinaryFn>) -> bool {
        let (BinOp::Add | BinOp::Mul, Some(f)) = (op, slot) else { return false };
        let t = self.types();
        [t.list, t.tuple, t.str, t.bytes, t.bytearray].into_iter().any(|ty| {
            let slots = ty.slots();
            [slots.binary[op as usize], slots.inplace[op as usize]]
                .into_iter()
                .flatten()
                .any(|g| std::ptr::fn_addr_eq(f, g))
        })
    }

    /// The TypeError of `[].__add__(1)` and the like, where the operator would have asked the other operand.
    pub(crate) fn sequence_wrapper_result(
        &self,
        op: BinOp,
        slot: Option<BinaryFn>,
        a: &Value,
        b: &Value,
        r: Value,
    ) -> PyResult {
        if !r.is_not_implemented() || !self.is_sequence_slot(op, slot) {
            return Ok(r);
        }
        if op == BinOp::Mul {
            let given = self.type_of(b).name();
            return Err(self.type_error(&format!("'{given}' object cannot be interpreted as an integer")));
        }
        self.binary_unsupported(op, a, b, false)
    }

    /// `a OP= b`.
    pub fn inplace_op(&self, op: BinOp, a: &Value, b: &Value) -> PyResult {
        let own = self.type_of(a).slots().inplace[op as usize];
        if self.is_sequence_slot(op, own)
            && let Some(g) = self.type_of(b).slots().binary[op as usize]
            && !self.is_sequence_slot(op, Some(g))
        {
            let r = g(self, a, b)?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        if let Some(f) = own {
            let r = f(self, a, b)?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        let r = self.binary_op_opt(op, a, b)?;
        if r.is_not_implemented() { self.binary_unsupported(op, a, b, true) } else { Ok(r) }
    }

    #[cold]
    pub(crate) fn binary_unsupported(&self, op: BinOp, a: &Value, b: &Value, inplace: bool) -> PyResult {
        let (ta, tb) = (self.type_of(a), self.type_of(b));
        let t = self.types();
        if op == BinOp::Add {
            for (ty, name) in
                [(t.str, "str"), (t.list, "list"), (t.tuple, "tuple"), (t.bytes, "bytes"), (t.bytearray, "bytearray")]
            {
                if ta.is_subtype(ty) {
                    let message = if name.starts_with("bytes") || name == "bytearray" {
                        format!("can't concat {} to {}", tb.name(), ta.name())
                    } else {
                        format!("can only concatenate {name} (not \"{}\") to {name}", tb.name())
                    };
                    return Err(self.type_error(&message));
                }
            }
        }
        if op == BinOp::Mul {
            let is_seq = |ty: &crate::types::typeobj::TypeObj| {
                [t.str, t.list, t.tuple, t.bytes, t.bytearray].into_iter().any(|s| ty.is_subtype(s))
            };
            let other = if is_seq(ta) {
                Some(tb)
            } else if is_seq(tb) {
                Some(ta)
            } else {
                None
            };
            if let Some(other) = other {
                return Err(self.type_error(&format!("can't multiply sequence by non-int of type '{}'", other.name())));
            }
        }
        let symbol = match (op, inplace) {
            (BinOp::Pow, true) => "**=".to_string(),
            (_, true) => format!("{}=", op.symbol()),
            (_, false) => op.symbol().to_string(),
        };
        if op == BinOp::Shr
            && let Some(b) = a.downcast::<crate::types::builtin::Builtin>()
            && b.def.name == "print"
        {
            return Err(self.type_error(&format!(
                "unsupported operand type(s) for {symbol}: '{}' and '{}'. Did you mean \"print(<message>, \
                 file=<output_stream>)\"?",
                ta.name(),
                tb.name()
            )));
        }
        Err(self.type_error(&format!("unsupported operand type(s) for {symbol}: '{}' and '{}'", ta.name(), tb.name())))
    }

    /// `pow(a, b, modulus)`.
    pub fn pow3(&self, a: &Value, b: &Value, modulus: &Value) -> PyResult {
        if modulus.is_none() {
            return self.binary_op(BinOp::Pow, a, b);
        }
        let slot = |v: &Value| self.type_of(v).slots().pow3;
        let mut order = [slot(a), slot(b), slot(modulus)];
        if slot(b).is_some() && !self.type_of(a).is(self.type_of(b)) && self.type_of(b).is_subtype(self.type_of(a)) {
            order.swap(0, 1);
        }
        for i in 0..order.len() {
            let Some(f) = order[i] else { continue };
            if order[..i].iter().flatten().any(|g| std::ptr::fn_addr_eq(f, *g)) {
                continue;
            }
            let r = f(self, a, b, modulus)?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        Err(self.type_error(&format!(
            "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
            self.type_of(a).name(),
            self.type_of(b).name(),
            self.type_of(modulus).name()
        )))
    }

    /// `-value`.
    pub fn neg(&self, value: &Value) -> PyResult {
        match self.type_of(value).slots().neg {
            Some(f) => f(self, value),
            None => Err(self.bad_operand("-", value)),
        }
    }

    /// `+value`.
    pub fn pos(&self, value: &Value) -> PyResult {
        match self.type_of(value).slots().pos {
            Some(f) => f(self, value),
            None => Err(self.bad_operand("+", value)),
        }
    }

    /// `~value`.
    pub fn invert(&self, value: &Value) -> PyResult {
        match self.type_of(value).slots().invert {
            Some(f) => f(self, value),
            None => Err(self.bad_operand("~", value)),
        }
    }

    /// `abs(value)`.
    pub fn abs(&self, value: &Value) -> PyResult {
        match self.type_of(value).slots().abs {
            Some(f) => f(self, value),
            None => Err(self.type_error(&format!("bad operand type for abs(): '{}'", self.type_of(value).name()))),
        }
    }

    #[cold]
    fn bad_operand(&self, op: &str, value: &Value) -> Raised {
        self.type_error(&format!("bad operand type for unary {op}: '{}'", self.type_of(value).name()))
    }
}
