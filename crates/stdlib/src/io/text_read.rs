//! Reading of text streams.

use super::codec::Decoder;
use super::newline::Newlines;
use super::text::{TEXT_IO_WRAPPER, Text, this};
use super::{size_arg, unsupported};
use serpens_vm::types::str::{Str, char_offset, count_chars};
use serpens_vm::{Args, PyResult, Value, Vm};

impl Text {
    /// Makes the decoder before the first read.
    fn ensure_decoder(&self, vm: &Vm) -> PyResult<()> {
        if self.reading.borrow().decoder.is_some() {
            return Ok(());
        }
        let buffer = self.buffer(vm)?;
        if !vm.truthy(&vm.call_method_str(&buffer, "readable", &[])?)? {
            return Err(unsupported(vm, "not readable"));
        }
        let s = self.settings.borrow().clone();
        let lines = match s.newline.as_deref() {
            None => Some(Newlines { translate: true, ..Newlines::default() }),
            Some("") => Some(Newlines::default()),
            _ => None,
        };
        let decoder = Decoder::new(vm, s.kind, &s.encoding, &s.errors, lines)?;
        self.reading.borrow_mut().decoder = Some(decoder);
        Ok(())
    }

    /// Runs `f` with the decoder, which is out of its cell meanwhile.
    pub fn with_decoder<R>(&self, vm: &Vm, f: impl FnOnce(&mut Decoder) -> PyResult<R>) -> PyResult<R> {
        let Some(mut d) = self.reading.borrow_mut().decoder.take() else {
            return Err(vm.runtime_error("reentrant call of a text stream"));
        };
        let r = f(&mut d);
        self.reading.borrow_mut().decoder = Some(d);
        r
    }

    /// Reads and decodes a chunk, which replaces the decoded text; false at the end.
    fn read_chunk(&self, vm: &Vm, hint: usize) -> PyResult<bool> {
        let state = match self.telling.get() {
            true => Some(self.with_decoder(vm, |d| d.state(vm))?),
            false => None,
        };
        let input = self.read_bytes(vm, hint)?;
        let n = vm.bytes_arg(&input)?.len();
        let text = self.with_decoder(vm, |d| d.decode(vm, &input, n == 0))?;
        let snapshot = match state {
            Some((mut buffer, flags)) => {
                buffer.extend_from_slice(&vm.bytes_arg(&input)?);
                Some((flags, buffer))
            }
            None => None,
        };
        self.set_decoded(Some(text));
        if snapshot.is_some() {
            self.reading.borrow_mut().snapshot = snapshot;
        }
        Ok(n > 0)
    }

    /// Replaces the decoded text.
    pub fn set_decoded(&self, text: Option<Value>) {
        let mut r = self.reading.borrow_mut();
        let old = std::mem::replace(&mut r.text, text);
        r.at = 0;
        drop(r);
        drop(old);
    }

    /// The decoded text that is left, at most `n` characters.
    fn take(&self, vm: &Vm, n: Option<usize>) -> Value {
        let mut r = self.reading.borrow_mut();
        let Some(text) = r.text.clone() else { return vm.str("") };
        let Some(s) = text.downcast::<Str>() else { return vm.str("") };
        let rest = &s.as_bytes()[r.at..];
        let len = match n {
            None => rest.len(),
            Some(n) if s.is_ascii() => n.min(rest.len()),
            Some(n) if n >= rest.len() => rest.len(),
            Some(n) if n >= count_chars(rest) => rest.len(),
            Some(n) => char_offset(rest, n),
        };
        if r.at == 0 && len == rest.len() {
            r.at = len;
            return text.clone();
        }
        r.at += len;
        vm.str_wtf8(&rest[..len])
    }

    fn read_all(&self, vm: &Vm) -> PyResult {
        let buffer = self.buffer(vm)?;
        let input = vm.call_method(&buffer, &vm.names().read, &[])?;
        if input.is_none() {
            return Err(super::file::blocking_error(vm, "Read returned None.", 0));
        }
        let text = self.with_decoder(vm, |d| d.decode(vm, &input, true))?;
        let before = self.take(vm, None);
        self.set_decoded(None);
        self.reading.borrow_mut().snapshot = None;
        match (before.downcast::<Str>(), text.downcast::<Str>()) {
            (Some(a), _) if a.is_empty() => Ok(text),
            (Some(a), Some(b)) => vm.concat(a, b),
            _ => Ok(text),
        }
    }

    fn read(&self, vm: &Vm, n: Option<usize>) -> PyResult {
        self.check_open(vm)?;
        self.ensure_decoder(vm)?;
        self.flush_pending(vm)?;
        let Some(n) = n else { return self.read_all(vm) };
        let first = self.take(vm, Some(n));
        let mut have = vm.len(&first)?;
        if have >= n {
            return Ok(first);
        }
        let mut parts = vec![first];
        while have < n {
            if !self.read_chunk(vm, n - have)? {
                let rest = self.take(vm, Some(n - have));
                parts.push(rest);
                break;
            }
            let part = self.take(vm, Some(n - have));
            have += vm.len(&part)?;
            parts.push(part);
        }
        let bytes: Vec<&[u8]> = parts.iter().filter_map(|p| p.downcast::<Str>()).map(Str::as_bytes).collect();
        vm.join_bytes(&bytes)
    }

