//! `FileIO`: a descriptor as a raw stream.
//!
//! Invariant: descriptor −1 means closed or detached; system calls run off the lock on buffers of Rust.

use super::{closed_error, size_arg, unsupported};
use crate::posix::call;
use crate::posix::path::{self, Accept};
use serpens_vm::object::payload;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::exception::Exception;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, GetSetDef, MethodDef, PyResult, Raised, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;
use std::io;

/// A raw file.
pub struct FileIo {
    /// The descriptor, or −1.
    pub fd: Cell<i32>,
    created: Cell<bool>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    appending: Cell<bool>,
    seekable: Cell<Option<bool>>,
    closefd: Cell<bool>,
    blksize: Cell<usize>,
    finalizing: Cell<bool>,
}

serpens_vm::native_payload!(FileIo {});

/// `_io.FileIO`.
pub static FILE_IO: TypeDef = TypeDef::new::<FileIo>("FileIO")
    .copied()
    .unready(|h| payload::<FileIo>(h).and_then(|f| (f.fd.get() >= 0 && f.closefd.get()).then_some("it is open")))
    .module("_io")
    .doc("Open a file.")
    .base(&super::base::RAW_IO_BASE)
    .basetype()
    .slots(Slots { new: Some(new), init: Some(init), repr: Some(repr), del: Some(finalize), ..Slots::EMPTY })
    .methods(METHODS)
    .getset(&[
        GetSetDef::new("closed", |_, v| Ok(Value::bool(this(v).fd.get() < 0))).doc("True if the file is closed"),
        GetSetDef::new("closefd", |_, v| Ok(Value::bool(this(v).closefd.get()))),
        GetSetDef::new("mode", |vm, v| Ok(vm.str(this(v).mode()))).doc("String giving the file mode"),
        GetSetDef::rw(
            "_blksize",
            |_, v| Ok(Value::from_usize(this(v).blksize.get())),
            |vm, v, x| {
                this(v).blksize.set(x.map_or(Ok(0), |x| vm.arg_usize(x))?);
                Ok(())
            },
        ),
        GetSetDef::rw(
            "_finalizing",
            |_, v| Ok(Value::bool(this(v).finalizing.get())),
            |vm, v, x| {
                this(v).finalizing.set(x.map_or(Ok(false), |x| vm.truthy(x))?);
                Ok(())
            },
        ),
    ]);

