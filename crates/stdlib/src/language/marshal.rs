//! `marshal`: values as bytes and back, in CPython's format (version 5).
//!
//! Code objects are written in this machine's serialised form behind the format's type code for code, so that they can be
//! read back by the same version only, as is CPython's rule too.
//!
//! Invariant: reading checks every length against what is left, and nesting against a limit; no input panics.

use dashu_int::{IBig, Sign, UBig};
use serpens_state::NativeModule;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::complex::Complex;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::list::List;
use serpens_vm::types::slice::Slice;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Raised, Value, Vm, types};

const VERSION: i64 = 5;
const MAX_DEPTH: usize = 1000;
const FLAG_REF: u8 = 0x80;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("marshal")
    .doc("This module contains functions that can read and write Python values in\na binary format.")
    .functions(&[
        MethodDef::new("dumps", "(value, version=version, /, *, allow_code=True)", |vm, a| {
            let bytes = dump(vm, a.get(0), a.opt(1), a.opt(2))?;
            Ok(vm.bytes(&bytes))
        })
        .doc("Return the bytes object that would be written to a file by dump(value, file)."),
        MethodDef::new("dump", "(value, file, version=version, /, *, allow_code=True)", |vm, a| {
            let bytes = dump(vm, a.get(0), a.opt(2), a.opt(3))?;
            vm.call_method(a.get(1), &vm.names().write, &[vm.bytes(&bytes)])
        })
        .doc("Write the value on the open file."),
        MethodDef::new("loads", "(bytes, /, *, allow_code=True)", loads)
            .doc("Convert the bytes-like object to a value."),
        MethodDef::new("load", "(file, /, *, allow_code=True)", load_file)
            .doc("Read one value from the open file and return it."),
    ])
    .init(|vm, dict| {
        dict.set_name(vm, "version", vm.int(VERSION));
        Ok(())
    });

fn dump(vm: &Vm, v: &Value, version: Option<&Value>, allow_code: Option<&Value>) -> PyResult<Vec<u8>> {
    let version = version.map(|n| vm.index_i64(n)).transpose()?.unwrap_or(VERSION);
    let allow_code = allow_code.map(|b| vm.truthy(b)).transpose()?.unwrap_or(true);
    let mut w = Writer { vm, out: Vec::new(), version, allow_code };
    w.value(v, 0)?;
    Ok(w.out)
}

struct Writer<'a> {
    vm: &'a Vm,
    out: Vec<u8>,
    version: i64,
    allow_code: bool,
}

