//! What Python sees of code objects: the `co_*` attributes, lines and positions.
//!
//! `co_code` shows Serpens' own instructions; offsets count two bytes an instruction as CPython's do.

use super::{CodeObj, UNIT, mark_offset, offset_of};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::slots::{CmpOp, Slots};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, tflag};
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::{Code, CodeFlags, Location};
use std::sync::Arc;

/// The type `code`.
pub static TYPE: TypeDef = TypeDef::new::<CodeObj>("code")
    .gc()
    .flags(tflag::HAS_WEAKREF | tflag::NO_NEW)
    .slots(Slots { repr: Some(repr), hash: Some(hash), richcmp: Some(richcmp), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("co_positions", "($self, /)", co_positions),
        MethodDef::new("co_lines", "($self, /)", co_lines),
        MethodDef::raw("replace", "($self, /, **changes)", replace),
        MethodDef::raw("__replace__", "($self, /, **changes)", replace),
        MethodDef::new("_varname_from_oparg", "($self, /, oparg)", varname_from_oparg),
    ])
    .getset(&[
        GetSetDef::new("co_argcount", |_, v| Ok(Value::from_usize(this(v).n_args as usize))),
        GetSetDef::new("co_posonlyargcount", |_, v| Ok(Value::from_usize(this(v).n_posonly as usize))),
        GetSetDef::new("co_kwonlyargcount", |_, v| Ok(Value::from_usize(this(v).n_kwonly as usize))),
        GetSetDef::new("co_nlocals", |_, v| Ok(Value::from_usize(varnames(this(v)).len()))),
        GetSetDef::new("co_stacksize", |_, v| {
            Ok(Value::from_usize(this(v).n_regs.saturating_sub(this(v).n_locals) as usize))
        }),
        GetSetDef::new("co_flags", |_, v| Ok(Value::from_usize(visible_flags(this(v)) as usize))),
        GetSetDef::new("co_code", co_code),
        GetSetDef::new("_co_code_adaptive", co_code),
        GetSetDef::new("co_consts", |vm, v| {
            let code = payload(v);
            let n = code.constants().len() as u16;
            Ok(vm.tuple((0..n).map(|i| code.nested(vm, i).clone()).collect()))
        }),
        GetSetDef::new("co_names", |vm, v| Ok(vm.tuple_of(payload(v).names()))),
        GetSetDef::new("co_varnames", |vm, v| Ok(texts(vm, varnames(this(v)).into_iter()))),
        GetSetDef::new("co_freevars", |vm, v| Ok(texts(vm, this(v).freevars.iter().map(|n| &**n)))),
        GetSetDef::new("co_cellvars", |vm, v| Ok(texts(vm, this(v).cellvars.iter().map(|c| &*c.name)))),
        GetSetDef::new("co_filename", |vm, v| Ok(payload(v).filename_value(vm))),
        GetSetDef::new("co_name", |vm, v| Ok(vm.str(&this(v).name))),
        GetSetDef::new("co_qualname", |vm, v| Ok(vm.str(&this(v).qualname))),
        GetSetDef::new("co_firstlineno", |_, v| Ok(Value::from_usize(this(v).first_line as usize))),
        GetSetDef::new("co_linetable", |vm, _| Ok(vm.bytes(b""))),
        GetSetDef::new("co_lnotab", |vm, _| Ok(vm.bytes(b""))),
        GetSetDef::new("co_exceptiontable", |vm, _| Ok(vm.bytes(b""))),
    ]);

fn payload(v: &Value) -> &CodeObj {
    v.downcast::<CodeObj>().expect("the descriptor has checked the receiver")
}

fn this(v: &Value) -> &Code {
    payload(v).code()
}

fn texts<'a>(vm: &Vm, names: impl Iterator<Item = &'a str>) -> Value {
    vm.tuple(names.map(|n| vm.intern(n)).collect())
}

fn visible_flags(code: &Code) -> u32 {
    code.flags.difference(CodeFlags::NAMESPACE).bits()
}

/// Names of the locals in CPython's order: parameters (`*args` behind the keyword-only ones), then the others.
fn varnames(code: &Code) -> Vec<&str> {
    let n = code.n_params();
    let shown = |i: usize, name: &str| i < n || !(name.starts_with('.') || is_cell(code, i));
    let mut names: Vec<&str> =
        code.local_names.iter().enumerate().filter(|(i, name)| shown(*i, name)).map(|(_, n)| &**n).collect();
    // The variables of inlined comprehensions are locals that a local of the same name hides.
    for (i, name) in code.local_names.iter().enumerate().skip(n) {
        let Some(hidden) = name.strip_prefix('.').filter(|_| !is_internal(name) && !is_cell(code, i)) else { continue };
        if !names.contains(&hidden) {
            names.push(hidden);
        }
    }
    names
}

/// Whether the compiler made a local for itself.
fn is_internal(name: &str) -> bool {
    matches!(name, ".locals" | ".type_params" | ".generic_base" | ".format" | ".defaults" | ".kwdefaults")
        || name[1..].starts_with(|c: char| c.is_ascii_digit())
}

fn is_cell(code: &Code, reg: usize) -> bool {
    code.cellvars.iter().any(|c| c.reg as usize == reg)
}

impl CodeObj {
    /// `co_filename`.
    pub(crate) fn filename_value(&self, vm: &Vm) -> Value {
        if let Some(v) = self.filename.get() {
            return v;
        }
        let v = vm.str(&self.code().filename);
        self.filename.set(v.clone());
        v
    }
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let c = this(v);
    Ok(vm.str(&format!("<code object {} at {:#x}, file \"{}\", line {}>", c.name, v.bits(), c.filename, c.first_line)))
}

