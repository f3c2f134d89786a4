//! `termios`: settings of terminals.
#![expect(unsafe_code, reason = "system calls")]

use super::call::check;
use super::fd::fileno;
use crate::text::exception_class;
use serpens_state::{NativeModule, blocking};
use serpens_vm::cell::VCell;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::list::List;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Raised, TypeObj, Value, Vm};
use std::io;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("termios")
    .doc("This module provides an interface to the Posix calls for tty I/O control.")
    .functions(&[
        MethodDef::new("tcgetattr", "(fd, /)", get_attr).doc("Get the tty attributes for file descriptor fd."),
        MethodDef::new("tcsetattr", "(fd, when, attributes, /)", set_attr)
            .doc("Set the tty attributes for file descriptor fd."),
        MethodDef::new("tcsendbreak", "(fd, duration, /)", |vm, a| {
            let (fd, n) = (fileno(vm, a.get(0))?, vm.arg_i32(a.get(1))?);
            // SAFETY: takes no pointers.
            run(vm, || check(unsafe { libc::tcsendbreak(fd, n) }))
        })
        .doc("Send a break on file descriptor fd."),
        MethodDef::new("tcdrain", "(fd, /)", |vm, a| {
            let fd = fileno(vm, a.get(0))?;
            // SAFETY: takes no pointers.
            run(vm, || check(unsafe { libc::tcdrain(fd) }))
        })
        .doc("Wait until all output written to file descriptor fd has been transmitted."),
        MethodDef::new("tcflush", "(fd, queue, /)", |vm, a| {
            let (fd, n) = (fileno(vm, a.get(0))?, vm.arg_i32(a.get(1))?);
            // SAFETY: takes no pointers.
            run(vm, || check(unsafe { libc::tcflush(fd, n) }))
        })
        .doc("Discard queued data on file descriptor fd."),
        MethodDef::new("tcflow", "(fd, action, /)", |vm, a| {
            let (fd, n) = (fileno(vm, a.get(0))?, vm.arg_i32(a.get(1))?);
            // SAFETY: takes no pointers.
            run(vm, || check(unsafe { libc::tcflow(fd, n) }))
        })
        .doc("Suspend or resume input or output on file descriptor fd."),
        MethodDef::new("tcgetwinsize", "(fd, /)", |vm, a| {
            let fd = fileno(vm, a.get(0))?;
            let size = winsize(vm, fd)?;
            Ok(vm.tuple(vec![vm.int(i64::from(size.ws_row)), vm.int(i64::from(size.ws_col))]))
        })
        .doc("Get the tty winsize for file descriptor fd.\n\nReturns a tuple (ws_row, ws_col)."),
        MethodDef::new("tcsetwinsize", "(fd, winsize, /)", |vm, a| {
            let fd = fileno(vm, a.get(0))?;
            let items = match (a.get(1).downcast::<Tuple>(), a.get(1).downcast::<List>()) {
                (Some(t), _) => t.as_slice().to_vec(),
                (_, Some(l)) => l.to_vec(),
                _ => return Err(vm.type_error("tcsetwinsize, arg 2: must be a two-item sequence")),
            };
            let [rows, cols] = &items[..] else {
                return Err(vm.type_error("tcsetwinsize, arg 2: must be a two-item sequence"));
            };
            let short = |v: &Value| {
                u16::try_from(vm.arg_i64(v)?).map_err(|_| vm.overflow_error("winsize value(s) out of range."))
            };
            let mut size = winsize(vm, fd)?;
            (size.ws_row, size.ws_col) = (short(rows)?, short(cols)?);
            // SAFETY: the size is a local.
            run(vm, || check(unsafe { libc::ioctl(fd, libc::TIOCSWINSZ, &size) }))
        })
        .doc("Set the tty winsize for file descriptor fd."),
    ])
    .init(|vm, d| {
        for (name, n) in CONSTANTS {
            d.set_name(vm, name, vm.int(*n));
        }
        d.set_name(vm, "error", vm.local(State::new).error.get_or_none());
        Ok(())
    });

/// The module's state in an interpreter.
struct State {
    error: VCell,
}

serpens_vm::local!(State { error });

impl State {
    fn new(vm: &Vm) -> State {
        State { error: VCell::from(exception_class(vm, "termios", "error", vm.types().Exception).ok()) }
    }
}

