//! A mapping, reached by copies in and out: other processes may change it at any time.
#![expect(unsafe_code, reason = "mapped memory")]

use crate::posix::call::check;
use std::io;

/// Mapped memory.
pub struct Map {
    at: *mut u8,
    len: usize,
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: it was mapped at that length.
        unsafe { libc::munmap(self.at.cast(), self.len) };
    }
}

/// Bytes of a page.
pub fn page_size() -> i64 {
    // SAFETY: takes no pointers.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) }
}

/// Another descriptor of the same file.
pub fn duplicate(fd: i32) -> io::Result<i32> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) }).map(|n| n as i32)
}

impl Map {
    /// Maps memory.
    pub fn new(len: usize, prot: i32, flags: i32, fd: i32, offset: i64) -> io::Result<Map> {
        // SAFETY: the system chooses the address, so nothing that exists is replaced, unless the flags ask for it; those
        // that would are masked out.
        let at = unsafe { libc::mmap(std::ptr::null_mut(), len, prot, flags & !libc::MAP_FIXED, fd, offset) };
        if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(Map { at: at.cast(), len }) }
    }

    /// Bytes of the mapping.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none: never, the system makes no empty mappings.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Its address.
    pub fn as_ptr(&self) -> *const u8 {
        self.at
    }

    /// One byte; the caller has checked the index.
    pub fn byte(&self, at: usize) -> u8 {
        assert!(at < self.len);
        // SAFETY: inside of the mapping.
        unsafe { self.at.add(at).read_volatile() }
    }

    /// A copy of some bytes.
    pub fn read(&self, at: usize, n: usize) -> Vec<u8> {
        let at = at.min(self.len);
        let n = n.min(self.len - at);
        let mut out = Vec::with_capacity(n);
        // SAFETY: inside of the mapping; the target has room.
        unsafe {
            std::ptr::copy_nonoverlapping(self.at.add(at), out.as_mut_ptr(), n);
            out.set_len(n);
        }
        out
    }

    /// Copies bytes into it; the caller has checked that they fit.
    pub fn write(&self, at: usize, bytes: &[u8]) {
        assert!(at <= self.len && bytes.len() <= self.len - at);
        // SAFETY: inside of the mapping, which may be written.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.at.add(at), bytes.len()) };
    }

    /// Moves bytes inside of it; the caller has checked that they fit.
    pub fn shift(&self, to: usize, from: usize, n: usize) {
        assert!(to <= self.len && from <= self.len && n <= self.len - to.max(from));
        // SAFETY: inside of the mapping, which may be written.
        unsafe { std::ptr::copy(self.at.add(from), self.at.add(to), n) };
    }

    /// Writes changes back.
    pub fn flush(&self, at: usize, n: usize) -> io::Result<()> {
        // SAFETY: the caller gives a part of the mapping.
        check(unsafe { libc::msync(self.at.add(at.min(self.len)).cast(), n, libc::MS_SYNC) }).map(drop)
    }

    /// Gives advice on a part of it.
    pub fn advise(&self, at: usize, n: usize, advice: i32) -> io::Result<()> {
        // SAFETY: a part of the mapping; advice changes no more than its contents.
        check(unsafe {
            libc::madvise(self.at.add(at.min(self.len)).cast(), n.min(self.len - at.min(self.len)), advice)
        })
        .map(drop)
    }

    /// Changes its length, and maybe its address.
    pub fn resize(&mut self, len: usize) -> io::Result<()> {
        // SAFETY: it was mapped at that length; nobody looks into it while it is borrowed mutably.
        let at = unsafe { libc::mremap(self.at.cast(), self.len, len, libc::MREMAP_MAYMOVE) };
        if at == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        (self.at, self.len) = (at.cast(), len);
        Ok(())
    }
}
