//! `re.Pattern`: a compiled pattern and its methods.

use super::found::{self, Match};
use super::payload;
use super::scan;
use super::subject::{Mode, Subject};
use super::subst;
use rustpython_sre_engine::State;
use serpens_vm::native::GetSetDef;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::slots::{CmpOp, Slots};
use serpens_vm::types::str::Str;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, MethodDef, PyResult, TypeDef, Value, Vm};
use std::sync::Arc;

/// A compiled pattern.
pub struct Pattern {
    pattern: Value,
    flags: i32,
    code: Arc<[u32]>,
    /// Number of groups.
    pub groups: usize,
    /// Dict of names to numbers.
    pub groupindex: Value,
    /// Tuple of names by number.
    pub indexgroup: Value,
    /// Whether it is of bytes; `None` without a source.
    pub is_bytes: Option<bool>,
}

payload!(Pattern { pattern, groupindex, indexgroup });

/// The type `re.Pattern`.
pub static PATTERN: TypeDef = TypeDef::new::<Pattern>("Pattern")
    .copied_then(|copier, h| copier.renew(h, |p: &Pattern| &p.code, Arc::clone))
    .freezable()
    .module("re")
    .doc("Compiled regular expression object.")
    .gc()
    .flags(tflag::NO_NEW | tflag::HAS_WEAKREF)
    .slots(Slots { repr: Some(repr), hash: Some(hash), richcmp: Some(richcmp), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("match", "($self, /, string, pos=0, endpos=sys.maxsize)", |vm, a| once(vm, a, Mode::Match))
            .doc("Matches zero or more characters at the beginning of the string."),
        MethodDef::new("fullmatch", "($self, /, string, pos=0, endpos=sys.maxsize)", |vm, a| once(vm, a, Mode::Full))
            .doc("Matches against all of the string."),
        MethodDef::new("search", "($self, /, string, pos=0, endpos=sys.maxsize)", |vm, a| once(vm, a, Mode::Search)).doc(
            "Scan through string looking for a match, and return a corresponding match object instance.\n\nReturn None if no position in the string matches.",
        ),
        MethodDef::new("sub", "($self, /, repl, string, count=0)", |vm, a| subst::sub(vm, a, false)).doc(
            "Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by the replacement repl.",
        ),
        MethodDef::new("subn", "($self, /, repl, string, count=0)", |vm, a| subst::sub(vm, a, true)).doc(
            "Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences of pattern with the replacement repl.",
        ),
        MethodDef::new("findall", "($self, /, string, pos=0, endpos=sys.maxsize)", findall)
            .doc("Return a list of all non-overlapping matches of pattern in string."),
        MethodDef::new("split", "($self, /, string, maxsplit=0)", split)
            .doc("Split string by the occurrences of pattern."),
        MethodDef::new("finditer", "($self, /, string, pos=0, endpos=sys.maxsize)", |vm, a| scan::make(vm, a, true)).doc(
            "Return an iterator over all non-overlapping matches for the RE pattern in string.\n\nFor each match, the iterator returns a match object.",
        ),
        MethodDef::new("scanner", "($self, /, string, pos=0, endpos=sys.maxsize)", |vm, a| scan::make(vm, a, false)),
        MethodDef::new("__copy__", "($self, /)", |_, a| Ok(a.get(0).clone())),
        MethodDef::new("__deepcopy__", "($self, memo, /)", |_, a| Ok(a.get(0).clone())),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
    ])
    .getset(&[
        GetSetDef::new("pattern", |_, v| Ok(Pattern::this(v).pattern.clone()))
            .doc("The pattern string from which the RE object was compiled."),
        GetSetDef::new("flags", |_, v| Ok(Value::int_unchecked(Pattern::this(v).flags as i64)))
            .doc("The regex matching flags."),
        GetSetDef::new("groups", |_, v| Ok(Value::from_usize(Pattern::this(v).groups)))
            .doc("The number of capturing groups in the pattern."),
        GetSetDef::new("groupindex", |vm, v| vm.mapping_proxy(&Pattern::this(v).groupindex))
            .doc("A dictionary mapping group names to group numbers."),
    ]);

impl Pattern {
    /// A pattern object.
    pub fn make(
        vm: &Vm,
        pattern: &Value,
        flags: i32,
        code: Arc<[u32]>,
        groups: usize,
        groupindex: Value,
        indexgroup: Value,
    ) -> Value {
        let is_bytes = if pattern.is_none() { None } else { Some(!pattern.is_a::<Str>()) };
        let payload = Pattern { pattern: pattern.clone(), flags, code, groups, groupindex, indexgroup, is_bytes };
        vm.alloc_native(&PATTERN, payload)
    }

    /// The payload of the receiver of a method.
    pub fn this(v: &Value) -> &Pattern {
        v.downcast::<Pattern>().expect("methods are called with instances of their type")
    }

    /// The flags.
    pub fn flags(&self) -> i32 {
        self.flags
    }

    /// The codes, which other interpreters may share.
    pub fn shared_code(&self) -> Arc<[u32]> {
        self.code.clone()
    }

    /// The codes for the engine.
    pub fn code(&self) -> &[u32] {
        &self.code
    }
}

