//! The module's functions: look-ups of hosts, services and protocols; conversions; interfaces.
#![expect(unsafe_code, reason = "calls of the C library")]

use super::address::{self, Raw};
use super::wait::Timeout;
use super::{SOCKET, State, fill, message, os_text, raise_numbered};
use crate::posix::call::{self, check};
use crate::posix::path::fs_encode;
use serpens_state::blocking;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Raised, Value, Vm};
use std::ffi::{CStr, CString, c_char, c_int};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("CMSG_LEN", "(length, /)", message::cmsg_len),
    MethodDef::new("CMSG_SPACE", "(length, /)", message::cmsg_space),
    MethodDef::new("close", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        match blocking(vm, || call::close(fd)) {
            Err(e) if e.raw_os_error() != Some(libc::ECONNRESET) => Err(vm.io_error(&e, None)),
            _ => Ok(Value::NONE),
        }
    }),
    MethodDef::new("dup", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        let made = check(unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) });
        Ok(vm.int(made.map_err(|e| vm.io_error(&e, None))?))
    }),
    MethodDef::new("socketpair", "(family=AF_UNIX, type=SOCK_STREAM, proto=0, /)", socketpair),
    MethodDef::new("getaddrinfo", "(host, port, family=0, type=0, proto=0, flags=0)", getaddrinfo)
        .doc("getaddrinfo(host, port [, family, type, proto, flags])\n    -> list of (family, type, proto, canonname, sockaddr)"),
    MethodDef::new("getnameinfo", "(sockaddr, flags, /)", getnameinfo),
    MethodDef::new("gethostbyname", "(host, /)", |vm, a| {
        let host = host_arg(vm, "gethostbyname", a.get(0))?;
        Ok(vm.str(&numeric_host(&address::resolve(vm, &host, libc::AF_INET)?).unwrap_or_default()))
    }),
    MethodDef::new("gethostbyname_ex", "(host, /)", |vm, a| {
        let host = host_arg(vm, "gethostbyname_ex", a.get(0))?;
        let name = c_name(vm, host)?;
        let query = Query { flags: libc::AI_CANONNAME, family: libc::AF_INET, kind: libc::SOCK_STREAM, proto: 0 };
        let found = look_up(vm, Some(&name), None, &query)?;
        let canonical = found.first().map(|f| f.canonical.clone()).unwrap_or_default();
        let list = found.iter().filter_map(|f| numeric_host(&f.address)).map(|h| vm.str(&h)).collect();
        Ok(vm.tuple(vec![vm.str(&canonical), vm.list(Vec::new()), vm.list(list)]))
    }),
    MethodDef::new("gethostbyaddr", "(host, /)", |vm, a| {
        let host = host_arg(vm, "gethostbyaddr", a.get(0))?;
        let address = address::resolve(vm, &host, libc::AF_UNSPEC)?;
        let name = match name_info(vm, &address, libc::NI_NAMEREQD) {
            Ok((name, _)) => name,
            Err(_) => return Err(raise_numbered(vm, &vm.local(State::new).herror, 1, "Unknown host")),
        };
        let number = vm.str(&numeric_host(&address).unwrap_or_default());
        Ok(vm.tuple(vec![vm.str(&name), vm.list(Vec::new()), vm.list(vec![number])]))
    }),
    MethodDef::new("gethostname", "()", |vm, _| {
        let mut buffer = [0u8; 1024];
        // SAFETY: the buffer is one byte longer than its length says, so that the name ends with a zero.
        let result = check(unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len() - 1) });
        result.map_err(|e| vm.io_error(&e, None))?;
        crate::posix::path::fs_decode(vm, buffer.split(|b| *b == 0).next().unwrap_or_default())
    }),
    MethodDef::new("sethostname", "(name, /)", |vm, a| {
        let name = if a.get(0).is_a::<Str>() { fs_encode(vm, a.get(0))? } else { vm.bytes_arg(a.get(0))?.to_vec() };
        // SAFETY: the name is readable for its length.
        let result = check(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) });
        result.map_err(|e| vm.io_error(&e, None))?;
        Ok(Value::NONE)
    }),
    MethodDef::new("getprotobyname", "(name, /)", |vm, a| {
        let name = c_text(vm, "getprotobyname", a.get(0))?;
        match database(|buffer, len| {
            // SAFETY: zeroes are a valid entry; the buffer has the length it says.
            unsafe {
                let mut entry: libc::protoent = std::mem::zeroed();
                let mut found = std::ptr::null_mut();
                getprotobyname_r(name.as_ptr(), &mut entry, buffer, len, &mut found);
                (!found.is_null()).then_some(entry.p_proto)
            }
        }) {
            Some(n) => Ok(vm.int(i64::from(n))),
            None => Err(os_text(vm, "protocol not found")),
        }
    }),
    MethodDef::new("getservbyname", "(servicename, protocolname=None, /)", |vm, a| {
        let name = c_text(vm, "getservbyname", a.get(0))?;
        let protocol = a.opt(1).map(|v| c_text(vm, "getservbyname", v)).transpose()?;
        let protocol = protocol.as_ref().map_or(std::ptr::null(), |p| p.as_ptr());
        match database(|buffer, len| {
            // SAFETY: as above.
            unsafe {
                let mut entry: libc::servent = std::mem::zeroed();
                let mut found = std::ptr::null_mut();
                getservbyname_r(name.as_ptr(), protocol, &mut entry, buffer, len, &mut found);
                (!found.is_null()).then_some(u16::from_be(entry.s_port as u16))
            }
        }) {
            Some(port) => Ok(vm.int(i64::from(port))),
            None => Err(os_text(vm, "service/proto not found")),
        }
    }),
    MethodDef::new("getservbyport", "(port, protocolname=None, /)", |vm, a| {
        let port = vm.arg_i32(a.get(0))?;
        let protocol = a.opt(1).map(|v| c_text(vm, "getservbyport", v)).transpose()?;
        let Ok(port) = u16::try_from(port) else {
            return Err(vm.overflow_error("getservbyport: port must be 0-65535."));
        };
        let protocol = protocol.as_ref().map_or(std::ptr::null(), |p| p.as_ptr());
        match database(|buffer, len| {
            // SAFETY: as above; the name lies in the buffer and is copied.
            unsafe {
                let mut entry: libc::servent = std::mem::zeroed();
                let mut found = std::ptr::null_mut();
                getservbyport_r(c_int::from(port.to_be()), protocol, &mut entry, buffer, len, &mut found);
                (!found.is_null()).then(|| CStr::from_ptr(entry.s_name).to_string_lossy().into_owned())
            }
        }) {
            Some(name) => Ok(vm.str(&name)),
            None => Err(os_text(vm, "port/proto not found")),
        }
    }),
    MethodDef::new("htonl", "(integer, /)", |vm, a| Ok(vm.int(i64::from(word32(vm, a)?.to_be())))),
    MethodDef::new("ntohl", "(integer, /)", |vm, a| Ok(vm.int(i64::from(word32(vm, a)?.to_be())))),
    MethodDef::new("htons", "(integer, /)", |vm, a| Ok(vm.int(i64::from(word16(vm, a)?.to_be())))),
    MethodDef::new("ntohs", "(integer, /)", |vm, a| Ok(vm.int(i64::from(word16(vm, a)?.to_be())))),
    MethodDef::new("inet_aton", "(ip_addr, /)", |vm, a| {
        let text = c_text(vm, "inet_aton", a.get(0))?;
        let mut made = libc::in_addr { s_addr: 0 };
        // SAFETY: the text ends with a zero; the target is a local.
        match unsafe { inet_aton(text.as_ptr(), &mut made) } {
            0 => Err(os_text(vm, "illegal IP address string passed to inet_aton")),
            _ => Ok(vm.bytes(&made.s_addr.to_ne_bytes())),
        }
    }),
    MethodDef::new("inet_ntoa", "(packed_ip, /)", |vm, a| {
        let bytes = vm.bytes_arg(a.get(0))?.to_vec();
        match <[u8; 4]>::try_from(&bytes[..]) {
            Ok(b) => Ok(vm.str(&Ipv4Addr::from(b).to_string())),
            Err(_) => Err(os_text(vm, "packed IP wrong length for inet_ntoa")),
        }
    }),
    MethodDef::new("inet_pton", "(address_family, ip_string, /)", |vm, a| {
        let family = vm.arg_i32(a.get(0))?;
        let text = c_text(vm, "inet_pton", a.get(1))?;
        let text = text.to_str().unwrap_or("");
        let made = match family {
            libc::AF_INET => text.parse::<Ipv4Addr>().ok().map(|ip| ip.octets().to_vec()),
            libc::AF_INET6 => text.parse::<Ipv6Addr>().ok().map(|ip| ip.octets().to_vec()),
            _ => return Err(vm.os_error(libc::EAFNOSUPPORT, None)),
        };
        match made {
            Some(bytes) => Ok(vm.bytes(&bytes)),
            None => Err(os_text(vm, "illegal IP address string passed to inet_pton")),
        }
    }),
    MethodDef::new("inet_ntop", "(address_family, packed_ip, /)", |vm, a| {
        let family = vm.arg_i32(a.get(0))?;
        let bytes = vm.bytes_arg(a.get(1))?.to_vec();
        let wrong = || vm.value_error("invalid length of packed IP address string");
        let n = match family {
            libc::AF_INET => 4,
            libc::AF_INET6 => 16,
            _ => return Err(vm.value_error(&format!("unknown address family {family}"))),
        };
        if bytes.len() != n {
            return Err(wrong());
        }
        let mut out = [0u8; 64];
        // SAFETY: the source has the length of the family; the target has room for any address.
        unsafe { inet_ntop(family, bytes.as_ptr().cast(), out.as_mut_ptr().cast(), out.len() as libc::socklen_t) };
        let text = out.split(|b| *b == 0).next().unwrap_or_default();
        Ok(vm.str(&String::from_utf8_lossy(text)))
    }),
    MethodDef::new("if_nameindex", "()", |vm, _| interfaces(vm)),
    MethodDef::new("if_nametoindex", "(oname, /)", |vm, a| {
        let name = CString::new(fs_encode(vm, a.get(0))?).map_err(|_| vm.value_error("embedded null byte"))?;
        // SAFETY: the name ends with a zero.
        match unsafe { libc::if_nametoindex(name.as_ptr()) } {
            0 => Err(vm.os_error(libc::ENODEV, None)),
            n => Ok(vm.int(i64::from(n))),
        }
    }),
    MethodDef::new("if_indextoname", "(if_index, /)", |vm, a| {
        let index = vm.to_index(a.get(0))?;
        let index = match index.as_small_int() {
            Some(n) if n < 0 => return Err(vm.value_error("Cannot convert negative int")),
            Some(n) => n as u32,
            None => return Err(vm.overflow_error("Python int too large for C unsigned int")),
        };
        let mut name = [0u8; libc::IF_NAMESIZE];
        // SAFETY: the target has the size that the call expects.
        if unsafe { libc::if_indextoname(index, name.as_mut_ptr().cast()) }.is_null() {
            return Err(vm.io_error(&std::io::Error::last_os_error(), None));
        }
        crate::posix::path::fs_decode(vm, name.split(|b| *b == 0).next().unwrap_or_default())
    }),
    MethodDef::new("getdefaulttimeout", "()", |vm, _| Ok(vm.local(State::new).timeout.get().value())),
    MethodDef::new("setdefaulttimeout", "(timeout, /)", |vm, a| {
        let timeout = Timeout::new(vm, a.get(0))?;
        vm.local(State::new).timeout.set(timeout);
        Ok(Value::NONE)
    }),
];

