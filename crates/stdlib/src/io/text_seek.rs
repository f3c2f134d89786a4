//! Positions of text streams: cookies that hold a byte position and a decoder's state.
//!
//! A cookie is `position | flags << 64 | bytes to feed << 128 | characters to skip << 192 | end << 256`, as in `_pyio`.

use super::file::offset_arg;
use super::text::{Text, this};
use super::unsupported;
use dashu_int::IBig;
use serpens_vm::types::int::as_big;
use serpens_vm::types::str::{Str, count_chars};
use serpens_vm::{Args, PyResult, Raised, Value, Vm};

#[derive(Default, Clone)]
struct Cookie {
    position: u64,
    flags: u64,
    feed: u64,
    skip: u64,
    end: bool,
}

impl Cookie {
    fn pack(&self, vm: &Vm) -> Value {
        if self.flags == 0 && self.feed == 0 && self.skip == 0 && !self.end {
            return vm.int_u64(self.position);
        }
        let big = |n: u64, shift: usize| IBig::from(n) << shift;
        let sum = big(self.position, 0) + big(self.flags, 64) + big(self.feed, 128) + big(self.skip, 192);
        vm.int_big(sum + big(u64::from(self.end), 256))
    }

    fn unpack(vm: &Vm, v: &Value) -> PyResult<Cookie> {
        let index = vm.to_index(v)?;
        let Some(big) = as_big(&index) else { return Err(vm.type_error("an integer is required")) };
        if *big < IBig::ZERO {
            return Err(vm.value_error(&format!("negative seek position {}", vm.repr_string(&index)?)));
        }
        let part = |shift: usize| -> u64 {
            let mask = (IBig::ONE << 64usize) - IBig::ONE;
            u64::try_from((&*big >> shift) & mask).unwrap_or(0)
        };
        Ok(Cookie { position: part(0), flags: part(64), feed: part(128), skip: part(192), end: part(256) != 0 })
    }
}

fn os_error(vm: &Vm, message: &str) -> Raised {
    vm.raise_text(vm.types().OSError, message)
}

fn length(text: &Value) -> usize {
    text.downcast::<Str>().map_or(0, Str::len)
}