/// The arguments `pos` and `endpos` (2 and 3) within a subject.
pub fn range(vm: &Vm, a: &Args<'_>, len: usize) -> PyResult<(usize, usize)> {
    let clamp = |v: Option<&Value>, default: usize| -> PyResult<usize> {
        Ok(match v {
            None => default,
            Some(v) => (vm.index_clamped(v)?.max(0) as usize).min(len),
        })
    };
    let (start, end) = (clamp(a.opt(2), 0)?, clamp(a.opt(3), len)?);
    Ok((start, end))
}

fn once(vm: &Vm, a: Args<'_>, mode: Mode) -> PyResult {
    let p = Pattern::this(a.get(0));
    let subject = Subject::new(vm, a.get(1), p.is_bytes)?;
    let (start, end) = range(vm, &a, subject.len)?;
    if start > end {
        return Ok(Value::NONE);
    }
    let mut state = State::default();
    if !subject.run(&mut state, p.code(), mode, start, end, false) {
        return Ok(Value::NONE);
    }
    Ok(Match::make(vm, a.get(0), a.get(1), start, end, &state))
}

/// Calls `f` with the state of each match in turn.
pub fn each(
    subject: &Subject<'_>,
    code: &[u32],
    start: usize,
    end: usize,
    mut f: impl FnMut(&State) -> PyResult<bool>,
) -> PyResult<()> {
    let mut state = State::default();
    let (mut at, mut must_advance) = (start, false);
    while at <= end && subject.run(&mut state, code, Mode::Search, at, end, must_advance) {
        must_advance = state.start == state.cursor.position;
        at = state.cursor.position;
        if !f(&state)? {
            break;
        }
    }
    Ok(())
}

fn findall(vm: &Vm, a: Args<'_>) -> PyResult {
    let p = Pattern::this(a.get(0));
    let subject = Subject::new(vm, a.get(1), p.is_bytes)?;
    let (start, end) = range(vm, &a, subject.len)?;
    let mut list = vm.hvec();
    each(&subject, p.code(), start, end, |state| {
        let spans = found::spans(state, p.groups);
        let text = |i: usize| match spans[i] {
            Some((s, e)) => subject.slice(vm, s, e),
            None => subject.slice(vm, 0, 0),
        };
        list.push(match p.groups {
            0 => text(0),
            1 => text(1),
            n => vm.tuple((1..=n).map(text).collect()),
        });
        Ok(true)
    })?;
    Ok(vm.list_from(list))
}

fn split(vm: &Vm, a: Args<'_>) -> PyResult {
    let p = Pattern::this(a.get(0));
    let max = match a.opt(2) {
        Some(n) => vm.arg_isize(n)?,
        None => 0,
    };
    let subject = Subject::new(vm, a.get(1), p.is_bytes)?;
    let mut list = vm.hvec();
    let (mut last, mut n) = (0, 0);
    if max >= 0 {
        each(&subject, p.code(), 0, subject.len, |state| {
            let spans = found::spans(state, p.groups);
            let (s, e) = spans[0].unwrap_or((last, last));
            list.push(subject.slice(vm, last, s));
            for span in &spans[1..] {
                list.push(span.map_or(Value::NONE, |(s, e)| subject.slice(vm, s, e)));
            }
            last = e;
            n += 1;
            Ok(max == 0 || n < max)
        })?;
    }
    list.push(subject.slice(vm, last, subject.len));
    Ok(vm.list_from(list))
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    const NAMES: [(&str, i32); 8] = [
        ("re.IGNORECASE", 2),
        ("re.LOCALE", 4),
        ("re.MULTILINE", 8),
        ("re.DOTALL", 16),
        ("re.VERBOSE", 64),
        ("re.DEBUG", 128),
        ("re.ASCII", 256),
        ("re.UNICODE", 32),
    ];
    let p = Pattern::this(v);
    let mut flags = p.flags;
    if p.is_bytes != Some(true) && flags & (4 | 32 | 256) == 32 {
        flags &= !32;
    }
    let mut shown: Vec<String> = Vec::new();
    for (name, bit) in NAMES {
        if flags & bit != 0 && bit != 32 {
            shown.push(name.to_string());
            flags &= !bit;
        }
    }
    if flags != 0 {
        shown.push(format!("0x{flags:x}"));
    }
    let text = vm.repr(&p.pattern)?;
    let mut out = b"re.compile(".to_vec();
    if let Some(s) = text.downcast::<Str>() {
        out.extend_from_slice(&s.as_bytes()[..s.offset(200.min(s.len()))]);
    }
    if !shown.is_empty() {
        out.extend_from_slice(format!(", {}", shown.join("|")).as_bytes());
    }
    out.push(b')');
    vm.str_from_bytes(out)
}

fn hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let p = Pattern::this(v);
    let bytes: Vec<u8> = p.code.iter().flat_map(|c| c.to_le_bytes()).collect();
    let h = vm.hash(&p.pattern)? ^ vm.hash_bytes(&bytes) as i64 ^ p.flags as i64 ^ p.groups as i64;
    Ok(if h == -1 { -2 } else { h })
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Pattern>(), b.downcast::<Pattern>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = a.is(b)
        || (x.flags == y.flags
            && x.is_bytes == y.is_bytes
            && x.groups == y.groups
            && x.code == y.code
            && x.pattern.is_a::<Bytes>() == y.pattern.is_a::<Bytes>()
            && vm.eq(&x.pattern, &y.pattern)?);
    Ok(Value::bool(same == (op == CmpOp::Eq)))
}