unsafe extern "C" {
    fn inet_aton(text: *const c_char, to: *mut libc::in_addr) -> c_int;
    fn inet_ntop(family: c_int, from: *const libc::c_void, to: *mut c_char, len: libc::socklen_t) -> *const c_char;
    fn getprotobyname_r(
        name: *const c_char,
        entry: *mut libc::protoent,
        buffer: *mut c_char,
        len: usize,
        found: *mut *mut libc::protoent,
    ) -> c_int;
    fn getservbyname_r(
        name: *const c_char,
        protocol: *const c_char,
        entry: *mut libc::servent,
        buffer: *mut c_char,
        len: usize,
        found: *mut *mut libc::servent,
    ) -> c_int;
    fn getservbyport_r(
        port: c_int,
        protocol: *const c_char,
        entry: *mut libc::servent,
        buffer: *mut c_char,
        len: usize,
        found: *mut *mut libc::servent,
    ) -> c_int;
}

/// Runs a look-up in one of the system's databases with a buffer for its strings.
fn database<T>(f: impl FnOnce(*mut c_char, usize) -> Option<T>) -> Option<T> {
    let mut buffer = vec![0u8; 4096];
    f(buffer.as_mut_ptr().cast(), buffer.len())
}

fn c_text(vm: &Vm, function: &str, v: &Value) -> PyResult<CString> {
    let Some(s) = v.downcast::<Str>() else {
        let name = vm.arg_type_name(v);
        return Err(vm.type_error(&format!("{function}() argument 1 must be str, not {name}")));
    };
    CString::new(s.as_bytes()).map_err(|_| vm.value_error("embedded null character"))
}

