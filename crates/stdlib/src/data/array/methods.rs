//! The methods of arrays.

use super::{Array, items, pickle, this};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::list::List;
use serpens_vm::types::str::{Str, push_char};
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

pub(super) const METHODS: &[MethodDef] = &[
    MethodDef::new("append", "($self, v, /)", |vm, a| {
        a.this::<Array>().push(vm, a.get(1))?;
        Ok(Value::NONE)
    })
    .doc("Append new value v to the end of the array."),
    MethodDef::new("buffer_info", "($self, /)", |vm, a| {
        let array = a.this::<Array>();
        let at = array.data.borrow().as_ptr() as u64;
        Ok(vm.tuple(vec![vm.int_u64(at), Value::from_usize(array.len())]))
    })
    .doc("Return a tuple (address, length) of the buffer that holds the items."),
    MethodDef::new("byteswap", "($self, /)", |_, a| {
        let array = a.this::<Array>();
        array.data.borrow_mut().chunks_exact_mut(array.code.size()).for_each(<[u8]>::reverse);
        Ok(Value::NONE)
    })
    .doc("Byteswap all items of the array."),
    MethodDef::new("clear", "($self, /)", |vm, a| {
        let array = a.this::<Array>();
        array.check_resize(vm)?;
        array.data.borrow_mut().clear();
        Ok(Value::NONE)
    })
    .doc("Remove all items from the array."),
    MethodDef::new("__copy__", "($self, /)", |vm, a| items::copy(vm, a.get(0))).doc("Return a copy of the array."),
    MethodDef::new("__deepcopy__", "($self, unused, /)", |vm, a| items::copy(vm, a.get(0)))
        .doc("Return a copy of the array."),
    MethodDef::new("count", "($self, v, /)", |vm, a| {
        let array = a.this::<Array>();
        let (mut n, mut i) = (0, 0);
        while let Some(at) = items::find(vm, array, a.get(1), i, usize::MAX)? {
            n += 1;
            i = at + 1;
        }
        Ok(Value::from_usize(n))
    })
    .doc("Return number of occurrences of v in the array."),
    MethodDef::new("extend", "($self, bb, /)", |vm, a| {
        items::extend(vm, a.this(), a.get(1))?;
        Ok(Value::NONE)
    })
    .doc("Append items to the end of the array."),
    MethodDef::new("fromfile", "($self, f, n, /)", from_file)
        .doc("Read n objects from the file object f and append them."),
    MethodDef::new("fromlist", "($self, list, /)", from_list).doc("Append items to array from list."),
    MethodDef::new("frombytes", "($self, buffer, /)", |vm, a| {
        append_buffer(vm, a.this(), a.get(1))?;
        Ok(Value::NONE)
    })
    .doc("Append items from bytes that hold machine values."),
    MethodDef::new("fromunicode", "($self, ustr, /)", |vm, a| {
        let array = a.this::<Array>();
        let Some(text) = a.get(1).downcast::<Str>() else {
            let name = vm.arg_type_name(a.get(1));
            return Err(vm.type_error(&format!("fromunicode() argument must be str, not {name}")));
        };
        if !array.code.is_text() {
            return Err(vm.value_error("fromunicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        array.check_resize(vm)?;
        append_text(vm, array, text)?;
        Ok(Value::NONE)
    })
    .doc("Append the characters of a string."),
    MethodDef::new("index", "($self, v, start=0, stop=sys.maxsize, /)", |vm, a| {
        let array = a.this::<Array>();
        let len = array.len() as isize;
        let clip = |i: isize| if i < 0 { (i + len).max(0) as usize } else { i as usize };
        let start = a.opt(2).map_or(Ok(0), |v| vm.index_clamped(v))?;
        let stop = a.opt(3).map_or(Ok(isize::MAX), |v| vm.index_clamped(v))?;
        match items::find(vm, array, a.get(1), clip(start), clip(stop))? {
            Some(i) => Ok(Value::from_usize(i)),
            None => Err(vm.value_error("array.index(x): x not in array")),
        }
    })
    .doc("Return index of first occurrence of v in the array."),
    MethodDef::new("insert", "($self, i, v, /)", |vm, a| {
        let array = a.this::<Array>();
        let i = vm.arg_isize(a.get(1))?;
        let word = array.code.word(vm, a.get(2))?;
        array.check_resize(vm)?;
        let len = array.len();
        let at = if i < 0 { (i + len as isize).max(0) as usize } else { (i as usize).min(len) };
        items::splice(vm, array, at, 0, &word.to_ne_bytes()[..array.code.size()])?;
        Ok(Value::NONE)
    })
    .doc("Insert a new item v into the array before position i."),
    MethodDef::new("pop", "($self, i=-1, /)", pop).doc("Return the i-th element and delete it from the array."),
    MethodDef::new("__reduce_ex__", "($self, value, /)", pickle::reduce).doc("Return state information for pickling."),
    MethodDef::new("remove", "($self, v, /)", |vm, a| {
        let array = a.this::<Array>();
        match items::find(vm, array, a.get(1), 0, usize::MAX)? {
            Some(i) if i < array.len() => items::splice(vm, array, i, 1, &[])?,
            _ => return Err(vm.value_error("array.remove(x): x not in array")),
        }
        Ok(Value::NONE)
    })
    .doc("Remove the first occurrence of v in the array."),
    MethodDef::new("reverse", "($self, /)", |_, a| {
        let array = a.this::<Array>();
        let mut data = array.data.borrow_mut();
        data.reverse();
        data.chunks_exact_mut(array.code.size()).for_each(<[u8]>::reverse);
        Ok(Value::NONE)
    })
    .doc("Reverse the order of the items in the array."),
    MethodDef::new("tofile", "($self, f, /)", |vm, a| {
        let bytes = a.this::<Array>().data.borrow().to_vec();
        // In blocks, so that a huge array is not copied at once by the file.
        for block in bytes.chunks(64 * 1024) {
            vm.call_method_str(a.get(1), "write", &[vm.bytes(block)])?;
        }
        Ok(Value::NONE)
    })
    .doc("Write all items (as machine values) to the file object f."),
    MethodDef::new("tolist", "($self, /)", |vm, a| to_list(vm, a.this()))
        .doc("Convert array to an ordinary list with the same items."),
    MethodDef::new("tobytes", "($self, /)", |vm, a| Ok(vm.bytes(&a.this::<Array>().data.borrow())))
        .doc("Convert the array to an array of machine values and return the bytes representation."),
    MethodDef::new("tounicode", "($self, /)", |vm, a| {
        let array = a.this::<Array>();
        if !array.code.is_text() {
            return Err(vm.value_error("tounicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        to_text(vm, array)
    })
    .doc("Convert the array to a string."),
    MethodDef::new("__sizeof__", "($self, /)", |_, a| {
        let array = a.this::<Array>();
        Ok(Value::from_usize(16 + size_of::<Array>() + array.data.borrow().capacity()))
    })
    .doc("Size of the array in memory, in bytes."),
    MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
        .class()
        .doc("Arrays are generic over the type of their elements"),
];

/// The items as a list.
pub(super) fn to_list(vm: &Vm, array: &Array) -> PyResult {
    let n = array.len();
    vm.check_alloc(n.saturating_mul(8))?;
    let mut out = Vec::with_capacity(n);
    for i in 0..n {
        let Some(item) = array.get(vm, i) else { break };
        out.push(item?);
    }
    Ok(vm.list(out))
}

/// The characters as a string.
pub(super) fn to_text(vm: &Vm, array: &Array) -> PyResult {
    let data = array.data.borrow();
    let mut out = Vec::with_capacity(data.len() / 4);
    for item in data.chunks_exact(4) {
        match u32::from_ne_bytes([item[0], item[1], item[2], item[3]]) {
            c if c > 0x10_ffff => {
                return Err(vm.value_error(&format!("character U+{c:x} is not in range [U+0000; U+10ffff]")));
            }
            c => push_char(&mut out, c),
        }
    }
    Ok(vm.str_wtf8(&out))
}

/// Appends the characters of a string.
pub(super) fn append_text(vm: &Vm, array: &Array, text: &Str) -> PyResult<()> {
    vm.check_alloc(text.len().saturating_mul(4))?;
    let bytes: Vec<u8> = text.chars().flat_map(u32::to_ne_bytes).collect();
    array.append_bytes(vm, &bytes)
}

/// Appends the bytes of a bytes-like object.
pub(super) fn append_buffer(vm: &Vm, array: &Array, source: &Value) -> PyResult<()> {
    let bytes = vm.get_contiguous(source, false)?.as_bytes().to_vec();
    if bytes.len() % array.code.size() != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    if bytes.is_empty() {
        return Ok(());
    }
    array.check_resize(vm)?;
    array.append_bytes(vm, &bytes)
}

fn from_list(vm: &Vm, a: Args<'_>) -> PyResult {
    let array = a.this::<Array>();
    let Some(list) = a.get(1).downcast::<List>() else { return Err(vm.type_error("arg must be list")) };
    let (before, n) = (array.data.borrow().len(), list.len());
    for i in 0..n {
        let item = list.get(i);
        let result = match item {
            Some(item) if list.len() == n => array.push(vm, &item),
            _ => Err(vm.runtime_error("list changed size during iteration")),
        };
        if let Err(e) = result {
            if array.exports.get() == 0 {
                array.data.borrow_mut().truncate(before);
            }
            return Err(e);
        }
    }
    Ok(Value::NONE)
}

fn from_file(vm: &Vm, a: Args<'_>) -> PyResult {
    let array = a.this::<Array>();
    let n = vm.arg_isize(a.get(2))?;
    let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("negative count")) };
    let Some(want) = n.checked_mul(array.code.size()).filter(|w| *w <= isize::MAX as usize) else {
        return Err(vm.memory_error());
    };
    let got = vm.call_method_str(a.get(1), "read", &[vm.int_u64(want as u64)])?;
    let Some(bytes) = got.downcast::<Bytes>() else { return Err(vm.type_error("read() didn't return bytes")) };
    let short = bytes.len() != want;
    append_buffer(vm, array, &got)?;
    if short {
        return Err(vm.raise_text(vm.types().EOFError, "read() didn't return enough bytes"));
    }
    Ok(Value::NONE)
}

fn pop(vm: &Vm, a: Args<'_>) -> PyResult {
    let array = this(a.get(0));
    let i = a.opt(1).map_or(Ok(-1), |v| vm.arg_isize(v))?;
    let len = array.len();
    if len == 0 {
        return Err(vm.index_error("pop from empty array"));
    }
    let at = if i < 0 { i + len as isize } else { i };
    let item = match usize::try_from(at).ok().and_then(|at| array.get(vm, at)) {
        Some(item) => item?,
        None => return Err(vm.index_error("pop index out of range")),
    };
    items::splice(vm, array, at as usize, 1, &[])?;
    Ok(item)
}
