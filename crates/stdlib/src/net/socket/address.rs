//! Addresses: from Python's tuples and paths to the system's structures, and back.
#![expect(unsafe_code, reason = "structures of the system")]

use super::{Socket, State, names, os_text, raise_numbered};
use crate::posix::path::{fs_decode, fs_encode};
use serpens_vm::types::bytearray::ByteArray;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{PyResult, Value, Vm};
use std::ffi::CString;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address as the system has it.
pub struct Raw {
    storage: libc::sockaddr_storage,
    len: libc::socklen_t,
}

/// Bytes before the path of a Unix address.
const PATH_AT: usize = std::mem::offset_of!(libc::sockaddr_un, sun_path);

impl Raw {
    fn zeroed() -> Raw {
        // SAFETY: zeroes are a valid address of no family.
        let storage = unsafe { std::mem::zeroed() };
        Raw { storage, len: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    /// An address that a call fills in.
    pub fn get<T>(f: impl FnOnce(*mut libc::sockaddr, *mut libc::socklen_t) -> io::Result<T>) -> io::Result<(T, Raw)> {
        let mut raw = Raw::zeroed();
        let result = f((&raw mut raw.storage).cast(), &mut raw.len)?;
        raw.len = raw.len.min(size_of::<libc::sockaddr_storage>() as libc::socklen_t);
        Ok((result, raw))
    }

    /// A copy of an address of the system.
    ///
    /// # Safety
    /// `len` bytes at `at` are readable.
    pub unsafe fn copy(at: *const libc::sockaddr, len: libc::socklen_t) -> Raw {
        let mut raw = Raw::zeroed();
        raw.len = raw.len.min(len);
        // SAFETY: the caller's promise; the target has room.
        unsafe { std::ptr::copy_nonoverlapping(at.cast::<u8>(), (&raw mut raw.storage).cast(), raw.len as usize) };
        raw
    }

    /// Its family.
    pub fn family(&self) -> i32 {
        i32::from(self.storage.ss_family)
    }

    /// For a call.
    pub fn as_ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    /// Bytes of the address.
    pub fn size(&self) -> libc::socklen_t {
        self.len
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the storage is larger than any length it is given.
        unsafe { std::slice::from_raw_parts((&raw const self.storage).cast::<u8>(), self.len as usize) }
    }

    fn store<T: Copy>(address: T, len: usize) -> Raw {
        let mut raw = Raw::zeroed();
        assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>());
        // SAFETY: the storage is large enough and aligned for every address.
        unsafe { (&raw mut raw.storage).cast::<T>().write(address) };
        raw.len = len as libc::socklen_t;
        raw
    }

    fn load<T: Copy>(&self) -> T {
        // SAFETY: the storage is large enough and aligned for every address; zeroes fill what was not given.
        unsafe { (&raw const self.storage).cast::<T>().read() }
    }

    /// An IPv6 address with flow and scope; others stay as they are.
    pub fn with_scope(self, flow: u32, scope: u32) -> Raw {
        if self.family() != libc::AF_INET6 {
            return self;
        }
        let mut a: libc::sockaddr_in6 = self.load();
        a.sin6_flowinfo = flow.to_be();
        a.sin6_scope_id = scope;
        Raw::store(a, size_of::<libc::sockaddr_in6>())
    }

    /// The value for Python.
    pub fn value(&self, vm: &Vm) -> PyResult {
        if self.len == 0 {
            return Ok(Value::NONE);
        }
        match self.family() {
            libc::AF_INET => {
                let a: libc::sockaddr_in = self.load();
                let host = Ipv4Addr::from(u32::from_be(a.sin_addr.s_addr));
                Ok(vm.pair(vm.str(&host.to_string()), Value::int_unchecked(i64::from(u16::from_be(a.sin_port)))))
            }
            libc::AF_INET6 => {
                let a: libc::sockaddr_in6 = self.load();
                let numbers = [
                    i64::from(u16::from_be(a.sin6_port)),
                    i64::from(u32::from_be(a.sin6_flowinfo)),
                    i64::from(a.sin6_scope_id),
                ];
                let host = vm
                    .str(&names::numeric_host(self).unwrap_or_else(|| Ipv6Addr::from(a.sin6_addr.s6_addr).to_string()));
                Ok(vm.tuple([host].into_iter().chain(numbers.map(|n| vm.int(n))).collect()))
            }
            libc::AF_UNIX => {
                let path = self.bytes().get(PATH_AT..).unwrap_or_default();
                match path.first() {
                    None => Ok(vm.str("")),
                    // A name in the abstract name space.
                    Some(0) => Ok(vm.bytes(path)),
                    Some(_) => fs_decode(vm, path.split(|b| *b == 0).next().unwrap_or_default()),
                }
            }
            libc::AF_NETLINK => {
                let a: libc::sockaddr_nl = self.load();
                Ok(vm.pair(vm.int(i64::from(a.nl_pid)), vm.int(i64::from(a.nl_groups))))
            }
            family => {
                let data = self.bytes().get(2..).unwrap_or_default();
                Ok(vm.pair(vm.int(i64::from(family)), vm.bytes(data)))
            }
        }
    }
}

/// The address argument of a call on a socket.
pub fn parse(vm: &Vm, s: &Socket, v: &Value, caller: &str) -> PyResult<Raw> {
    match s.family.get() {
        libc::AF_INET => inet(vm, v, caller),
        libc::AF_INET6 => inet6(vm, v, caller),
        libc::AF_UNIX => unix(vm, v),
        libc::AF_NETLINK => netlink(vm, v, caller),
        _ => Err(os_text(vm, &format!("{caller}(): bad family"))),
    }
}

fn items<'a>(vm: &Vm, v: &'a Value, caller: &str, family: &str) -> PyResult<&'a [Value]> {
    match v.downcast::<Tuple>() {
        Some(t) => Ok(t.as_slice()),
        None => {
            let name = vm.type_of(v).name();
            Err(vm.type_error(&format!("{caller}(): {family} address must be tuple, not {name}")))
        }
    }
}

