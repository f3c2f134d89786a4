//! Messages: several buffers at once, with ancillary data (descriptors of files, credentials).
#![expect(unsafe_code, reason = "structures of the system")]

use super::address::{self, Raw};
use super::transfer::Data;
use super::wait::For;
use super::{os_text, this};
use crate::posix::call::check;
use serpens_vm::types::memoryview::BufferGuard;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, PyResult, Raised, Value, Vm};

/// What CPython calls the largest length of a message's parts.
const MAX: usize = i32::MAX as usize;

/// `CMSG_LEN(length)`
pub fn cmsg_len(vm: &Vm, a: Args<'_>) -> PyResult {
    match usize::try_from(vm.arg_isize(a.get(0))?) {
        // SAFETY: arithmetic only.
        Ok(n) if n <= MAX => Ok(Value::from_usize(unsafe { libc::CMSG_LEN(n as u32) } as usize)),
        _ => Err(vm.overflow_error("CMSG_LEN() argument out of range")),
    }
}

/// `CMSG_SPACE(length)`
pub fn cmsg_space(vm: &Vm, a: Args<'_>) -> PyResult {
    match usize::try_from(vm.arg_isize(a.get(0))?) {
        // SAFETY: arithmetic only.
        Ok(n) if n <= MAX => Ok(Value::from_usize(unsafe { libc::CMSG_SPACE(n as u32) } as usize)),
        _ => Err(vm.overflow_error("CMSG_SPACE() argument out of range")),
    }
}

/// The items of an iterable argument, with CPython's message if it is none.
fn iterable(vm: &Vm, v: &Value, text: &str) -> PyResult<Vec<Value>> {
    if vm.iter_opt(v)?.is_none() {
        return Err(vm.type_error(text));
    }
    vm.collect(v)
}

/// Memory of 8-byte words for control data.
fn control(n_bytes: usize) -> Vec<u64> {
    vec![0u64; n_bytes.div_ceil(8)]
}

/// `sendmsg(buffers, ancdata=[], flags=0, address=None, /)`
pub fn sendmsg(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = this(a.get(0));
    let buffers = iterable(vm, a.get(1), "sendmsg() argument 1 must be an iterable")?;
    let data = buffers.iter().map(|b| Data::new(vm, b)).collect::<PyResult<Vec<_>>>()?;
    let mut parts: Vec<libc::iovec> = data.iter().map(|d| part(d.span().at, d.span().len)).collect();
    let ancillary = match a.opt(2) {
        Some(v) => items(vm, v)?,
        None => Vec::new(),
    };
    let flags = a.opt(3).map_or(Ok(0), |v| vm.arg_i32(v))?;
    let to = a.some(4).map(|v| address::parse(vm, s, v, "sendmsg")).transpose()?;
    // SAFETY: arithmetic only.
    let space: usize = ancillary.iter().map(|i| unsafe { libc::CMSG_SPACE(i.data.len() as u32) } as usize).sum();
    let mut words = control(space);
    // SAFETY: zeroes are a valid message.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = parts.as_mut_ptr();
    message.msg_iovlen = parts.len() as _;
    if let Some(to) = &to {
        message.msg_name = to.as_ptr().cast_mut().cast();
        message.msg_namelen = to.size();
    }
    if space > 0 {
        message.msg_control = words.as_mut_ptr().cast();
        message.msg_controllen = space as _;
        write_items(&message, &ancillary);
    }
    let sent = s.call(vm, For::Writing, |fd| {
        // SAFETY: the message and all it points to live until the call is over.
        check(unsafe { libc::sendmsg(fd, &message, flags) } as i64)
    })?;
    Ok(vm.int(sent))
}

fn part(at: *mut u8, len: usize) -> libc::iovec {
    libc::iovec { iov_base: at.cast(), iov_len: len }
}

/// An item of ancillary data.
struct Item {
    level: i32,
    kind: i32,
    data: Vec<u8>,
}

fn items(vm: &Vm, v: &Value) -> PyResult<Vec<Item>> {
    const WHAT: &str = "[sendmsg() ancillary data items]() argument must be";
    let mut out = Vec::new();
    let mut total = 0usize;
    for v in iterable(vm, v, "sendmsg() argument 2 must be an iterable")? {
        let Some(tuple) = v.downcast::<Tuple>() else {
            return Err(vm.type_error(&format!("{WHAT} 3-item tuple, not {}", vm.type_of(&v).name())));
        };
        let [level, kind, data] = tuple.as_slice() else {
            return Err(vm.type_error(&format!("{WHAT} tuple of length 3, not {}", tuple.len())));
        };
        let (level, kind) = (vm.arg_i32(level)?, vm.arg_i32(kind)?);
        let data = vm.get_contiguous(data, false)?.as_bytes().to_vec();
        total = total.saturating_add(data.len() + 32);
        if total > MAX {
            return Err(os_text(vm, "ancillary data item too large"));
        }
        out.push(Item { level, kind, data });
    }
    Ok(out)
}