impl Writer<'_> {
    fn length(&mut self, n: usize) {
        self.out.extend_from_slice(&(n as u32).to_le_bytes());
    }

    fn sized(&mut self, code: u8, bytes: &[u8]) {
        self.out.push(code);
        self.length(bytes.len());
        self.out.extend_from_slice(bytes);
    }

    fn items(&mut self, code: u8, items: &[Value], depth: usize) -> PyResult<()> {
        self.out.push(code);
        self.length(items.len());
        items.iter().try_for_each(|v| self.value(v, depth + 1))
    }

    fn value(&mut self, v: &Value, depth: usize) -> PyResult<()> {
        let vm = self.vm;
        let t = vm.types();
        if depth > MAX_DEPTH {
            return Err(vm.value_error("object too deeply nested to marshal"));
        }
        let singleton = match v.as_bool() {
            Some(true) => Some(b'T'),
            Some(false) => Some(b'F'),
            None if v.is_none() => Some(b'N'),
            None if v.is_ellipsis() => Some(b'.'),
            None if v.is(&t.StopIteration.value()) => Some(b'S'),
            None => None,
        };
        if let Some(code) = singleton {
            self.out.push(code);
            return Ok(());
        }
        if let Some(d) = v.as_float() {
            self.out.push(b'g');
            self.out.extend_from_slice(&d.to_le_bytes());
            return Ok(());
        }
        if vm.is_exact(v, t.int) {
            return self.int(v);
        }
        if vm.is_exact_str(v)
            && let Some(s) = v.downcast::<Str>()
        {
            match (s.is_ascii(), s.as_bytes()) {
                (true, b) if b.len() < 256 => {
                    self.out.push(if s.is_interned() { b'Z' } else { b'z' });
                    self.out.push(b.len() as u8);
                    self.out.extend_from_slice(b);
                }
                (true, b) => self.sized(b'a', b),
                (false, b) => self.sized(b'u', b),
            }
            return Ok(());
        }
        if let Some(tuple) = v.downcast::<Tuple>().filter(|_| vm.is_exact(v, t.tuple)) {
            let items = tuple.as_slice().to_vec();
            if items.len() < 256 {
                self.out.extend_from_slice(&[b')', items.len() as u8]);
                return items.iter().try_for_each(|v| self.value(v, depth + 1));
            }
            return self.items(b'(', &items, depth);
        }
        if let Some(list) = v.downcast::<List>().filter(|_| vm.is_exact(v, t.list)) {
            return self.items(b'[', &list.to_vec(), depth);
        }
        if let Some(dict) = v.downcast::<Dict>().filter(|_| vm.is_exact(v, t.dict)) {
            self.out.push(b'{');
            for (key, value) in dict.items() {
                self.value(&key, depth + 1)?;
                self.value(&value, depth + 1)?;
            }
            self.out.push(b'0');
            return Ok(());
        }
        if vm.is_exact(v, t.set) || vm.is_exact(v, t.frozenset) {
            let code = if vm.is_exact(v, t.set) { b'<' } else { b'>' };
            return self.items(code, &vm.collect(v)?, depth);
        }
        if let Some(c) = v.downcast::<Complex>().filter(|_| vm.is_exact(v, t.complex)) {
            self.out.push(b'y');
            self.out.extend_from_slice(&c.re.to_le_bytes());
            self.out.extend_from_slice(&c.im.to_le_bytes());
            return Ok(());
        }
        if let Some(s) = v.downcast::<Slice>() {
            if self.version < 5 {
                return Err(vm.value_error("unmarshallable object"));
            }
            self.out.push(b':');
            return [&s.start, &s.stop, &s.step].into_iter().try_for_each(|v| self.value(v, depth + 1));
        }
        if v.is_a::<types::code::CodeObj>() {
            return self.code(v);
        }
        if vm.has_buffer(v) {
            let bytes = vm.bytes_arg(v)?.to_vec();
            self.sized(b's', &bytes);
            return Ok(());
        }
        Err(vm.value_error("unmarshallable object"))
    }

    fn code(&mut self, v: &Value) -> PyResult<()> {
        if !self.allow_code {
            return Err(self.vm.value_error("marshalling code objects is disallowed"));
        }
        let Some(code) = v.downcast::<types::code::CodeObj>() else { return Ok(()) };
        let bytes = serpens_bytecode::serial::to_bytes(code.code());
        self.sized(b'c', &bytes);
        Ok(())
    }

    /// A 32-bit integer, or digits of 15 bits.
    fn int(&mut self, v: &Value) -> PyResult<()> {
        if let Some(i) = v.as_small_int().and_then(|i| i32::try_from(i).ok()) {
            self.out.push(b'i');
            self.out.extend_from_slice(&i.to_le_bytes());
            return Ok(());
        }
        let Some(big) = types::int::as_big(v) else { return Ok(()) };
        let (sign, magnitude) = big.into_owned().into_parts();
        let bytes = magnitude.to_le_bytes();
        let (mut digits, mut acc, mut bits) = (Vec::new(), 0u32, 0);
        for b in bytes.iter() {
            acc |= (*b as u32) << bits;
            bits += 8;
            if bits >= 15 {
                digits.push((acc & 0x7fff) as u16);
                acc >>= 15;
                bits -= 15;
            }
        }
        if acc != 0 {
            digits.push(acc as u16);
        }
        let n = digits.len() as i32;
        self.out.push(b'l');
        self.out.extend_from_slice(&(if sign == Sign::Negative { -n } else { n }).to_le_bytes());
        digits.iter().for_each(|d| self.out.extend_from_slice(&d.to_le_bytes()));
        Ok(())
    }
}

struct Reader<'a> {
    vm: &'a Vm,
    bytes: &'a [u8],
    at: usize,
    refs: Vec<Value>,
    allow_code: bool,
}

fn loads(vm: &Vm, a: Args<'_>) -> PyResult {
    let bytes = vm.bytes_arg(a.get(0))?.to_vec();
    Ok(read(vm, &bytes, a.opt(1))?.0)
}

