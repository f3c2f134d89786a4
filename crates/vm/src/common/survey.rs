//! Whether a value can be had in common, and how large it is: a look at it before anything is made.
//!
//! Invariant: nothing is written, and no Python code runs.

use crate::object::{Header, Kind};
use crate::types::bytes::Bytes;
use crate::types::int::Int;
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashSet;
use smallvec::SmallVec;
use std::ptr;

/// What a look at a value has found.
#[derive(Clone, Copy, Debug)]
pub struct Survey {
    /// About as many bytes of memory as a copy takes.
    pub bytes: usize,
    /// Whether all of it crosses without a fallback: there is no int beyond 64 bits, no complex and no frozenset.
    pub is_native: bool,
    /// How deep it nests.
    pub depth: u32,
}

/// What is left to look at.
struct Looker<'v> {
    vm: &'v Vm,
    /// Containers, and how deep they lie.
    open: SmallVec<[(&'v Value, u32); 4]>,
    /// Containers that several refer to.
    seen: HashSet<usize>,
    result: Survey,
    max_depth: u32,
    lend_from: usize,
}

impl Vm {
    /// A look at a tuple, frozenset or int. `None` if something in it is not an exact immutable builtin, is part of a frozen
    /// graph (which crosses as itself), or lies deeper than `max_depth`. Content of `lend_from` bytes does not count, nor does what
    /// interpreters have in common already.
    pub fn survey(&self, value: &Value, max_depth: u32, lend_from: usize) -> Option<Survey> {
        let result = Survey { bytes: 0, is_native: true, depth: 0 };
        let mut looker = Looker { vm: self, open: SmallVec::new(), seen: HashSet::new(), result, max_depth, lend_from };
        looker.value(value, 1)?;
        while let Some((container, depth)) = looker.open.pop() {
            if let Some(t) = container.downcast::<Tuple>() {
                t.as_slice().iter().try_for_each(|item| looker.value(item, depth + 1))?;
            } else if let Some(s) = container.downcast::<Set>() {
                s.keys_ref().try_for_each(|key| looker.value(key, depth + 1))?;
            }
        }
        Some(looker.result)
    }
}

impl<'v> Looker<'v> {
    #[inline]
    fn value(&mut self, v: &'v Value, depth: u32) -> Option<()> {
        let Some(h) = v.header() else {
            self.result.is_native &= !v.is_ellipsis() && !v.is_not_implemented();
            return Some(());
        };
        self.object(v, h, depth)
    }

    fn object(&mut self, v: &'v Value, h: &Header, depth: u32) -> Option<()> {
        let t = self.vm.types();
        if h.is_frozen() && !h.is_common() {
            return None;
        }
        if depth > 1
            && matches!(h.kind(), Kind::Tuple | Kind::Set | Kind::Int)
            && let Some(known) = self.vm.common_parcel(v)
        {
            self.result.is_native &= known.is_native();
            return self.reach(depth - 1 + known.graph.depth);
        }
        let exact = |ty| ptr::eq(h.ty_ptr(), ty);
        let bytes = match h.kind() {
            Kind::Str if exact(t.str) => 32 + self.content(v.downcast::<Str>()?.as_bytes().len()),
            Kind::Bytes if exact(t.bytes) => 32 + self.content(v.downcast::<Bytes>()?.len()),
            Kind::Int if exact(t.int) => {
                let n_words = v.downcast::<Int>()?.value.as_sign_words().1.len();
                self.result.is_native &= n_words == 1 && crate::types::int::to_i64(v).is_some();
                48 + n_words * 8
            }
            Kind::Complex if exact(t.complex) => {
                self.result.is_native = false;
                32
            }
            Kind::Tuple if exact(t.tuple) => {
                if !self.enter(v, h, depth)? {
                    return Some(());
                }
                24 + v.downcast::<Tuple>()?.len() * 8
            }
            Kind::Set if exact(t.frozenset) => {
                self.result.is_native = false;
                if !self.enter(v, h, depth)? {
                    return Some(());
                }
                80 + v.downcast::<Set>()?.storage().1
            }
            _ => return None,
        };
        self.result.bytes = self.result.bytes.saturating_add(bytes);
        Some(())
    }

    /// Whether a container has to be looked into.
    fn enter(&mut self, v: &'v Value, h: &Header, depth: u32) -> Option<bool> {
        self.reach(depth)?;
        // What only one refers to is met once, and so is what the survey began with.
        let met = depth > 1 && h.ref_count() != Some(1) && !self.seen.insert(ptr::from_ref(h).addr());
        if !met {
            self.open.push((v, depth));
        }
        Some(!met)
    }

    fn reach(&mut self, depth: u32) -> Option<()> {
        self.result.depth = self.result.depth.max(depth);
        (depth <= self.max_depth).then_some(())
    }

    fn content(&self, n: usize) -> usize {
        if n >= self.lend_from { 0 } else { n }
    }
}