fn c_name(vm: &Vm, bytes: Vec<u8>) -> PyResult<CString> {
    CString::new(bytes).map_err(|_| vm.type_error("host name must not contain null character"))
}

fn host_arg(vm: &Vm, function: &str, v: &Value) -> PyResult<Vec<u8>> {
    if !v.is_a::<Str>() && !vm.has_buffer(v) {
        let name = vm.arg_type_name(v);
        return Err(vm.type_error(&format!("{function}() argument 1 must be str, bytes or bytearray, not {name}")));
    }
    address::host_bytes(vm, v)
}

fn unsigned(vm: &Vm, v: &Value, max: i64, name: &str) -> PyResult<i64> {
    match vm.to_index(v)?.as_small_int() {
        Some(n) if n < 0 => Err(vm.value_error("Cannot convert negative int")),
        Some(n) if n <= max => Ok(n),
        _ => Err(vm.overflow_error(&format!("Python int too large for C {name}"))),
    }
}

fn word32(vm: &Vm, a: Args<'_>) -> PyResult<u32> {
    unsigned(vm, a.get(0), i64::from(u32::MAX), "uint32_t").map(|n| n as u32)
}

fn word16(vm: &Vm, a: Args<'_>) -> PyResult<u16> {
    unsigned(vm, a.get(0), i64::from(u16::MAX), "uint16_t").map(|n| n as u16)
}