/// Writes the items into a message's control memory, which has room for all of them.
fn write_items(message: &libc::msghdr, items: &[Item]) {
    let mut at = message.msg_control.cast::<u8>();
    for item in items {
        let n = item.data.len();
        // SAFETY: the control memory is aligned for headers and has `CMSG_SPACE` bytes for each item.
        unsafe {
            let header = at.cast::<libc::cmsghdr>();
            (*header).cmsg_level = item.level;
            (*header).cmsg_type = item.kind;
            (*header).cmsg_len = libc::CMSG_LEN(n as u32) as _;
            std::ptr::copy_nonoverlapping(item.data.as_ptr(), libc::CMSG_DATA(header), n);
            at = at.add(libc::CMSG_SPACE(n as u32) as usize);
        }
    }
}

/// Receives a message into `parts`: bytes, ancillary data, flags, sender.
fn receive(vm: &Vm, v: &Value, parts: &mut [libc::iovec], room: usize, flags: i32) -> PyResult<(usize, [Value; 3])> {
    let mut words = control(room);
    let ((got, message), from) = this(v).call(vm, For::Reading, |fd| {
        Raw::get(|at, len| {
            // SAFETY: zeroes are a valid message; all it points to lives until the call is over.
            unsafe {
                let mut message: libc::msghdr = std::mem::zeroed();
                message.msg_name = at.cast();
                message.msg_namelen = *len;
                message.msg_iov = parts.as_mut_ptr();
                message.msg_iovlen = parts.len() as _;
                if room > 0 {
                    message.msg_control = words.as_mut_ptr().cast();
                    message.msg_controllen = room as _;
                }
                let got = check(libc::recvmsg(fd, &mut message, flags) as i64)?;
                *len = message.msg_namelen;
                Ok((got as usize, message))
            }
        })
    })?;
    let mut list = Vec::new();
    // SAFETY: the system has filled in the headers; their data lies in the control memory, which lives.
    unsafe {
        let mut header = if room > 0 { libc::CMSG_FIRSTHDR(&message) } else { std::ptr::null_mut() };
        while !header.is_null() {
            let data = libc::CMSG_DATA(header);
            let end = message.msg_control.cast::<u8>().wrapping_add(message.msg_controllen);
            let len = ((*header).cmsg_len as usize).saturating_sub(data.addr() - header.addr());
            let len = len.min(end.addr().saturating_sub(data.addr()));
            let bytes = vm.bytes(std::slice::from_raw_parts(data, len));
            let (level, kind) = ((*header).cmsg_level, (*header).cmsg_type);
            list.push(vm.tuple(vec![vm.int(i64::from(level)), vm.int(i64::from(kind)), bytes]));
            header = libc::CMSG_NXTHDR(&message, header);
        }
    }
    Ok((got, [vm.list(list), vm.int(i64::from(message.msg_flags)), from.value(vm)?]))
}

fn room(vm: &Vm, v: Option<&Value>) -> PyResult<usize> {
    match usize::try_from(v.map_or(Ok(0), |v| vm.arg_isize(v))?) {
        Ok(n) if n <= MAX => {
            vm.check_alloc(n)?;
            Ok(n)
        }
        _ => Err(vm.value_error("invalid ancillary data buffer length")),
    }
}

/// `recvmsg(bufsize, ancbufsize=0, flags=0, /)`
pub fn recvmsg(vm: &Vm, a: Args<'_>) -> PyResult {
    let Ok(n) = usize::try_from(vm.arg_isize(a.get(1))?) else {
        return Err(vm.value_error("negative buffer size in recvmsg()"));
    };
    let room = room(vm, a.opt(2))?;
    let flags = a.opt(3).map_or(Ok(0), |v| vm.arg_i32(v))?;
    vm.check_alloc(n)?;
    let mut buffer = vec![0u8; n];
    let mut parts = [part(buffer.as_mut_ptr(), n)];
    let (got, rest) = receive(vm, a.get(0), &mut parts, room, flags)?;
    Ok(vm.tuple([vm.bytes(&buffer[..got.min(n)])].into_iter().chain(rest).collect()))
}

/// `recvmsg_into(buffers, ancbufsize=0, flags=0, /)`
pub fn recvmsg_into(vm: &Vm, a: Args<'_>) -> PyResult {
    let buffers = iterable(vm, a.get(1), "recvmsg_into() argument 1 must be an iterable")?;
    let wrong = || -> Raised {
        vm.type_error("recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers")
    };
    let mut guards: Vec<BufferGuard<'_>> = Vec::with_capacity(buffers.len());
    for b in &buffers {
        if !vm.has_buffer(b) {
            return Err(wrong());
        }
        match vm.unless(vm.get_contiguous(b, true), vm.types().BufferError)? {
            Some(guard) => guards.push(guard),
            None => return Err(wrong()),
        }
    }
    let room = room(vm, a.opt(2))?;
    let flags = a.opt(3).map_or(Ok(0), |v| vm.arg_i32(v))?;
    let mut parts: Vec<libc::iovec> = guards.iter().map(|g| part(g.ptr, g.len)).collect();
    let (got, rest) = receive(vm, a.get(0), &mut parts, room, flags)?;
    Ok(vm.tuple([Value::from_usize(got)].into_iter().chain(rest).collect()))
}