fn hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let c = this(v);
    Ok(vm.hash_bytes(c.name.as_bytes()) as i64 ^ ((c.instrs.len() as i64) << 20) ^ c.first_line as i64)
}

fn richcmp(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<CodeObj>(), b.downcast::<CodeObj>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let same = || Arc::ptr_eq(x.code(), y.code()) || x.code() == y.code();
    match op {
        CmpOp::Eq => Ok(Value::bool(same())),
        CmpOp::Ne => Ok(Value::bool(!same())),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn co_code(vm: &Vm, v: &Value) -> PyResult {
    // For those who take it apart as CPython's: RESUME, then nothing but NOP, whose operands nobody looks at.
    const RESUME: u8 = 128;
    const NOP: u8 = 27;
    let mut bytes = vec![RESUME, 0, NOP, 0, NOP, 0, NOP, 0];
    bytes.reserve(this(v).instrs.len() * UNIT);
    for i in &this(v).instrs {
        let rest = i.a ^ i.b.rotate_left(5) ^ i.c.rotate_left(10);
        for byte in [i.op as u8, i.x, rest as u8, (rest >> 8) as u8] {
            bytes.extend([NOP, byte]);
        }
    }
    Ok(vm.bytes(&bytes))
}

fn number_or_none(n: u32, known: bool) -> Value {
    if known { Value::from_usize(n as usize) } else { Value::NONE }
}

fn position(vm: &Vm, loc: Location) -> Value {
    let known = loc.line != 0;
    vm.tuple(vec![
        number_or_none(loc.line, known),
        number_or_none(loc.end_line, known),
        number_or_none(loc.col, known),
        number_or_none(loc.end_col, known),
    ])
}

fn co_positions(vm: &Vm, a: Args<'_>) -> PyResult {
    let code = a.this::<CodeObj>().code();
    let entry = Location { line: code.first_line, end_line: code.first_line, col: 0, end_col: 0 };
    let of = |i: u32| i.checked_sub(1).map_or(entry, |i| code.locations.get(i));
    let words = (0..=code.instrs.len() as u32).map(|i| position(vm, of(i)));
    // One for each two bytes.
    let all = words.flat_map(|word| std::iter::repeat_n(word, UNIT / 2)).collect();
    vm.iter(&vm.list(all))
}

fn co_lines(vm: &Vm, a: Args<'_>) -> PyResult {
    let code = a.this::<CodeObj>().code();
    let all = line_ranges(code);
    let rows = all.into_iter().map(|(start, end, line)| {
        vm.tuple(vec![Value::from_usize(start), Value::from_usize(end), number_or_none(line, line != 0)])
    });
    let rows = rows.collect();
    vm.iter(&vm.list(rows))
}

/// Ranges of offsets in `co_code` with their lines. A line without an instruction takes the last bytes before the
/// instruction that follows it.
fn line_ranges(code: &Code) -> Vec<(usize, usize, u32)> {
    let mut begins = vec![(0, code.first_line)];
    for i in 0..code.instrs.len() {
        let marks: Vec<Location> = code.locations.marks(i as u32).collect();
        for (n, mark) in marks.iter().enumerate() {
            begins.push((mark_offset(i, marks.len(), n), mark.line));
        }
        begins.push((offset_of(i), code.locations.line_near(i as u32)));
    }
    let end = offset_of(code.instrs.len());
    let mut all: Vec<(usize, usize, u32)> = Vec::new();
    for (n, (start, line)) in begins.iter().enumerate() {
        let stop = begins.get(n + 1).map_or(end, |(next, _)| *next);
        match all.last_mut() {
            Some((_, until, last)) if *last == *line => *until = stop,
            _ if stop > *start => all.push((*start, stop, *line)),
            _ => {}
        }
    }
    all
}

fn varname_from_oparg(vm: &Vm, a: Args<'_>) -> PyResult {
    let code = a.this::<CodeObj>().code();
    let i = a.get(1).as_small_int().unwrap_or(-1);
    match usize::try_from(i).ok().and_then(|i| code.local_names.get(i)) {
        Some(n) => Ok(vm.intern(n)),
        None => Err(vm.index_error("tuple index out of range")),
    }
}

/// `replace()`: names, first line, file name and flags; other changes are not possible.
fn replace(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let this = args.all().first().and_then(|v| v.downcast::<CodeObj>());
    let Some(this) = this else { return Err(vm.type_error("descriptor 'replace' needs a 'code' object")) };
    let mut code = (**this.code()).clone();
    for (name, value) in args.named() {
        let name = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        let text = || value.downcast::<Str>().map(|s| Arc::from(s.to_string()));
        let number = || value.as_small_int().and_then(|i| u32::try_from(i).ok());
        let done = match name.as_str() {
            "co_name" => text().map(|t| code.name = t),
            "co_qualname" => text().map(|t| code.qualname = t),
            "co_filename" => text().map(|t| code.filename = t),
            "co_firstlineno" => number().map(|n| code.first_line = n),
            "co_flags" => number().map(|n| {
                let hidden = code.flags & CodeFlags::NAMESPACE;
                code.flags = CodeFlags::from_bits_retain(n) | hidden;
            }),
            "co_consts" => value.downcast::<Tuple>().and_then(|t| {
                let same = t.as_slice().iter().zip(this.constants()).all(|(a, b)| a.is(b));
                (same && t.len() == this.constants().len()).then_some(())
            }),
            _ => {
                let message = format!("code.replace() of '{name}' is not supported");
                return Err(vm.not_implemented_error(&message));
            }
        };
        if done.is_none() {
            return Err(vm.type_error(&format!("code.replace(): '{name}' has a value that cannot be used")));
        }
    }
    Ok(vm.new_code(Arc::new(code)))
}