fn port(vm: &Vm, v: &Value, caller: &str) -> PyResult<u16> {
    let n = vm.arg_i64(v)?;
    u16::try_from(n).map_err(|_| vm.overflow_error(&format!("{caller}(): port must be 0-65535.")))
}

fn inet(vm: &Vm, v: &Value, caller: &str) -> PyResult<Raw> {
    let [host, number] = items(vm, v, caller, "AF_INET")? else {
        return Err(vm.type_error("AF_INET address must be a pair (host, port)"));
    };
    let host = host_bytes(vm, host)?;
    let number = i32_arg(vm, number)?;
    let resolved = resolve(vm, &host, libc::AF_INET)?;
    let mut address: libc::sockaddr_in = resolved.load();
    address.sin_port = port(vm, &vm.int(i64::from(number)), caller)?.to_be();
    Ok(Raw::store(address, size_of::<libc::sockaddr_in>()))
}

fn i32_arg(vm: &Vm, v: &Value) -> PyResult<i32> {
    vm.arg_i32(v)
}

fn inet6(vm: &Vm, v: &Value, caller: &str) -> PyResult<Raw> {
    let list = items(vm, v, caller, "AF_INET6")?;
    if !(2..=4).contains(&list.len()) {
        return Err(vm.type_error("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"));
    }
    let host = host_bytes(vm, &list[0])?;
    let number = i32_arg(vm, &list[1])?;
    let word = |i: usize| match list.get(i) {
        Some(v) => vm.to_index(v)?.as_small_int().ok_or_else(|| vm.overflow_error("int too large")),
        None => Ok(0),
    };
    let (flow, scope) = (word(2)?, word(3)?);
    let resolved = resolve(vm, &host, libc::AF_INET6)?;
    let mut address: libc::sockaddr_in6 = resolved.load();
    address.sin6_port = port(vm, &vm.int(i64::from(number)), caller)?.to_be();
    if !(0..=0xf_ffff).contains(&flow) {
        return Err(vm.overflow_error(&format!("{caller}(): flowinfo must be 0-1048575.")));
    }
    address.sin6_flowinfo = (flow as u32).to_be();
    if list.len() > 3 {
        address.sin6_scope_id = scope as u32;
    }
    Ok(Raw::store(address, size_of::<libc::sockaddr_in6>()))
}

