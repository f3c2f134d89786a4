//! The methods of mappings.

use super::{Access, this};
use crate::posix::call;
use serpens_state::blocking;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The methods.
pub const METHODS: &[MethodDef] = &[
    MethodDef::new("close", "($self, /)", close),
    MethodDef::new("find", "($self, view, start=None, end=None, /)", |vm, a| find(vm, a, false)),
    MethodDef::new("rfind", "($self, view, start=None, end=None, /)", |vm, a| find(vm, a, true)),
    MethodDef::new("flush", "($self, offset=0, size=None, /)", |vm, a| {
        let m = this(a.get(0));
        let offset = a.opt(1).map_or(Ok(0), |v| vm.arg_isize(v))?;
        let size = a.some(2).map(|v| vm.arg_isize(v)).transpose()?;
        m.with(vm, |map| {
            let size = size.unwrap_or(map.len() as isize);
            let (Ok(offset), Ok(size)) = (usize::try_from(offset), usize::try_from(size)) else {
                return Err(vm.value_error("flush values out of range"));
            };
            if offset > map.len() || map.len() - offset < size {
                return Err(vm.value_error("flush values out of range"));
            }
            if matches!(m.access, Access::Read | Access::Copy) {
                return Ok(Value::NONE);
            }
            map.flush(offset, size).map_err(|e| vm.io_error(&e, None))?;
            Ok(Value::NONE)
        })
    }),
    MethodDef::new("madvise", "($self, option, start=0, length=None, /)", |vm, a| {
        let option = vm.arg_i32(a.get(1))?;
        let start = a.opt(2).map_or(Ok(0), |v| vm.arg_isize(v))?;
        let length = a.some(3).map(|v| vm.arg_isize(v)).transpose()?;
        this(a.get(0)).with(vm, |map| {
            let Some(start) = usize::try_from(start).ok().filter(|s| *s < map.len()) else {
                return Err(vm.value_error("madvise start out of bounds"));
            };
            if length.is_some_and(|n| isize::MAX - (start as isize) < n) {
                return Err(vm.overflow_error("madvise length too large"));
            }
            let length = match length.map(usize::try_from) {
                None => map.len() - start,
                Some(Ok(n)) => n.min(map.len() - start),
                Some(Err(_)) => return Err(vm.value_error("madvise length invalid")),
            };
            map.advise(start, length, option).map_err(|e| vm.io_error(&e, None))?;
            Ok(Value::NONE)
        })
    }),
    MethodDef::new("move", "($self, dest, src, count, /)", |vm, a| {
        let m = this(a.get(0));
        let number = |i: usize| vm.arg_isize(a.get(i));
        let (to, from, n) = (number(1)?, number(2)?, number(3)?);
        m.with(vm, |_| Ok(()))?;
        m.check_writable(vm)?;
        m.with(vm, |map| {
            let wrong = || vm.value_error("source, destination, or count out of range");
            let (Ok(to), Ok(from), Ok(n)) = (usize::try_from(to), usize::try_from(from), usize::try_from(n)) else {
                return Err(wrong());
            };
            if to > map.len() || from > map.len() || n > map.len() - to.max(from) {
                return Err(wrong());
            }
            map.shift(to, from, n);
            Ok(Value::NONE)
        })
    }),
    MethodDef::new("read", "($self, n=None, /)", |vm, a| {
        let m = this(a.get(0));
        let n = a.some(1).map(|v| vm.arg_isize(v)).transpose()?;
        let bytes = m.with(vm, |map| {
            let left = map.len().saturating_sub(m.pos.get());
            let n = n.and_then(|n| usize::try_from(n).ok()).map_or(left, |n| n.min(left));
            vm.check_alloc(n)?;
            let bytes = map.read(m.pos.get(), n);
            m.pos.set(m.pos.get() + n);
            Ok(bytes)
        })?;
        Ok(vm.bytes(&bytes))
    }),
    MethodDef::new("read_byte", "($self, /)", |vm, a| {
        let m = this(a.get(0));
        m.with(vm, |map| {
            let at = m.pos.get();
            if at >= map.len() {
                return Err(vm.value_error("read byte out of range"));
            }
            m.pos.set(at + 1);
            Ok(Value::from_usize(map.byte(at) as usize))
        })
    }),
    MethodDef::new("readline", "($self, /)", |vm, a| {
        let m = this(a.get(0));
        let line = m.with(vm, |map| {
            let start = m.pos.get();
            let mut line = Vec::new();
            // Page by page, so that a line at the start of a large file costs little.
            while start + line.len() < map.len() {
                let part = map.read(start + line.len(), 4096);
                match part.iter().position(|b| *b == b'\n') {
                    Some(end) => {
                        line.extend_from_slice(&part[..=end]);
                        break;
                    }
                    None => line.extend_from_slice(&part),
                }
            }
            m.pos.set(start + line.len());
            Ok(line)
        })?;
        Ok(vm.bytes(&line))
    }),
    MethodDef::new("resize", "($self, newsize, /)", resize),
    MethodDef::new("seek", "($self, pos, whence=0, /)", |vm, a| {
        let m = this(a.get(0));
        let (to, whence) = (vm.arg_isize(a.get(1))?, a.opt(2).map_or(Ok(0), |v| vm.arg_i32(v))?);
        m.with(vm, |map| {
            let base = match whence {
                0 => 0,
                1 => m.pos.get() as isize,
                2 => map.len() as isize,
                _ => return Err(vm.value_error("unknown seek type")),
            };
            match base.checked_add(to).and_then(|n| usize::try_from(n).ok()) {
                Some(at) if at <= map.len() => {
                    m.pos.set(at);
                    Ok(Value::from_usize(at))
                }
                _ => Err(vm.value_error("seek out of range")),
            }
        })
    }),
    MethodDef::new("seekable", "($self, /)", |_, _| Ok(Value::TRUE)),
    MethodDef::new("size", "($self, /)", |vm, a| {
        let m = this(a.get(0));
        m.with(vm, |_| Ok(()))?;
        let fd = m.fd.get();
        if fd == -1 {
            return Err(vm.os_error(libc::EBADF, None));
        }
        Ok(vm.int(call::fstat(fd).map_err(|e| vm.io_error(&e, None))?.st_size))
    }),
    MethodDef::new("tell", "($self, /)", |vm, a| {
        let m = this(a.get(0));
        m.with(vm, |_| Ok(Value::from_usize(m.pos.get())))
    }),
    MethodDef::new("write", "($self, bytes, /)", |vm, a| {
        let m = this(a.get(0));
        let bytes = vm.get_contiguous(a.get(1), false)?.as_bytes().to_vec();
        m.with(vm, |_| Ok(()))?;
        m.check_writable(vm)?;
        m.with(vm, |map| {
            let at = m.pos.get();
            if at > map.len() || map.len() - at < bytes.len() {
                return Err(vm.value_error("data out of range"));
            }
            map.write(at, &bytes);
            m.pos.set(at + bytes.len());
            Ok(Value::from_usize(bytes.len()))
        })
    }),
    MethodDef::new("write_byte", "($self, byte, /)", |vm, a| {
        let m = this(a.get(0));
        let n = vm.arg_i64(a.get(1))?;
        if n < 0 {
            return Err(vm.overflow_error("unsigned byte integer is less than minimum"));
        }
        let Ok(byte) = u8::try_from(n) else {
            return Err(vm.overflow_error("unsigned byte integer is greater than maximum"));
        };
        m.with(vm, |_| Ok(()))?;
        m.check_writable(vm)?;
        m.with(vm, |map| {
            let at = m.pos.get();
            if at >= map.len() {
                return Err(vm.value_error("write byte out of range"));
            }
            map.write(at, &[byte]);
            m.pos.set(at + 1);
            Ok(Value::NONE)
        })
    }),
    MethodDef::new("__enter__", "($self, /)", |vm, a| this(a.get(0)).with(vm, |_| Ok(a.get(0).clone()))),
    MethodDef::new("__exit__", "($self, exc_type, exc_value, traceback, /)", close),
];

