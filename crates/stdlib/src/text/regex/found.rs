//! `re.Match`: what was found, and where.

use super::pattern::Pattern;
use super::payload;
use super::subject::Subject;
use rustpython_sre_engine::State;
use serpens_vm::native::GetSetDef;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeDef, Value, Vm};

/// Where a group matched.
pub type Span = Option<(usize, usize)>;

/// A match.
pub struct Match {
    pattern: Value,
    string: Value,
    pos: usize,
    endpos: usize,
    /// Number of the last group that matched, 0 if none.
    last: usize,
    /// The whole match, then the groups.
    spans: Box<[Span]>,
}

payload!(Match { pattern, string });

/// The type `re.Match`.
pub static MATCH: TypeDef = TypeDef::new::<Match>("Match")
    .copied_then(|copier, h| copier.renew(h, |m: &Match| &m.spans, Clone::clone))
    .module("re")
    .doc("The result of re.match() and re.search().\nMatch objects always have a boolean value of True.")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots { repr: Some(repr), getitem: Some(getitem), ..Slots::EMPTY })
    .methods(&[
        MethodDef::raw("group", "($self, /, *groups)", group).doc(
            "group([group1, ...]) -> str or tuple.\nReturn subgroup(s) of the match by indices or names.\nFor 0 returns the entire match.",
        ),
        MethodDef::new("start", "($self, group=0, /)", |vm, a| {
            Ok(edge(this(a.get(0)).span_of(vm, a.opt(1))?.map(|s| s.0)))
        })
        .doc("Return index of the start of the substring matched by group."),
        MethodDef::new("end", "($self, group=0, /)", |vm, a| Ok(edge(this(a.get(0)).span_of(vm, a.opt(1))?.map(|s| s.1))))
            .doc("Return index of the end of the substring matched by group."),
        MethodDef::new("span", "($self, group=0, /)", |vm, a| {
            let s = this(a.get(0)).span_of(vm, a.opt(1))?;
            Ok(pair(vm, s))
        })
        .doc("For match object m, return the 2-tuple (m.start(group), m.end(group))."),
        MethodDef::new("groups", "($self, /, default=None)", groups).doc(
            "Return a tuple containing all the subgroups of the match, from 1.\n\n  default\n    Is used for groups that did not participate in the match.",
        ),
        MethodDef::new("groupdict", "($self, /, default=None)", groupdict).doc(
            "Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.\n\n  default\n    Is used for groups that did not participate in the match.",
        ),
        MethodDef::new("expand", "($self, /, template)", expand)
            .doc("Return the string obtained by doing backslash substitution on the string template, as done by the sub() method."),
        MethodDef::new("__copy__", "($self, /)", |_, a| Ok(a.get(0).clone())),
        MethodDef::new("__deepcopy__", "($self, memo, /)", |_, a| Ok(a.get(0).clone())),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
    ])
    .getset(&[
        GetSetDef::new("string", |_, v| Ok(this(v).string.clone())).doc("The string passed to match() or search()."),
        GetSetDef::new("re", |_, v| Ok(this(v).pattern.clone())).doc("The regular expression object."),
        GetSetDef::new("pos", |_, v| Ok(Value::from_usize(this(v).pos)))
            .doc("The index into the string at which the RE engine started looking for a match."),
        GetSetDef::new("endpos", |_, v| Ok(Value::from_usize(this(v).endpos)))
            .doc("The index into the string beyond which the RE engine will not go."),
        GetSetDef::new("lastindex", |_, v| {
            Ok(if this(v).last == 0 { Value::NONE } else { Value::from_usize(this(v).last) })
        })
        .doc("The integer index of the last matched capturing group."),
        GetSetDef::new("lastgroup", |_, v| {
            let m = this(v);
            let names = m.pattern().indexgroup.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice);
            Ok(names.get(m.last).filter(|_| m.last > 0).cloned().unwrap_or(Value::NONE))
        })
        .doc("The name of the last matched capturing group."),
        GetSetDef::new("regs", |vm, v| Ok(vm.tuple(this(v).spans.iter().map(|s| pair(vm, *s)).collect()))),
    ]);

fn this(v: &Value) -> &Match {
    v.downcast::<Match>().expect("methods are called with instances of their type")
}

fn edge(i: Option<usize>) -> Value {
    i.map_or(Value::int_unchecked(-1), Value::from_usize)
}

fn pair(vm: &Vm, span: Span) -> Value {
    vm.tuple_of(&[edge(span.map(|s| s.0)), edge(span.map(|s| s.1))])
}

/// The spans of a match that the engine found.
pub fn spans(state: &State, groups: usize) -> Box<[Span]> {
    let mut spans = Vec::with_capacity(groups + 1);
    spans.push(Some((state.start, state.cursor.position)));
    let marks = state.marks.raw();
    for i in 0..groups {
        let at = |k: usize| marks.get(k).copied().and_then(|m| m.into_option());
        spans.push(match (at(i * 2), at(i * 2 + 1)) {
            (Some(start), Some(end)) if start <= end => Some((start, end)),
            _ => None,
        });
    }
    spans.into_boxed_slice()
}