fn socketpair(vm: &Vm, a: Args<'_>) -> PyResult {
    let number = |i: usize, default: i32| a.opt(i).map_or(Ok(default), |v| vm.arg_i32(v));
    let (family, kind, proto) = (number(0, libc::AF_UNIX)?, number(1, libc::SOCK_STREAM)?, number(2, 0)?);
    let mut fds = [-1; 2];
    // SAFETY: the target has room for two.
    check(unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, proto, fds.as_mut_ptr()) })
        .map_err(|e| vm.io_error(&e, None))?;
    let make = |fd| {
        let made = vm.alloc(vm.type_of_def(&SOCKET), super::Socket::closed());
        fill(vm, &made, fd, family, kind, proto).map(|()| made)
    };
    let (first, second) = (make(fds[0]), make(fds[1]));
    Ok(vm.pair(first?, second?))
}

/// What is asked of a look-up.
pub struct Query {
    /// `AI_*`.
    pub flags: i32,
    /// `AF_*`.
    pub family: i32,
    /// `SOCK_*`.
    pub kind: i32,
    /// `IPPROTO_*`.
    pub proto: i32,
}

/// One answer of a look-up.
pub struct Found {
    family: i32,
    kind: i32,
    proto: i32,
    canonical: String,
    /// The address.
    pub address: Raw,
}