fn close(vm: &Vm, a: Args<'_>) -> PyResult {
    let m = this(a.get(0));
    if m.exports.get() > 0 {
        return Err(vm.buffer_error("cannot close exported pointers exist"));
    }
    let (map, fd) = (m.map.take(), m.fd.replace(-1));
    blocking(vm, || {
        drop(map);
        if fd >= 0 {
            let _ = call::close(fd);
        }
    });
    Ok(Value::NONE)
}

fn find(vm: &Vm, a: Args<'_>, last: bool) -> PyResult {
    let m = this(a.get(0));
    let bound = |i: usize| a.some(i).map(|v| vm.arg_isize(v)).transpose();
    let (start, end) = (bound(2)?, bound(3)?);
    let needle = vm.get_contiguous(a.get(1), false)?.as_bytes().to_vec();
    let (from, bytes) = m.with(vm, |map| {
        let len = map.len() as isize;
        let clip = |n: isize| if n < 0 { (n + len).max(0) } else { n.min(len) } as usize;
        let start = start.map_or(m.pos.get().min(map.len()), clip);
        let start = if last && a.some(2).is_none() { m.pos.get().min(map.len()) } else { start };
        let end = end.map_or(map.len(), clip).max(start);
        vm.check_alloc(end - start)?;
        Ok((start, map.read(start, end - start)))
    })?;
    use serpens_vm::types::bytes::ops;
    let found = if last { ops::rfind(&bytes, &needle) } else { ops::find(&bytes, &needle) };
    Ok(found.map_or(Value::int_unchecked(-1), |at| Value::from_usize(from + at)))
}

fn resize(vm: &Vm, a: Args<'_>) -> PyResult {
    let m = this(a.get(0));
    let n = vm.arg_isize(a.get(1))?;
    m.with(vm, |_| Ok(()))?;
    if m.exports.get() > 0 {
        return Err(vm.buffer_error("mmap can't resize with extant buffers exported."));
    }
    if matches!(m.access, Access::Read | Access::Copy) {
        return Err(vm.type_error("mmap can't resize a readonly or copy-on-write memory map."));
    }
    if !m.tracked {
        return Err(vm.value_error("mmap can't resize with trackfd=False."));
    }
    let n = match usize::try_from(n) {
        Ok(n) if i64::try_from(n).is_ok_and(|n| n.checked_add(m.offset).is_some()) => n,
        _ => return Err(vm.value_error("new size out of range")),
    };
    let fd = m.fd.get();
    let failed = |e: std::io::Error| vm.io_error(&e, None);
    if fd == -1 && m.shared && m.with(vm, |map| Ok(n > map.len()))? {
        return Err(vm.value_error("mmap: can't expand a shared anonymous mapping"));
    }
    if fd != -1 {
        call::ftruncate(fd, m.offset + n as i64).map_err(failed)?;
    }
    match &mut *m.map.borrow_mut() {
        Some(map) => map.resize(n).map_err(failed)?,
        None => return Err(vm.value_error("mmap closed or invalid")),
    }
    Ok(Value::NONE)
}
