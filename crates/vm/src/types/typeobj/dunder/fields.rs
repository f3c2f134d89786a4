//! The slot of each special method: whether it is there, copying it, installing the function that calls a Python method.

use super::Dunder;
use super::method::*;
use crate::types::slots::{BinOp, Slots};

/// Whether native slots define the special method.
pub(crate) fn is_defined(s: &Slots, d: Dunder) -> bool {
    use Dunder::*;
    match d {
        New => s.new.is_some(),
        Init => s.init.is_some(),
        Del => s.del.is_some(),
        Call => s.call.is_some(),
        Repr => s.repr.is_some(),
        Str => s.str.is_some(),
        Hash => s.hash.is_some(),
        Cmp(_) => s.richcmp.is_some(),
        Getattribute => s.getattr.is_some(),
        Getattr => false,
        Setattr | Delattr => s.setattr.is_some(),
        Get => s.descr_get.is_some(),
        Set | Delete => s.descr_set.is_some(),
        Iter => s.iter.is_some(),
        Next => s.iternext.is_some(),
        Bool => s.bool.is_some(),
        Len => s.len.is_some(),
        GetItem => s.getitem.is_some(),
        SetItem | DelItem => s.setitem.is_some(),
        Contains => s.contains.is_some(),
        Bin(op) => s.binary[op as usize].is_some(),
        RBin(op) => s.binary[op as usize].is_some(),
        IBin(op) => s.inplace[op as usize].is_some(),
        Neg => s.neg.is_some(),
        Pos => s.pos.is_some(),
        Abs => s.abs.is_some(),
        Invert => s.invert.is_some(),
        Int => s.int.is_some(),
        Float => s.float.is_some(),
        Index => s.index.is_some(),
        Await => s.await_.is_some(),
        Aiter => s.aiter.is_some(),
        Anext => s.anext.is_some(),
        Buffer => s.buffer.is_some(),
    }
}

/// Copies the slot of a special method from a native type.
pub(super) fn copy(to: &mut Slots, from: &Slots, d: Dunder) {
    use Dunder::*;
    macro_rules! take {
        ($f:ident) => {
            if to.$f.is_none() {
                to.$f = from.$f
            }
        };
    }
    match d {
        New => take!(new),
        Init => take!(init),
        Del => take!(del),
        Call => take!(call),
        Repr => take!(repr),
        Str => take!(str),
        Hash => take!(hash),
        Cmp(_) => take!(richcmp),
        Getattribute | Getattr => take!(getattr),
        Setattr | Delattr => take!(setattr),
        Get => take!(descr_get),
        Set | Delete => take!(descr_set),
        Iter => take!(iter),
        Next => take!(iternext),
        Bool => take!(bool),
        Len => take!(len),
        GetItem => take!(getitem),
        SetItem | DelItem => take!(setitem),
        Contains => take!(contains),
        Bin(op) | RBin(op) => {
            if to.binary[op as usize].is_none() {
                to.binary[op as usize] = from.binary[op as usize];
            }
            if op == BinOp::Pow {
                take!(pow3);
            }
        }
        IBin(op) => {
            if to.inplace[op as usize].is_none() {
                to.inplace[op as usize] = from.inplace[op as usize];
            }
        }
        Neg => take!(neg),
        Pos => take!(pos),
        Abs => take!(abs),
        Invert => take!(invert),
        Int => take!(int),
        Float => take!(float),
        Index => take!(index),
        Await => take!(await_),
        Aiter => take!(aiter),
        Anext => take!(anext),
        Buffer => take!(buffer),
    }
}

/// Installs the function that calls a Python method for a special method.
pub(super) fn install(s: &mut Slots, d: Dunder, is_none: bool) {
    use Dunder::*;
    match d {
        New => s.new = Some(slot_new),
        Init => s.init = Some(slot_init),
        Del => s.del = Some(slot_del),
        Call => s.call = Some(slot_call),
        Repr => s.repr = Some(slot_repr),
        Str => s.str = Some(slot_str),
        Hash => s.hash = Some(if is_none { unhashable } else { slot_hash }),
        Cmp(_) => s.richcmp = Some(slot_richcmp),
        Getattribute | Getattr => s.getattr = Some(slot_getattr),
        Setattr | Delattr => s.setattr = Some(slot_setattr),
        Get => s.descr_get = Some(slot_get),
        Set | Delete => s.descr_set = Some(slot_set),
        Iter => s.iter = Some(slot_iter),
        Next => s.iternext = Some(slot_next),
        Bool => s.bool = Some(slot_bool),
        Len => s.len = Some(slot_len),
        GetItem => s.getitem = Some(slot_getitem),
        SetItem | DelItem => s.setitem = Some(slot_setitem),
        Contains => s.contains = Some(slot_contains),
        Bin(op) | RBin(op) => {
            s.binary[op as usize] = Some(BINARY[op as usize]);
            if op == BinOp::Pow {
                s.pow3 = Some(slot_pow3);
            }
        }
        IBin(op) => s.inplace[op as usize] = Some(INPLACE[op as usize]),
        Neg => s.neg = Some(slot_neg),
        Pos => s.pos = Some(slot_pos),
        Abs => s.abs = Some(slot_abs),
        Invert => s.invert = Some(slot_invert),
        Int => s.int = Some(slot_int),
        Float => s.float = Some(slot_float),
        Index => s.index = Some(slot_index),
        Await => s.await_ = Some(slot_await),
        Aiter => s.aiter = Some(slot_aiter),
        Anext => s.anext = Some(slot_anext),
        Buffer => s.buffer = Some(slot_buffer),
    }
}

/// Clears the slot of a special method before it is decided anew.
pub(super) fn reset(s: &mut Slots, d: Dunder) {
    use Dunder::*;
    match d {
        New => s.new = None,
        Init => s.init = None,
        Del => s.del = None,
        Call => s.call = None,
        Repr => s.repr = None,
        Str => s.str = None,
        Hash => s.hash = None,
        Cmp(_) => s.richcmp = None,
        Getattribute | Getattr => s.getattr = None,
        Setattr | Delattr => s.setattr = None,
        Get => s.descr_get = None,
        Set | Delete => s.descr_set = None,
        Iter => s.iter = None,
        Next => s.iternext = None,
        Bool => s.bool = None,
        Len => s.len = None,
        GetItem => s.getitem = None,
        SetItem | DelItem => s.setitem = None,
        Contains => s.contains = None,
        Bin(op) | RBin(op) => {
            s.binary[op as usize] = None;
            if op == BinOp::Pow {
                s.pow3 = None;
            }
        }
        IBin(op) => s.inplace[op as usize] = None,
        Neg => s.neg = None,
        Pos => s.pos = None,
        Abs => s.abs = None,
        Invert => s.invert = None,
        Int => s.int = None,
        Float => s.float = None,
        Index => s.index = None,
        Await => s.await_ = None,
        Aiter => s.aiter = None,
        Anext => s.anext = None,
        Buffer => s.buffer = None,
    }
}