fn unix(vm: &Vm, v: &Value) -> PyResult<Raw> {
    let path = if v.is_a::<Str>() { fs_encode(vm, v)? } else { vm.get_contiguous(v, false)?.as_bytes().to_vec() };
    // SAFETY: zeroes are a valid address.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let is_abstract = path.first() == Some(&0);
    let room = address.sun_path.len() - !is_abstract as usize;
    if path.len() > room {
        return Err(os_text(vm, "AF_UNIX path too long"));
    }
    for (to, from) in address.sun_path.iter_mut().zip(&path) {
        *to = *from as libc::c_char;
    }
    let len = PATH_AT + path.len() + (!is_abstract && !path.is_empty()) as usize;
    Ok(Raw::store(address, len))
}

fn netlink(vm: &Vm, v: &Value, caller: &str) -> PyResult<Raw> {
    let [pid, groups] = items(vm, v, caller, "AF_NETLINK")? else {
        return Err(vm.type_error("AF_NETLINK address must be a pair (pid, groups)"));
    };
    // SAFETY: zeroes are a valid address.
    let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
    address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
    address.nl_pid = vm.arg_u64(pid)? as u32;
    address.nl_groups = vm.arg_u64(groups)? as u32;
    Ok(Raw::store(address, size_of::<libc::sockaddr_nl>()))
}

/// The bytes of a host name: text is encoded as the domain name system wants it.
pub fn host_bytes(vm: &Vm, v: &Value) -> PyResult<Vec<u8>> {
    if let Some(s) = v.downcast::<Str>() {
        if s.is_ascii() && s.as_bytes().split(|b| *b == b'.').all(|label| label.len() < 64) {
            return Ok(s.as_bytes().to_vec());
        }
        let encoded = vm.encode(v, Some("idna"), None)?;
        return Ok(encoded.downcast::<Bytes>().map(|b| b.as_bytes().to_vec()).unwrap_or_default());
    }
    if v.is_a::<Bytes>() || v.is_a::<ByteArray>() {
        return Ok(vm.get_contiguous(v, false)?.as_bytes().to_vec());
    }
    Err(vm.type_error(&format!("str, bytes or bytearray expected, not {}", vm.type_of(v).name())))
}

/// The address of a host; its port is 0.
pub fn resolve(vm: &Vm, host: &[u8], family: i32) -> PyResult<Raw> {
    if host == b"<broadcast>" || host == b"255.255.255.255" {
        if family != libc::AF_INET && family != libc::AF_UNSPEC {
            return Err(os_text(vm, "address family mismatched"));
        }
        return Ok(ipv4(Ipv4Addr::BROADCAST));
    }
    if let Some(text) = std::str::from_utf8(host).ok().filter(|t| !t.is_empty()) {
        if family != libc::AF_INET6
            && let Ok(ip) = text.parse::<Ipv4Addr>()
        {
            return Ok(ipv4(ip));
        }
        if family != libc::AF_INET
            && let Ok(ip) = text.parse::<Ipv6Addr>()
        {
            // SAFETY: zeroes are a valid address.
            let mut a: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
            a.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            a.sin6_addr.s6_addr = ip.octets();
            return Ok(Raw::store(a, size_of::<libc::sockaddr_in6>()));
        }
    }
    let name = CString::new(host).map_err(|_| vm.type_error("host name must not contain null character"))?;
    let query = if host.is_empty() {
        names::Query { flags: libc::AI_PASSIVE, family, kind: libc::SOCK_DGRAM, proto: 0 }
    } else {
        names::Query { flags: 0, family, kind: 0, proto: 0 }
    };
    let host = if host.is_empty() { None } else { Some(name.as_c_str()) };
    let service = if host.is_none() { Some(c"0") } else { None };
    let found = names::look_up(vm, host, service, &query)?;
    if host.is_none() && found.len() > 1 {
        return Err(os_text(vm, "wildcard resolved to multiple address"));
    }
    match found.into_iter().next() {
        Some(first) => Ok(first.address),
        None => Err(raise_numbered(vm, &vm.local(State::new).gaierror, libc::EAI_NONAME, "Name or service not known")),
    }
}

fn ipv4(ip: Ipv4Addr) -> Raw {
    // SAFETY: zeroes are a valid address.
    let mut a: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    a.sin_family = libc::AF_INET as libc::sa_family_t;
    a.sin_addr.s_addr = u32::from(ip).to_be();
    Raw::store(a, size_of::<libc::sockaddr_in>())
}