const METHODS: &[MethodDef] = &[
    MethodDef::new("read", "($self, size=-1, /)", |vm, a| {
        let f = a.this::<FileIo>();
        f.check_readable(vm)?;
        match size_arg(vm, a.opt(1))? {
            Some(n) => f.read(vm, n),
            None => f.readall(vm),
        }
    })
    .doc("Read at most size bytes, returned as bytes."),
    MethodDef::new("readall", "($self, /)", |vm, a| a.this::<FileIo>().readall(vm)).doc("Read all data from the file."),
    MethodDef::new("readinto", "($self, buffer, /)", |vm, a| {
        let f = a.this::<FileIo>();
        f.check_readable(vm)?;
        let target = vm.get_contiguous(a.get(1), true)?;
        let mut local = vec![0; target.len];
        match f.read_into(vm, &mut local)? {
            Some(n) => {
                target.bytes_mut()[..n].copy_from_slice(&local[..n]);
                Ok(Value::from_usize(n))
            }
            None => Ok(Value::NONE),
        }
    })
    .doc("Same as RawIOBase.readinto()."),
    MethodDef::new("write", "($self, b, /)", |vm, a| {
        let f = a.this::<FileIo>();
        f.check_writable(vm)?;
        let data = vm.bytes_arg(a.get(1))?.to_vec();
        Ok(f.write(vm, &data)?.map_or(Value::NONE, Value::from_usize))
    })
    .doc("Write buffer b to file, return number of bytes written."),
    MethodDef::new("seek", "($self, pos, whence=0, /)", |vm, a| {
        let f = a.this::<FileIo>();
        let whence = a.opt(2).map_or(Ok(0), |w| vm.arg_i32(w))?;
        let pos = offset_arg(vm, a.get(1))?;
        Ok(vm.int(f.seek(vm, pos, whence)?))
    })
    .doc("Move to new file position and return the file position."),
    MethodDef::new("tell", "($self, /)", |vm, a| Ok(vm.int(a.this::<FileIo>().seek(vm, 0, libc::SEEK_CUR)?))),
    MethodDef::new("truncate", "($self, size=None, /)", |vm, a| {
        let f = a.this::<FileIo>();
        f.check_writable(vm)?;
        let size = match a.some(1) {
            Some(n) => offset_arg(vm, n)?,
            None => f.seek(vm, 0, libc::SEEK_CUR)?,
        };
        call::off(vm, || call::ftruncate(f.fd.get(), size))?;
        Ok(vm.int(size))
    })
    .doc("Truncate the file to at most size bytes and return the truncated size."),
    MethodDef::new("close", "($self, /)", |vm, a| {
        let f = a.this::<FileIo>();
        let closed = super::base::close(vm, a.get(0));
        if f.fd.get() >= 0 && f.finalizing.get() {
            warn_unclosed(vm, a.get(0))?;
        }
        super::base::both(vm, closed, || f.close(vm))?;
        Ok(Value::NONE)
    })
    .doc("Close the file."),
    MethodDef::new("seekable", "($self, /)", |vm, a| {
        let f = a.this::<FileIo>();
        f.check_open(vm)?;
        Ok(Value::bool(f.is_seekable()))
    }),
    MethodDef::new("readable", "($self, /)", |vm, a| {
        a.this::<FileIo>().check_open(vm)?;
        Ok(Value::bool(a.this::<FileIo>().readable.get()))
    }),
    MethodDef::new("writable", "($self, /)", |vm, a| {
        a.this::<FileIo>().check_open(vm)?;
        Ok(Value::bool(a.this::<FileIo>().writable.get()))
    }),
    MethodDef::new("fileno", "($self, /)", |vm, a| {
        a.this::<FileIo>().check_open(vm)?;
        Ok(vm.int(a.this::<FileIo>().fd.get() as i64))
    }),
    MethodDef::new("isatty", "($self, /)", |vm, a| {
        let f = a.this::<FileIo>();
        f.check_open(vm)?;
        Ok(Value::bool(call::isatty(f.fd.get())))
    }),
    MethodDef::new("_isatty_open_only", "($self, /)", |vm, a| {
        let f = a.this::<FileIo>();
        f.check_open(vm)?;
        Ok(Value::bool(call::isatty(f.fd.get())))
    }),
    MethodDef::new("__getstate__", "($self, /)", |vm, a| {
        Err(vm.type_error(&format!("cannot pickle '{}' instances", vm.type_of(a.get(0)).name())))
    }),
];

fn this(v: &Value) -> &FileIo {
    v.downcast::<FileIo>().expect("the descriptor has checked the receiver")
}

/// A file offset: an integer of 64 bits.
pub fn offset_arg(vm: &Vm, v: &Value) -> PyResult<i64> {
    if v.is_float() {
        return Err(vm.type_error("an integer is required"));
    }
    vm.arg_i64(v)
}

fn empty() -> FileIo {
    FileIo {
        fd: Cell::new(-1),
        created: Cell::new(false),
        readable: Cell::new(false),
        writable: Cell::new(false),
        appending: Cell::new(false),
        seekable: Cell::new(None),
        closefd: Cell::new(true),
        blksize: Cell::new(super::DEFAULT_BUFFER_SIZE),
        finalizing: Cell::new(false),
    }
}

fn new(vm: &Vm, ty: &TypeObj, _: &CallArgs<'_>) -> PyResult {
    Ok(vm.alloc(ty, empty()))
}

/// A raw file over an open descriptor that stays open when the file is closed (for the standard streams).
pub fn over_fd(vm: &Vm, fd: i32, readable: bool, name: Value) -> PyResult {
    let f = empty();
    f.fd.set(fd);
    f.readable.set(readable);
    f.writable.set(!readable);
    f.closefd.set(false);
    let v = vm.alloc_native(&FILE_IO, f);
    vm.setattr(&v, &vm.names().name, Some(&name))?;
    Ok(v)
}

/// Finds the parameters of a constructor that takes them by position or name; missing ones are empty.
pub fn bind<'a, const N: usize>(
    vm: &Vm,
    what: &str,
    names: [&str; N],
    args: &CallArgs<'a>,
) -> PyResult<[Option<&'a Value>; N]> {
    let mut out = [None; N];
    if args.pos().len() > N {
        let (n, given) = (N, args.pos().len());
        return Err(vm.type_error(&format!("{what}() takes at most {n} arguments ({given} given)")));
    }
    for (slot, value) in out.iter_mut().zip(args.pos()) {
        *slot = Some(value);
    }
    for (name, value) in args.named() {
        let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        match names.iter().position(|n| *n == text) {
            Some(i) if out[i].is_some() => {
                return Err(
                    vm.type_error(&format!("argument for {what}() given by name ('{text}') and position ({})", i + 1))
                );
            }
            Some(i) => out[i] = Some(value),
            None => return Err(vm.type_error(&format!("{what}() got an unexpected keyword argument '{text}'"))),
        }
    }
    Ok(out)
}