impl Match {
    /// A match object from what the engine found.
    pub fn make(vm: &Vm, pattern: &Value, string: &Value, pos: usize, endpos: usize, state: &State) -> Value {
        let groups = pattern.downcast::<Pattern>().map_or(0, |p| p.groups);
        let last = usize::try_from(state.marks.last_index()).unwrap_or(0);
        let payload =
            Match { pattern: pattern.clone(), string: string.clone(), pos, endpos, last, spans: spans(state, groups) };
        vm.alloc_native(&MATCH, payload)
    }

    fn pattern(&self) -> &Pattern {
        self.pattern.downcast::<Pattern>().expect("made with a pattern")
    }

    /// The spans, the whole match first.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The number of a group given by number or name.
    fn number(&self, vm: &Vm, group: &Value) -> PyResult<usize> {
        let found = if vm.type_of(group).slots().index.is_some() {
            usize::try_from(vm.index_clamped(group)?).ok()
        } else {
            match self.pattern().groupindex.downcast::<Dict>() {
                Some(names) => names.get(vm, group)?.and_then(|i| i.as_small_int()).map(|i| i as usize),
                None => None,
            }
        };
        match found.filter(|i| *i < self.spans.len()) {
            Some(i) => Ok(i),
            None => Err(vm.index_error("no such group")),
        }
    }

    fn span_of(&self, vm: &Vm, group: Option<&Value>) -> PyResult<Span> {
        Ok(self.spans[group.map_or(Ok(0), |g| self.number(vm, g))?])
    }

    fn text(&self, vm: &Vm, i: usize, default: &Value) -> PyResult {
        let Some((start, end)) = self.spans[i] else { return Ok(default.clone()) };
        let subject = Subject::new(vm, &self.string, None)?;
        Ok(subject.slice(vm, start.min(subject.len), end.min(subject.len)))
    }
}

fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let m = this(v);
    let i = m.number(vm, key)?;
    m.text(vm, i, &Value::NONE)
}

fn group(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let Some((receiver, rest)) = args.pos().split_first() else {
        return Err(vm.type_error("unbound method re.Match.group() needs an argument"));
    };
    if args.n_named() > 0 {
        return Err(vm.type_error("re.Match.group() takes no keyword arguments"));
    }
    let Some(m) = receiver.downcast::<Match>() else { return Err(vm.type_error("group() needs a match")) };
    match rest {
        [] => m.text(vm, 0, &Value::NONE),
        [only] => getitem(vm, receiver, only),
        several => {
            let mut items = Vec::with_capacity(several.len());
            for g in several {
                items.push(getitem(vm, receiver, g)?);
            }
            Ok(vm.tuple(items))
        }
    }
}

fn groups(vm: &Vm, a: Args<'_>) -> PyResult {
    let m = this(a.get(0));
    let default = a.opt(1).cloned().unwrap_or(Value::NONE);
    let mut items = Vec::with_capacity(m.spans.len());
    for i in 1..m.spans.len() {
        items.push(m.text(vm, i, &default)?);
    }
    Ok(vm.tuple(items))
}

fn groupdict(vm: &Vm, a: Args<'_>) -> PyResult {
    let m = this(a.get(0));
    let default = a.opt(1).cloned().unwrap_or(Value::NONE);
    let made = vm.new_dict();
    if let (Some(d), Some(names)) = (made.downcast::<Dict>(), m.pattern().groupindex.downcast::<Dict>()) {
        for (name, _) in names.items() {
            let i = m.number(vm, &name)?;
            d.set(vm, name, m.text(vm, i, &default)?)?;
        }
    }
    Ok(made)
}

fn expand(vm: &Vm, a: Args<'_>) -> PyResult {
    let m = this(a.get(0));
    let template = super::subst::compile_template(vm, &m.pattern, a.get(1))?;
    let subject = Subject::new(vm, &m.string, None)?;
    let mut out = Vec::new();
    super::subst::expand_template(vm, &template, &subject, &m.spans, &mut out)?;
    if m.pattern().is_bytes == Some(true) || !a.get(1).is_a::<Str>() {
        return Ok(vm.bytes(&out));
    }
    vm.str_from_bytes(out)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let m = this(v);
    let whole = m.text(vm, 0, &Value::NONE)?;
    let (start, end) = m.spans[0].unwrap_or((0, 0));
    let mut out = format!("<re.Match object; span=({start}, {end}), match=").into_bytes();
    let shown = vm.repr(&whole)?;
    out.extend_from_slice(shown.downcast::<Str>().map_or(b"", Str::as_bytes));
    out.push(b'>');
    vm.str_from_bytes(out)
}