fn load_file(vm: &Vm, a: Args<'_>) -> PyResult {
    // The rest of the file is read at once; what lies behind the value is given back where the file can seek.
    let rest = vm.call_method(a.get(0), &vm.names().read, &[])?;
    let Some(bytes) = rest.downcast::<Bytes>() else {
        let given = vm.type_of(&rest).name();
        return Err(vm.type_error(&format!("file.read() returned not bytes but {given}")));
    };
    let (value, used) = read(vm, bytes.as_bytes(), a.opt(1))?;
    let left = bytes.as_bytes().len() - used;
    if left > 0 {
        vm.call_method_str(a.get(0), "seek", &[vm.int(-(left as i64)), vm.int(1)])?;
    }
    Ok(value)
}

fn read(vm: &Vm, bytes: &[u8], allow_code: Option<&Value>) -> PyResult<(Value, usize)> {
    let allow_code = allow_code.map(|b| vm.truthy(b)).transpose()?.unwrap_or(true);
    let mut r = Reader { vm, bytes, at: 0, refs: Vec::new(), allow_code };
    match r.value(0)? {
        Some(v) => Ok((v, r.at)),
        None => Err(vm.type_error("NULL object in marshal data for object")),
    }
}

impl Reader<'_> {
    #[cold]
    fn short(&self) -> Raised {
        self.vm.raise_text(self.vm.types().EOFError, "marshal data too short")
    }

    #[cold]
    fn bad(&self, what: &str) -> Raised {
        self.vm.value_error(&format!("bad marshal data ({what})"))
    }

    fn take(&mut self, n: usize) -> PyResult<&[u8]> {
        let end = self.at.checked_add(n).filter(|e| *e <= self.bytes.len());
        let Some(end) = end else { return Err(self.short()) };
        let part = &self.bytes[self.at..end];
        self.at = end;
        Ok(part)
    }

    fn byte(&mut self) -> PyResult<u8> {
        Ok(self.take(1)?[0])
    }

    fn i32(&mut self) -> PyResult<i32> {
        let b = self.take(4)?;
        Ok(i32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn f64(&mut self) -> PyResult<f64> {
        let b = self.take(8)?;
        Ok(f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
    }

    /// A length of things that take at least a byte each.
    fn count(&mut self, what: &str) -> PyResult<usize> {
        match usize::try_from(self.i32()?) {
            Ok(n) if n <= self.bytes.len() - self.at => Ok(n),
            Ok(_) => Err(self.short()),
            Err(_) => Err(self.bad(&format!("{what} size out of range"))),
        }
    }

    fn some(&mut self, depth: usize) -> PyResult {
        match self.value(depth)? {
            Some(v) => Ok(v),
            None => Err(self.vm.type_error("NULL object in marshal data for tuple")),
        }
    }

    fn many(&mut self, n: usize, depth: usize) -> PyResult<Vec<Value>> {
        (0..n).map(|_| self.some(depth + 1)).collect()
    }

    fn text(&mut self, n: usize, intern: bool) -> PyResult {
        let vm = self.vm;
        let bytes = self.take(n)?.to_vec();
        let v = match std::str::from_utf8(&bytes) {
            Ok(text) if intern => vm.intern(text),
            Ok(text) => vm.str(text),
            Err(_) => vm.call_method_str(&vm.bytes(&bytes), "decode", &[vm.str("utf-8"), vm.str("surrogatepass")])?,
        };
        Ok(v)
    }

    /// A value; `None` is the mark that ends a dict.
    fn value(&mut self, depth: usize) -> PyResult<Option<Value>> {
        let vm = self.vm;
        if depth > MAX_DEPTH {
            return Err(self.bad("object too deeply nested"));
        }
        if self.at >= self.bytes.len() {
            return Err(vm.raise_text(vm.types().EOFError, "EOF read where object expected"));
        }
        let code = self.byte()?;
        let (code, keep) = (code & !FLAG_REF, code & FLAG_REF != 0);
        // The place of a value in the list of references is before those inside of it.
        let slot = keep.then(|| {
            self.refs.push(Value::NOT_IMPLEMENTED);
            self.refs.len() - 1
        });
        let value = match code {
            b'0' => return Ok(None),
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => vm.types().StopIteration.value(),
            b'i' => vm.int(self.i32()? as i64),
            b'I' => {
                let b = self.take(8)?;
                vm.int(i64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
            }
            b'l' => self.long()?,
            b'g' => Value::float(self.f64()?),
            b'f' => {
                let n = self.byte()? as usize;
                let text = String::from_utf8_lossy(self.take(n)?).into_owned();
                match text.parse() {
                    Ok(d) => Value::float(d),
                    Err(_) => return Err(self.bad("float")),
                }
            }
            b'y' => {
                let re = self.f64()?;
                vm.complex(re, self.f64()?)
            }
            b's' => {
                let n = self.count("bytes object")?;
                vm.bytes(self.take(n)?)
            }
            b'u' | b't' | b'a' | b'A' => {
                let n = self.count("string")?;
                self.text(n, matches!(code, b't' | b'A'))?
            }
            b'z' | b'Z' => {
                let n = self.byte()? as usize;
                self.text(n, code == b'Z')?
            }
            b')' => {
                let n = self.byte()? as usize;
                vm.tuple(self.many(n, depth)?)
            }
            b'(' => {
                let n = self.count("tuple")?;
                vm.tuple(self.many(n, depth)?)
            }
            b'[' => {
                let n = self.count("list")?;
                let list = vm.list(Vec::new());
                if let Some(slot) = slot {
                    self.refs[slot] = list.clone();
                }
                for _ in 0..n {
                    let item = self.some(depth + 1)?;
                    if let Some(l) = list.downcast::<List>() {
                        l.push(item);
                    }
                }
                list
            }
            b'{' => {
                let dict = vm.new_dict();
                if let Some(slot) = slot {
                    self.refs[slot] = dict.clone();
                }
                while let Some(key) = self.value(depth + 1)? {
                    let value = self.some(depth + 1)?;
                    if let Some(d) = dict.downcast::<Dict>() {
                        d.set(vm, key, value)?;
                    }
                }
                dict
            }
            b'<' | b'>' => {
                let n = self.count("set")?;
                let items = self.many(n, depth)?;
                if code == b'>' { vm.frozenset(items)? } else { vm.call_one(&vm.types().set.value(), &vm.list(items))? }
            }
            b':' => {
                let (start, stop, step) = (self.some(depth + 1)?, self.some(depth + 1)?, self.some(depth + 1)?);
                vm.slice(start, stop, step)
            }
            b'r' => {
                let n = self.i32()?;
                let found = usize::try_from(n).ok().and_then(|n| self.refs.get(n).cloned());
                match found.filter(|v| !v.is_not_implemented()) {
                    Some(v) => return Ok(Some(v)),
                    None => return Err(self.bad("invalid reference")),
                }
            }
            b'c' => self.code()?,
            _ => return Err(self.bad("unknown type code")),
        };
        if let Some(slot) = slot {
            self.refs[slot] = value.clone();
        }
        Ok(Some(value))
    }

    fn code(&mut self) -> PyResult {
        if !self.allow_code {
            return Err(self.vm.value_error("unmarshalling code objects is disallowed"));
        }
        let n = self.count("code")?;
        match serpens_bytecode::serial::from_bytes(self.take(n)?) {
            Ok(code) => Ok(self.vm.new_code(code)),
            Err(_) => Err(self.bad("code object of another version")),
        }
    }

    fn long(&mut self) -> PyResult {
        let n = self.i32()?;
        let size = n.unsigned_abs() as usize;
        if size > (self.bytes.len() - self.at) / 2 {
            return Err(self.short());
        }
        let (mut bytes, mut acc, mut bits) = (Vec::with_capacity(size * 2), 0u32, 0);
        for i in 0..size {
            let b = self.take(2)?;
            let digit = u16::from_le_bytes([b[0], b[1]]);
            if digit > 0x7fff {
                return Err(self.bad("digit out of range in long"));
            }
            if digit == 0 && i == size - 1 {
                return Err(self.bad("unnormalized long data"));
            }
            acc |= (digit as u32) << bits;
            bits += 15;
            while bits >= 8 {
                bytes.push(acc as u8);
                acc >>= 8;
                bits -= 8;
            }
        }
        bytes.push(acc as u8);
        let sign = if n < 0 { Sign::Negative } else { Sign::Positive };
        Ok(self.vm.int_big(IBig::from_parts(sign, UBig::from_le_bytes(&bytes))))
    }
}
