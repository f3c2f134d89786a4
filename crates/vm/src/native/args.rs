//! Arguments as native functions see them.

use crate::object::Payload;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;

/// Arguments bound by a signature: one slot a parameter.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    slots: &'a [Option<Value>],
}

impl<'a> Args<'a> {
    pub(crate) fn new(slots: &'a [Option<Value>]) -> Args<'a> {
        Args { slots }
    }

    /// A required parameter, by position (the receiver is 0).
    #[inline(always)]
    #[track_caller]
    pub fn get(&self, i: usize) -> &'a Value {
        self.slots[i].as_ref().expect("the signature requires this parameter")
    }

    /// An optional parameter.
    #[inline(always)]
    pub fn opt(&self, i: usize) -> Option<&'a Value> {
        self.slots.get(i).and_then(Option::as_ref)
    }

    /// An optional parameter for which Python's `None` also means missing.
    #[inline(always)]
    pub fn some(&self, i: usize) -> Option<&'a Value> {
        self.opt(i).filter(|v| !v.is_none())
    }

    /// The receiver's payload. The method's type guarantees its layout.
    #[inline(always)]
    #[track_caller]
    pub fn this<T: Payload>(&self) -> &'a T {
        self.get(0).downcast::<T>().expect("the descriptor has checked the receiver")
    }
}

/// Arguments as they came: positional ones first (the receiver included), then those with names.
#[derive(Clone, Copy)]
pub struct CallArgs<'a> {
    args: &'a [Value],
    names: Option<&'a Value>,
}

impl<'a> CallArgs<'a> {
    /// Positional arguments only.
    #[inline(always)]
    pub fn positional(args: &'a [Value]) -> CallArgs<'a> {
        CallArgs { args, names: None }
    }

    /// The last of `args` have the names in the tuple `names`.
    #[inline(always)]
    pub fn new(args: &'a [Value], names: Option<&'a Value>) -> CallArgs<'a> {
        CallArgs { args, names }
    }

    /// Number of arguments with names.
    #[inline(always)]
    pub fn n_named(&self) -> usize {
        self.names.map_or(0, |n| n.downcast::<Tuple>().map_or(0, |t| t.len()))
    }

    /// The positional arguments.
    #[inline(always)]
    pub fn pos(&self) -> &'a [Value] {
        &self.args[..self.args.len() - self.n_named()]
    }

    /// All arguments, the named ones last.
    #[inline(always)]
    pub fn all(&self) -> &'a [Value] {
        self.args
    }

    /// The tuple of names, if there are named arguments.
    #[inline(always)]
    pub fn names(&self) -> Option<&'a Value> {
        self.names
    }

    /// The named arguments: name (a `str`) and value.
    pub fn named(&self) -> impl Iterator<Item = (&'a Value, &'a Value)> + use<'a> {
        let names: &'a [Value] = match self.names.and_then(|n| n.downcast::<Tuple>()) {
            Some(t) => t.as_slice(),
            None => &[],
        };
        names.iter().zip(&self.args[self.args.len() - names.len()..])
    }

    /// The named argument `name`.
    pub fn kw(&self, name: &str) -> Option<&'a Value> {
        self.named().find(|(n, _)| n.downcast::<Str>().is_some_and(|s| s == name)).map(|(_, v)| v)
    }

    /// The same without the first positional argument (the receiver).
    #[inline(always)]
    pub fn skip(&self, n: usize) -> CallArgs<'a> {
        CallArgs { args: &self.args[n..], names: self.names }
    }
}