/// `tell()`.
pub fn tell(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = this(a.get(0));
    t.check_open(vm)?;
    if !t.seekable.get() {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    if !t.telling.get() {
        return Err(os_error(vm, "telling position disabled by next() call"));
    }
    t.flush_pending(vm)?;
    vm.call_method(a.get(0), &vm.names().flush, &[])?;
    let buffer = t.buffer(vm)?;
    let at = vm.call_method_str(&buffer, "tell", &[])?;
    let (snapshot, decoded, used) = {
        let r = t.reading.borrow();
        (r.snapshot.clone(), r.text.clone(), r.at)
    };
    let Some((flags, input)) = snapshot else { return Ok(at) };
    if t.reading.borrow().decoder.is_none() {
        return Ok(at);
    }
    let position = offset_arg(vm, &at)? - input.len() as i64;
    let decoded = decoded.and_then(|d| d.downcast::<Str>().map(|s| s.as_bytes().to_vec())).unwrap_or_default();
    let mut cookie = Cookie { position: position.max(0) as u64, flags, ..Cookie::default() };
    if used == 0 {
        return Ok(cookie.pack(vm));
    }
    let native = t.settings.borrow().kind == super::codec::Kind::Utf8;
    if native && flags == 0 && input.get(..used) == decoded.get(..used) {
        cookie.position += used as u64;
        return Ok(cookie.pack(vm));
    }
    cookie.skip = count_chars(&decoded[..used]) as u64;
    let saved = t.with_decoder(vm, |d| d.state(vm))?;
    let r = t.with_decoder(vm, |d| {
        d.set_state(vm, &(Vec::new(), flags))?;
        let mut n_chars = 0;
        for byte in &input {
            cookie.feed += 1;
            n_chars += length(&d.decode(vm, &vm.bytes(&[*byte]), false)?) as u64;
            let (rest, flags) = d.state(vm)?;
            if rest.is_empty() && n_chars <= cookie.skip {
                cookie.position += cookie.feed;
                cookie.skip -= n_chars;
                cookie.flags = flags;
                cookie.feed = 0;
                n_chars = 0;
            }
            if n_chars >= cookie.skip {
                return Ok(());
            }
        }
        n_chars += length(&d.decode(vm, &vm.bytes(b""), true)?) as u64;
        cookie.end = true;
        if n_chars < cookie.skip {
            return Err(os_error(vm, "can't reconstruct logical file position"));
        }
        Ok(())
    });
    t.with_decoder(vm, |d| d.set_state(vm, &saved))?;
    r?;
    Ok(cookie.pack(vm))
}

/// `seek()`.
pub fn seek(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = this(a.get(0));
    t.check_open(vm)?;
    if !t.seekable.get() {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    let whence = a.opt(2).map_or(Ok(0), |w| vm.arg_i32(w))?;
    let zero = vm.eq(a.get(1), &Value::int_unchecked(0))?;
    let target = match whence {
        0 => a.get(1).clone(),
        1 if !zero => return Err(unsupported(vm, "can't do nonzero cur-relative seeks")),
        1 => vm.call_method_str(a.get(0), "tell", &[])?,
        2 if !zero => return Err(unsupported(vm, "can't do nonzero end-relative seeks")),
        2 => {
            vm.call_method(a.get(0), &vm.names().flush, &[])?;
            forget(vm, t)?;
            let end =
                vm.call_method_str(&t.buffer(vm)?, "seek", &[Value::int_unchecked(0), Value::int_unchecked(2)])?;
            let start = vm.eq(&end, &Value::int_unchecked(0))?;
            t.reset_encoder(vm, start)?;
            return Ok(end);
        }
        _ => return Err(vm.value_error(&format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    let cookie = Cookie::unpack(vm, &target)?;
    vm.call_method(a.get(0), &vm.names().flush, &[])?;
    let buffer = t.buffer(vm)?;
    vm.call_method_str(&buffer, "seek", &[vm.int_u64(cookie.position)])?;
    t.set_decoded(None);
    t.reading.borrow_mut().snapshot = None;
    let has_decoder = t.reading.borrow().decoder.is_some();
    if has_decoder {
        if cookie.position == 0 && cookie.flags == 0 && cookie.skip == 0 {
            t.with_decoder(vm, |d| d.reset(vm))?;
        } else {
            t.with_decoder(vm, |d| d.set_state(vm, &(Vec::new(), cookie.flags)))?;
            t.reading.borrow_mut().snapshot = Some((cookie.flags, Vec::new()));
        }
    }
    if cookie.skip > 0 {
        let input = vm.call_method(&buffer, &vm.names().read, &[vm.int_u64(cookie.feed)])?;
        let text = t.with_decoder(vm, |d| d.decode(vm, &input, cookie.end))?;
        let bytes = vm.bytes_arg(&input)?.to_vec();
        let skip = cookie.skip as usize;
        let Some(s) = text.downcast::<Str>().filter(|s| s.len() >= skip) else {
            return Err(os_error(vm, "can't restore logical file position"));
        };
        let at = s.offset(skip);
        let mut r = t.reading.borrow_mut();
        r.snapshot = Some((cookie.flags, bytes));
        r.text = Some(text.clone());
        r.at = at;
    }
    t.reset_encoder(vm, cookie.position == 0 && cookie.skip == 0 && cookie.flags == 0)?;
    Ok(target)
}

fn forget(vm: &Vm, t: &Text) -> PyResult<()> {
    t.set_decoded(None);
    t.reading.borrow_mut().snapshot = None;
    if t.reading.borrow().decoder.is_some() {
        t.with_decoder(vm, |d| d.reset(vm))?;
    }
    Ok(())
}