fn failed(vm: &Vm, e: &io::Error) -> Raised {
    let class = vm.local(State::new).error.get_or_none();
    let errno = e.raw_os_error().unwrap_or(libc::EIO);
    match TypeObj::from_value(&class) {
        Some(ty) => {
            let text = serpens_vm::types::exception::os::error_text(errno);
            vm.raise_with(ty, vec![vm.int(i64::from(errno)), vm.str(&text)])
        }
        None => vm.io_error(e, None),
    }
}

fn run(vm: &Vm, mut f: impl FnMut() -> io::Result<i64>) -> PyResult {
    match blocking(vm, &mut f) {
        Ok(_) => Ok(Value::NONE),
        Err(e) => Err(failed(vm, &e)),
    }
}

fn winsize(vm: &Vm, fd: i32) -> PyResult<libc::winsize> {
    // SAFETY: the target is a local; zeroes are valid.
    unsafe {
        let mut size: libc::winsize = std::mem::zeroed();
        check(libc::ioctl(fd, libc::TIOCGWINSZ, &mut size)).map_err(|e| failed(vm, &e))?;
        Ok(size)
    }
}

fn current(vm: &Vm, fd: i32) -> PyResult<libc::termios> {
    // SAFETY: the target is a local; zeroes are valid.
    unsafe {
        let mut t: libc::termios = std::mem::zeroed();
        check(libc::tcgetattr(fd, &mut t)).map_err(|e| failed(vm, &e))?;
        Ok(t)
    }
}

fn get_attr(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = current(vm, fileno(vm, a.get(0))?)?;
    // SAFETY: reads two fields.
    let (input, output) = unsafe { (libc::cfgetispeed(&t), libc::cfgetospeed(&t)) };
    let raw = t.c_lflag & libc::ICANON == 0;
    let cc = t.c_cc.iter().enumerate().map(|(i, c)| match i {
        libc::VMIN | libc::VTIME if raw => vm.int(i64::from(*c)),
        _ => vm.bytes(&[*c]),
    });
    let cc = vm.list(cc.collect());
    let flags = [t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, input, output];
    Ok(vm.list(flags.iter().map(|n| vm.int(i64::from(*n))).chain([cc]).collect()))
}

fn set_attr(vm: &Vm, a: Args<'_>) -> PyResult {
    let (fd, when) = (fileno(vm, a.get(0))?, vm.arg_i32(a.get(1))?);
    let attributes = a.get(2).downcast::<List>().map(List::to_vec).unwrap_or_default();
    let [iflag, oflag, cflag, lflag, ispeed, ospeed, cc] = &attributes[..] else {
        return Err(vm.type_error("tcsetattr, arg 3: must be 7 element list"));
    };
    // What the list does not tell stays as it is.
    let mut t = current(vm, fd)?;
    let flag = |v: &Value| vm.arg_i64(v).map(|n| n as libc::tcflag_t);
    (t.c_iflag, t.c_oflag) = (flag(iflag)?, flag(oflag)?);
    (t.c_cflag, t.c_lflag) = (flag(cflag)?, flag(lflag)?);
    let (ispeed, ospeed) = (flag(ispeed)?, flag(ospeed)?);
    let cc = cc.downcast::<List>().map(List::to_vec).filter(|l| l.len() == libc::NCCS);
    let Some(cc) = cc else {
        let n = libc::NCCS;
        return Err(vm.type_error(&format!("tcsetattr: attributes[6] must be {n} element list")));
    };
    for (slot, v) in t.c_cc.iter_mut().zip(&cc) {
        *slot = match v.downcast::<Bytes>().map(Bytes::as_bytes) {
            Some([c]) => *c,
            None if vm.is_int_like(v) => vm.arg_i64(v)? as libc::cc_t,
            _ => {
                let text = "tcsetattr: elements of attributes must be characters or integers";
                return Err(vm.type_error(text));
            }
        };
    }
    // SAFETY: the settings are a local.
    unsafe {
        check(libc::cfsetispeed(&mut t, ispeed)).map_err(|e| failed(vm, &e))?;
        check(libc::cfsetospeed(&mut t, ospeed)).map_err(|e| failed(vm, &e))?;
    }
    // SAFETY: as above.
    run(vm, || check(unsafe { libc::tcsetattr(fd, when, &t) }))
}

macro_rules! constants {
    ($($name:ident)*; $($other:ident = $n:expr),*) => {
        &[$( (stringify!($name), libc::$name as i64) ,)* $( (stringify!($other), $n) ),*]
    };
}