    /// Reads a line.
    pub fn readline(&self, vm: &Vm, limit: Option<usize>) -> PyResult {
        self.check_open(vm)?;
        self.ensure_decoder(vm)?;
        self.flush_pending(vm)?;
        let newline = self.settings.borrow().newline.clone();
        let newline = newline.as_deref();
        // The usual case: the line lies whole in what was decoded.
        if limit.is_none() {
            let mut r = self.reading.borrow_mut();
            if let Some(text) = r.text.clone()
                && let Some(s) = text.downcast::<Str>()
                && let Some(end) = line_end(&s.as_bytes()[r.at..], newline, 0)
            {
                let line = vm.str_wtf8(&s.as_bytes()[r.at..r.at + end]);
                r.at += end;
                return Ok(line);
            }
        }
        let mut line: Vec<u8> = Vec::new();
        let mut n_before = 0;
        {
            let r = self.reading.borrow();
            if let Some(s) = r.text.as_ref().and_then(|t| t.downcast::<Str>()) {
                line.extend_from_slice(&s.as_bytes()[r.at..]);
            }
        }
        let mut start_at = self.reading.borrow().at;
        let mut from = 0;
        loop {
            let mut end = line_end(&line, newline, from);
            if let Some(n) = limit
                && count_chars(&line) >= n
            {
                let cut = if count_chars(&line) == n { line.len() } else { char_offset(&line, n) };
                end = Some(end.map_or(cut, |e| e.min(cut)));
            }
            if let Some(end) = end {
                self.reading.borrow_mut().at = start_at + end - n_before;
                line.truncate(end);
                return Ok(vm.str_wtf8(&line));
            }
            from = line.len().saturating_sub(1);
            n_before = line.len();
            start_at = 0;
            let mut more = true;
            let mut got = false;
            while more && !got {
                more = self.read_chunk(vm, 0)?;
                let r = self.reading.borrow();
                got = r.text.as_ref().and_then(|t| t.downcast::<Str>()).is_some_and(|s| !s.is_empty());
            }
            let added = {
                let r = self.reading.borrow();
                r.text.as_ref().and_then(|t| t.downcast::<Str>()).map(|s| s.as_bytes().to_vec()).unwrap_or_default()
            };
            line.extend_from_slice(&added);
            if !got {
                self.set_decoded(None);
                self.reading.borrow_mut().snapshot = None;
                return Ok(vm.str_wtf8(&line));
            }
        }
    }
}

/// The end of the first line of a text, its newline included. No newline begins before `from`.
fn line_end(text: &[u8], newline: Option<&str>, from: usize) -> Option<usize> {
    let rest = &text[from.min(text.len())..];
    let at = match newline {
        Some("") => {
            let i = rest.iter().position(|b| *b == b'\n' || *b == b'\r')?;
            if rest[i] == b'\r' && rest.get(i + 1) == Some(&b'\n') { i + 2 } else { i + 1 }
        }
        Some("\r") => rest.iter().position(|b| *b == b'\r')? + 1,
        Some("\r\n") => rest.windows(2).position(|w| w == b"\r\n")? + 2,
        _ => rest.iter().position(|b| *b == b'\n')? + 1,
    };
    Some(from.min(text.len()) + at)
}

/// `read()`.
pub fn read(vm: &Vm, a: Args<'_>) -> PyResult {
    let n = size_arg(vm, a.opt(1))?;
    this(a.get(0)).read(vm, n)
}

/// `readline()`.
pub fn readline_method(vm: &Vm, a: Args<'_>) -> PyResult {
    let n = match a.opt(1) {
        Some(n) => usize::try_from(vm.arg_isize(n)?).ok(),
        None => None,
    };
    this(a.get(0)).readline(vm, n)
}

/// `__next__()`.
pub fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let t = this(v);
    t.buffer(vm)?;
    t.telling.set(false);
    let line = if vm.type_of(v).is(vm.type_of_def(&TEXT_IO_WRAPPER)) {
        t.readline(vm, None)?
    } else {
        let line = vm.call_method(v, &vm.intern("readline"), &[])?;
        if !line.is_a::<Str>() {
            let text = format!("readline() should have returned a str object, not '{}'", vm.type_of(&line).name());
            return Err(vm.raise_text(vm.types().OSError, &text));
        }
        line
    };
    if vm.len(&line)? == 0 {
        t.reading.borrow_mut().snapshot = None;
        t.telling.set(t.seekable.get());
        return Ok(None);
    }
    Ok(Some(line))
}