fn mode_error(vm: &Vm) -> Raised {
    vm.value_error("Must have exactly one of create/read/write/append mode and at most one plus")
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let [file, mode, closefd, opener] = bind(vm, "FileIO", ["file", "mode", "closefd", "opener"], args)?;
    let Some(file) = file else {
        return Err(vm.type_error("FileIO() missing required argument 'file' (pos 1)"));
    };
    let mode = match mode {
        None => "r".to_string(),
        Some(m) => match m.downcast::<Str>() {
            Some(s) => s.to_string(),
            None => {
                return Err(
                    vm.type_error(&format!("FileIO() argument 'mode' must be str, not {}", vm.type_of(m).name()))
                );
            }
        },
    };
    let closefd = closefd.map_or(Ok(true), |c| vm.truthy(c))?;
    let f = this(v);
    if f.fd.get() >= 0 {
        if f.closefd.get() {
            f.close(vm)?;
        } else {
            f.fd.set(-1);
        }
    }
    for cell in [&f.created, &f.readable, &f.writable, &f.appending] {
        cell.set(false);
    }
    f.seekable.set(None);
    let mut flags = 0;
    let (mut kinds, mut plus) = (0, 0);
    for c in mode.chars() {
        match c {
            'x' => {
                kinds += 1;
                f.created.set(true);
                f.writable.set(true);
                flags |= libc::O_EXCL | libc::O_CREAT;
            }
            'r' => {
                kinds += 1;
                f.readable.set(true);
            }
            'w' => {
                kinds += 1;
                f.writable.set(true);
                flags |= libc::O_CREAT | libc::O_TRUNC;
            }
            'a' => {
                kinds += 1;
                f.writable.set(true);
                f.appending.set(true);
                flags |= libc::O_APPEND | libc::O_CREAT;
            }
            'b' => {}
            '+' => plus += 1,
            _ => return Err(vm.value_error(&format!("invalid mode: {mode}"))),
        }
    }
    if kinds != 1 || plus > 1 {
        return Err(mode_error(vm));
    }
    if plus == 1 {
        f.readable.set(true);
        f.writable.set(true);
    }
    flags |= match (f.readable.get(), f.writable.get()) {
        (true, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    flags |= libc::O_CLOEXEC;
    f.closefd.set(closefd);
    if vm.is_instance(file, &vm.types().bool.value())? {
        vm.hooks().warn(vm, vm.types().RuntimeWarning, "bool is used as a file descriptor", 1)?;
    }
    let own = open_fd(vm, f, file, flags, closefd, opener)?;
    if let Err(e) = inspect(vm, f, file) {
        if !own {
            f.fd.set(-1);
        } else {
            let fd = f.fd.replace(-1);
            let _ = call::close(fd);
        }
        return Err(e);
    }
    vm.setattr(v, &vm.names().name, Some(file))?;
    if f.appending.get() {
        let _ = call::lseek(f.fd.get(), 0, libc::SEEK_END);
    }
    Ok(())
}

/// Opens the file or takes over the descriptor; whether it was opened here.
fn open_fd(vm: &Vm, f: &FileIo, file: &Value, flags: i32, closefd: bool, opener: Option<&Value>) -> PyResult<bool> {
    if vm.has_index(file) {
        let fd = vm.arg_i32(file)?;
        if fd < 0 {
            return Err(vm.value_error("negative file descriptor"));
        }
        f.fd.set(fd);
        return Ok(false);
    }
    if file.is_float() {
        return Err(vm.type_error("expected str, bytes or os.PathLike object, not float"));
    }
    let target = path::fspath(vm, file)?;
    let name = path::path_or(vm, "open", "path", &target, Accept::default());
    let name = match name {
        Ok(n) => n,
        Err(_) if vm.pending_is(vm.types().ValueError) && !vm.pending_is(vm.types().UnicodeError) => {
            drop(vm.take_raised());
            return Err(vm.value_error("embedded null byte"));
        }
        Err(e) => return Err(e),
    };
    if !closefd {
        return Err(vm.value_error("Cannot use closefd=False with file name"));
    }
    match opener.filter(|o| !o.is_none()) {
        Some(opener) => {
            let fd = vm.call_pos(opener, &[file.clone(), vm.int(flags as i64)])?;
            if !vm.has_index(&fd) {
                return Err(vm.type_error("expected integer from opener"));
            }
            let fd = vm.arg_i32(&fd)?;
            if fd < 0 {
                return Err(vm.value_error(&format!("opener returned {fd}")));
            }
            f.fd.set(fd);
            call::off(vm, || call::set_cloexec(fd, true))?;
        }
        None => match call::retry(vm, || call::open_at(libc::AT_FDCWD, &name.c, flags, 0o666))? {
            Ok(fd) => f.fd.set(fd),
            Err(e) => return Err(vm.io_error(&e, Some(file))),
        },
    }
    Ok(true)
}

fn inspect(vm: &Vm, f: &FileIo, file: &Value) -> PyResult<()> {
    let st = match call::fstat(f.fd.get()) {
        Ok(st) => st,
        Err(e) if e.raw_os_error() == Some(libc::EBADF) => return Err(vm.io_error(&e, Some(file))),
        Err(_) => return Ok(()),
    };
    if st.st_mode & libc::S_IFMT == libc::S_IFDIR {
        return Err(vm.os_error(libc::EISDIR, Some(file)));
    }
    if st.st_blksize > 1 {
        f.blksize.set((st.st_blksize as usize).clamp(super::DEFAULT_BUFFER_SIZE, 8 << 20));
    }
    Ok(())
}

fn warn_unclosed(vm: &Vm, v: &Value) -> PyResult<()> {
    let pending = vm.ts().save_pending();
    let text = vm.repr_string(v).unwrap_or_else(|_| {
        drop(vm.take_raised());
        "FileIO".to_string()
    });
    if vm.hooks().warn(vm, vm.types().ResourceWarning, &format!("unclosed file {text}"), 1).is_err() {
        let e = vm.take_raised();
        vm.hooks().unraisable(vm, e, "Exception ignored in", v);
    }
    vm.ts().restore_pending(pending);
    Ok(())
}

fn finalize(vm: &Vm, v: &Value) -> PyResult<()> {
    let f = this(v);
    if f.fd.get() < 0 {
        return Ok(());
    }
    f.finalizing.set(true);
    vm.call_method(v, &vm.names().close, &[]).map(drop)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let f = this(v);
    let ty = vm.type_of(v).full_name(vm);
    if f.fd.get() < 0 {
        return Ok(vm.str(&format!("<{ty} [closed]>")));
    }
    let tail = format!("mode='{}' closefd={}>", f.mode(), if f.closefd.get() { "True" } else { "False" });
    match vm.getattr_opt(v, &vm.names().name)? {
        None => Ok(vm.str(&format!("<{ty} fd={} {tail}", f.fd.get()))),
        Some(name) => {
            let Some(_guard) = vm.repr_enter(v) else {
                return Err(vm.runtime_error(&format!("reentrant call inside {ty}.__repr__")));
            };
            Ok(vm.str(&format!("<{ty} name={} {tail}", vm.repr_string(&name)?)))
        }
    }
}

impl FileIo {
    fn mode(&self) -> &'static str {
        match (self.created.get(), self.appending.get(), self.readable.get(), self.writable.get()) {
            (true, _, true, _) => "xb+",
            (true, ..) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, ..) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, false) => "rb",
            _ => "wb",
        }
    }

    /// `ValueError` if it is closed.
    pub fn check_open(&self, vm: &Vm) -> PyResult<()> {
        if self.fd.get() < 0 { Err(closed_error(vm)) } else { Ok(()) }
    }

    fn check_readable(&self, vm: &Vm) -> PyResult<()> {
        self.check_open(vm)?;
        if self.readable.get() { Ok(()) } else { Err(unsupported(vm, "File not open for reading")) }
    }

    fn check_writable(&self, vm: &Vm) -> PyResult<()> {
        self.check_open(vm)?;
        if self.writable.get() { Ok(()) } else { Err(unsupported(vm, "File not open for writing")) }
    }

    /// Whether the descriptor can seek.
    pub fn is_seekable(&self) -> bool {
        if let Some(known) = self.seekable.get() {
            return known;
        }
        let s = call::lseek(self.fd.get(), 0, libc::SEEK_CUR).is_ok();
        self.seekable.set(Some(s));
        s
    }

    /// The block size that buffers take.
    pub fn blksize(&self) -> usize {
        self.blksize.get()
    }

    /// Whether it may be read and written.
    pub fn rights(&self) -> (bool, bool) {
        (self.readable.get(), self.writable.get())
    }

    /// Reads into a buffer; `None` if the descriptor would have to wait.
    pub fn read_into(&self, vm: &Vm, buf: &mut [u8]) -> PyResult<Option<usize>> {
        self.check_readable(vm)?;
        let fd = self.fd.get();
        would_block(vm, call::retry(vm, || call::read(fd, buf))?)
    }

    /// Writes; `None` if the descriptor would have to wait.
    pub fn write(&self, vm: &Vm, data: &[u8]) -> PyResult<Option<usize>> {
        self.check_writable(vm)?;
        let fd = self.fd.get();
        would_block(vm, call::retry(vm, || call::write(fd, data))?)
    }

    /// Moves the position.
    pub fn seek(&self, vm: &Vm, pos: i64, whence: i32) -> PyResult<i64> {
        self.check_open(vm)?;
        let fd = self.fd.get();
        let at = call::off(vm, || call::lseek(fd, pos, whence))?;
        self.seekable.set(Some(true));
        Ok(at)
    }

    fn read(&self, vm: &Vm, n: usize) -> PyResult {
        vm.check_alloc(n)?;
        let mut buf = vec![0; n];
        Ok(match self.read_into(vm, &mut buf)? {
            Some(got) => vm.bytes(&buf[..got]),
            None => Value::NONE,
        })
    }

    /// Everything until the end as bytes of Rust; `None` if nothing is there and the descriptor would have to wait.
    pub fn read_rest(&self, vm: &Vm) -> PyResult<Option<Vec<u8>>> {
        self.check_readable(vm)?;
        let fd = self.fd.get();
        let left = match (call::fstat(fd), call::lseek(fd, 0, libc::SEEK_CUR)) {
            (Ok(st), Ok(at)) => usize::try_from(st.st_size - at).unwrap_or(0),
            _ => 0,
        };
        vm.check_alloc(left)?;
        let mut out: Vec<u8> = Vec::with_capacity(left + 1);
        loop {
            let have = out.len();
            let room = (out.capacity() - have).clamp(8192, 1 << 24);
            out.resize(have + room, 0);
            let fd = self.fd.get();
            let got = call::retry(vm, || call::read(fd, &mut out[have..]))?;
            match would_block(vm, got)? {
                None => {
                    out.truncate(have);
                    return Ok(if out.is_empty() { None } else { Some(out) });
                }
                Some(0) => {
                    out.truncate(have);
                    return Ok(Some(out));
                }
                Some(n) => {
                    out.truncate(have + n);
                    vm.check_alloc(out.len())?;
                }
            }
        }
    }

    fn readall(&self, vm: &Vm) -> PyResult {
        Ok(self.read_rest(vm)?.map_or(Value::NONE, |b| vm.bytes(&b)))
    }

    fn close(&self, vm: &Vm) -> PyResult<()> {
        let fd = self.fd.get();
        if fd < 0 {
            return Ok(());
        }
        self.fd.set(-1);
        if !self.closefd.get() {
            return Ok(());
        }
        match serpens_state::blocking(vm, || call::close(fd)) {
            Err(e) if e.raw_os_error() != Some(libc::EINTR) => Err(vm.io_error(&e, None)),
            _ => Ok(()),
        }
    }
}

fn would_block(vm: &Vm, r: io::Result<usize>) -> PyResult<Option<usize>> {
    match r {
        Ok(n) => Ok(Some(n)),
        Err(e) if e.raw_os_error() == Some(libc::EAGAIN) => Ok(None),
        Err(e) => Err(vm.io_error(&e, None)),
    }
}

/// Raises `BlockingIOError(EAGAIN, message, n)`.
#[cold]
pub fn blocking_error(vm: &Vm, message: &str, n: usize) -> Raised {
    let args = vec![vm.int(libc::EAGAIN as i64), vm.str(message), Value::from_usize(n)];
    match vm.call_pos(&vm.types().BlockingIOError.value(), &args) {
        Ok(e) => {
            debug_assert!(e.is_a::<Exception>());
            vm.raise(e)
        }
        Err(e) => e,
    }
}

/// The bytes of a value that must be `bytes`.
pub fn expect_bytes<'a>(vm: &Vm, v: &'a Value, what: &str) -> PyResult<&'a [u8]> {
    match v.downcast::<Bytes>() {
        Some(b) => Ok(b.as_bytes()),
        None => Err(vm.type_error(&format!("{what} should return bytes, not '{}'", vm.type_of(v).name()))),
    }
}