const CONSTANTS: &[(&str, i64)] = constants! {
    B0 B50 B75 B110 B134 B150 B200 B300 B600 B1200 B1800 B2400 B4800 B9600 B19200 B38400 B57600 B115200 B230400 B460800
    B500000 B576000 B921600 B1000000 B1152000 B1500000 B2000000 B2500000 B3000000 B3500000 B4000000
    TCSANOW TCSADRAIN TCSAFLUSH TCIFLUSH TCOFLUSH TCIOFLUSH TCOOFF TCOON TCIOFF TCION
    IGNBRK BRKINT IGNPAR PARMRK INPCK ISTRIP INLCR IGNCR ICRNL IUCLC IXON IXANY IXOFF IMAXBEL IUTF8
    OPOST OLCUC ONLCR OCRNL ONOCR ONLRET OFILL OFDEL NLDLY CRDLY TABDLY BSDLY VTDLY FFDLY
    NL0 NL1 CR0 CR1 CR2 CR3 TAB0 TAB1 TAB2 TAB3 BS0 BS1 VT0 VT1 FF0 FF1
    CSIZE CSTOPB CREAD PARENB PARODD HUPCL CLOCAL CIBAUD CRTSCTS CS5 CS6 CS7 CS8
    ISIG ICANON XCASE ECHO ECHOE ECHOK ECHONL ECHOCTL ECHOPRT ECHOKE FLUSHO NOFLSH TOSTOP PENDIN IEXTEN EXTPROC
    VINTR VQUIT VERASE VKILL VEOF VTIME VMIN VSTART VSTOP VSUSP VEOL VREPRINT VDISCARD VWERASE VLNEXT VEOL2
    CBAUD CBAUDEX NCCS
    FIOCLEX FIONBIO FIONCLEX FIONREAD TCFLSH TCGETS TCSBRK TCSBRKP TCSETS TCSETSF TCSETSW TCXONC TIOCCONS TIOCEXCL
    TIOCGPGRP TIOCGSOFTCAR TIOCGWINSZ TIOCINQ TIOCLINUX TIOCMBIC TIOCMBIS TIOCMGET TIOCMSET TIOCM_CAR TIOCM_CD TIOCM_CTS
    TIOCM_DSR TIOCM_DTR TIOCM_LE TIOCM_RI TIOCM_RNG TIOCM_RTS TIOCM_SR TIOCM_ST TIOCNOTTY TIOCNXCL TIOCOUTQ
    TIOCSCTTY TIOCSPGRP TIOCSSOFTCAR TIOCSTI TIOCSWINSZ;
    XTABS = 6144, VSWTC = 7, VSWTCH = 7, EXTA = 14, EXTB = 15, CDSUSP = 25, CEOF = 4, CEOL = 0, CEOT = 4, CERASE = 127,
    CFLUSH = 15, CINTR = 3, CKILL = 21, CLNEXT = 22, CQUIT = 28, CRPRNT = 18, CSTART = 17, CSTOP = 19, CSUSP = 26,
    CWERASE = 23, FIOASYNC = 21586, IBSHIFT = 16, IOCSIZE_MASK = 0x3fff_0000, IOCSIZE_SHIFT = 16, N_MOUSE = 2, N_PPP = 3,
    N_SLIP = 1, N_STRIP = 4, N_TTY = 0, TIOCGETD = 21540, TIOCGICOUNT = 21597, TIOCGLCKTRMIOS = 21590,
    TIOCGSERIAL = 21534, TIOCMIWAIT = 21596, TIOCPKT = 21536, TIOCPKT_DATA = 0, TIOCPKT_DOSTOP = 32,
    TIOCPKT_FLUSHREAD = 1, TIOCPKT_FLUSHWRITE = 2, TIOCPKT_NOSTOP = 16, TIOCPKT_START = 8, TIOCPKT_STOP = 4,
    TIOCSERCONFIG = 21587, TIOCSERGETLSR = 21593, TIOCSERGETMULTI = 21594, TIOCSERGSTRUCT = 21592,
    TIOCSERGWILD = 21588, TIOCSERSETMULTI = 21595, TIOCSERSWILD = 21589, TIOCSER_TEMT = 1, TIOCSETD = 21539,
    TIOCSLCKTRMIOS = 21591, TIOCSSERIAL = 21535, _POSIX_VDISABLE = 0
};