#[cold]
fn lookup_error(vm: &Vm, code: i32, errno: i32) -> Raised {
    if code == libc::EAI_SYSTEM {
        return vm.os_error(errno, None);
    }
    // SAFETY: the C library's text is copied at once.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) }.to_string_lossy().into_owned();
    raise_numbered(vm, &vm.local(State::new).gaierror, code, &text)
}

/// Looks up addresses of a host and a service, off the lock.
pub fn look_up(vm: &Vm, host: Option<&CStr>, service: Option<&CStr>, query: &Query) -> PyResult<Vec<Found>> {
    let result = blocking(vm, || {
        let host = host.map_or(std::ptr::null(), CStr::as_ptr);
        let service = service.map_or(std::ptr::null(), CStr::as_ptr);
        // SAFETY: zeroes are valid hints; the names end with zeroes; the answers are copied, then given back.
        unsafe {
            let mut hints: libc::addrinfo = std::mem::zeroed();
            hints.ai_flags = query.flags;
            hints.ai_family = query.family;
            hints.ai_socktype = query.kind;
            hints.ai_protocol = query.proto;
            let mut list = std::ptr::null_mut();
            let code = libc::getaddrinfo(host, service, &hints, &mut list);
            if code != 0 {
                return Err((code, std::io::Error::last_os_error().raw_os_error().unwrap_or(0)));
            }
            let mut found = Vec::new();
            let mut at = list;
            while !at.is_null() {
                let i = &*at;
                let canonical = if i.ai_canonname.is_null() {
                    String::new()
                } else {
                    CStr::from_ptr(i.ai_canonname).to_string_lossy().into_owned()
                };
                let address = Raw::copy(i.ai_addr, i.ai_addrlen);
                found.push(Found {
                    family: i.ai_family,
                    kind: i.ai_socktype,
                    proto: i.ai_protocol,
                    canonical,
                    address,
                });
                at = i.ai_next;
            }
            libc::freeaddrinfo(list);
            Ok(found)
        }
    });
    result.map_err(|(code, errno)| lookup_error(vm, code, errno))
}

fn getaddrinfo(vm: &Vm, a: Args<'_>) -> PyResult {
    let (host, port) = (a.get(0), a.get(1));
    let host = if host.is_none() {
        None
    } else if let Some(b) = host.downcast::<Bytes>() {
        Some(b.as_bytes().to_vec())
    } else if host.is_a::<Str>() {
        Some(address::host_bytes(vm, host)?)
    } else {
        return Err(vm.type_error("getaddrinfo() argument 1 must be string or None"));
    };
    let port = if port.is_none() {
        None
    } else if vm.is_int_like(port) {
        Some(vm.arg_i64(port)?.to_string().into_bytes())
    } else if let Some(s) = port.downcast::<Str>() {
        Some(s.as_bytes().to_vec())
    } else if let Some(b) = port.downcast::<Bytes>() {
        Some(b.as_bytes().to_vec())
    } else {
        return Err(os_text(vm, "Int or String expected"));
    };
    let number = |i: usize| a.opt(i).map_or(Ok(0), |v| vm.arg_i32(v));
    let query = Query { family: number(2)?, kind: number(3)?, proto: number(4)?, flags: number(5)? };
    let null = |_| vm.value_error("embedded null character");
    let host = host.map(CString::new).transpose().map_err(null)?;
    let port = port.map(CString::new).transpose().map_err(null)?;
    let mut list = Vec::new();
    for f in look_up(vm, host.as_deref(), port.as_deref(), &query)? {
        let numbers = [f.family, f.kind, f.proto].map(|n| vm.int(i64::from(n)));
        let rest = [vm.str(&f.canonical), f.address.value(vm)?];
        list.push(vm.tuple(numbers.into_iter().chain(rest).collect()));
    }
    Ok(vm.list(list))
}

/// The name and the service of an address.
fn name_info(vm: &Vm, address: &Raw, flags: i32) -> PyResult<(String, String)> {
    let (code, errno, host, service) = blocking(vm, || {
        let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
        // SAFETY: the address and the targets are as long as they say.
        let code = unsafe {
            libc::getnameinfo(
                address.as_ptr(),
                address.size(),
                host.as_mut_ptr().cast(),
                host.len() as libc::socklen_t,
                service.as_mut_ptr().cast(),
                service.len() as libc::socklen_t,
                flags,
            )
        };
        (code, std::io::Error::last_os_error().raw_os_error().unwrap_or(0), host, service)
    });
    if code != 0 {
        return Err(lookup_error(vm, code, errno));
    }
    let text = |b: &[u8]| String::from_utf8_lossy(b.split(|b| *b == 0).next().unwrap_or_default()).into_owned();
    Ok((text(&host), text(&service)))
}

/// The address in numbers, with its scope.
pub fn numeric_host(address: &Raw) -> Option<String> {
    let mut host = [0u8; 1025];
    // SAFETY: the address and the target are as long as they say. Numbers need no look-up.
    let code = unsafe {
        libc::getnameinfo(
            address.as_ptr(),
            address.size(),
            host.as_mut_ptr().cast(),
            host.len() as libc::socklen_t,
            std::ptr::null_mut(),
            0,
            libc::NI_NUMERICHOST,
        )
    };
    let text = host.split(|b| *b == 0).next().unwrap_or_default();
    (code == 0).then(|| String::from_utf8_lossy(text).into_owned())
}

fn getnameinfo(vm: &Vm, a: Args<'_>) -> PyResult {
    let flags = vm.arg_i32(a.get(1))?;
    let Some(tuple) = a.get(0).downcast::<Tuple>() else {
        return Err(vm.type_error("getnameinfo() argument 1 must be a tuple"));
    };
    let list = tuple.as_slice();
    if !(2..=4).contains(&list.len()) {
        return Err(vm.type_error("getnameinfo(): illegal sockaddr argument"));
    }
    let host = c_name(vm, fs_encode(vm, &list[0])?)?;
    let port = CString::new(vm.arg_i32(&list[1])?.to_string()).unwrap_or_default();
    let word = |i: usize| list.get(i).map_or(Ok(0), |v| vm.arg_i64(v));
    let (flow, scope) = (word(2)?, word(3)?);
    if !(0..=0xf_ffff).contains(&flow) {
        return Err(vm.overflow_error("getnameinfo(): flowinfo must be 0-1048575."));
    }
    let query = Query { flags: libc::AI_NUMERICHOST, family: libc::AF_UNSPEC, kind: libc::SOCK_DGRAM, proto: 0 };
    let mut found = look_up(vm, Some(&host), Some(&port), &query)?;
    if found.len() != 1 {
        return Err(os_text(vm, "sockaddr resolved to multiple addresses"));
    }
    let found = found.remove(0);
    if found.family == libc::AF_INET && list.len() != 2 {
        return Err(os_text(vm, "IPv4 sockaddr must be 2 tuple"));
    }
    let address = found.address.with_scope(flow as u32, scope as u32);
    let (host, service) = name_info(vm, &address, flags)?;
    Ok(vm.pair(vm.str(&host), vm.str(&service)))
}

fn interfaces(vm: &Vm) -> PyResult {
    let mut list = Vec::new();
    // SAFETY: the list ends with an index of 0; it is given back after its names were copied.
    unsafe {
        let all = libc::if_nameindex();
        if all.is_null() {
            return Err(vm.io_error(&std::io::Error::last_os_error(), None));
        }
        let mut at = all;
        while (*at).if_index != 0 && !(*at).if_name.is_null() {
            let name = CStr::from_ptr((*at).if_name).to_bytes();
            list.push((i64::from((*at).if_index), name.to_vec()));
            at = at.add(1);
        }
        libc::if_freenameindex(all);
    }
    let mut out = Vec::with_capacity(list.len());
    for (index, name) in list {
        out.push(vm.pair(vm.int(index), crate::posix::path::fs_decode(vm, &name)?));
    }
    Ok(vm.list(out))
}
