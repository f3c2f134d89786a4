//! Replacement: `sub`, `subn`, and the templates they expand.

use super::found::{self, Match, Span};
use super::pattern::{Pattern, each};
use super::payload;
use super::subject::Subject;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::list::List;
use serpens_vm::types::str::Str;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, PyResult, TypeDef, Value, Vm};

/// A parsed template.
pub struct Template {
    /// List of literals and group numbers in turn.
    items: Value,
}

payload!(Template { items });

/// The type of parsed templates.
pub static TEMPLATE: TypeDef =
    TypeDef::new::<Template>("SRE_Template").copied().module("_sre").gc().flags(tflag::NO_NEW);

/// `_sre.template(pattern, items)`.
pub fn template(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(list) = a.get(1).downcast::<List>() else { return Err(vm.type_error("template must be a list")) };
    let groups = a.get(0).downcast::<Pattern>().map_or(0, |p| p.groups);
    for group in list.to_vec().iter().skip(1).step_by(2) {
        if vm.index_clamped(group)? as usize > groups {
            return Err(vm.index_error("invalid group reference"));
        }
    }
    Ok(vm.alloc_native(&TEMPLATE, Template { items: vm.list(list.to_vec()) }))
}

/// What takes the place of a match.
enum Filter {
    Literal(Vec<u8>),
    Template(Value),
    Function(Value),
}

/// The bytes of a text or bytes-like value.
fn bytes_of(vm: &Vm, v: &Value) -> PyResult<Vec<u8>> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s.as_bytes().to_vec()),
        None => Ok(vm.get_buffer(v, false)?.to_vec()),
    }
}

/// A template in the form of [`Template`], by the library's parser.
pub fn compile_template(vm: &Vm, pattern: &Value, template: &Value) -> PyResult {
    let re = vm.hooks().import_name(vm, &vm.str("re"), &Value::NONE, &Value::NONE, 0)?;
    let f = vm.getattr_str(&re, "_compile_template")?;
    vm.call_pos(&f, &[pattern.clone(), template.clone()])
}

/// Appends a template with the groups of a match filled in.
pub fn expand_template(
    vm: &Vm,
    template: &Value,
    subject: &Subject<'_>,
    spans: &[Span],
    out: &mut Vec<u8>,
) -> PyResult<()> {
    let Some(template) = template.downcast::<Template>() else {
        return Err(vm.type_error("invalid template"));
    };
    let Some(items) = template.items.downcast::<List>() else { return Ok(()) };
    for (i, item) in items.to_vec().iter().enumerate() {
        if i % 2 == 0 {
            if !item.is_none() {
                out.extend_from_slice(&bytes_of(vm, item)?);
            }
            continue;
        }
        let group = vm.index_clamped(item)?;
        match usize::try_from(group).ok().and_then(|g| spans.get(g)) {
            Some(Some((start, end))) => {
                let text = subject.slice(vm, *start, *end);
                out.extend_from_slice(&bytes_of(vm, &text)?);
            }
            Some(None) => {}
            None => return Err(vm.index_error("invalid group reference")),
        }
    }
    Ok(())
}

fn filter_of(vm: &Vm, pattern: &Value, repl: &Value) -> PyResult<Filter> {
    if vm.is_callable(repl) {
        return Ok(Filter::Function(repl.clone()));
    }
    if (repl.is_a::<Str>() || vm.has_buffer(repl))
        && let Ok(bytes) = bytes_of(vm, repl)
        && !bytes.contains(&b'\\')
    {
        return Ok(Filter::Literal(bytes));
    }
    Ok(Filter::Template(compile_template(vm, pattern, repl)?))
}

/// `sub`, and `subn` with `counted`.
pub fn sub(vm: &Vm, a: Args<'_>, counted: bool) -> PyResult {
    let (pattern, repl, string) = (a.get(0), a.get(1), a.get(2));
    let p = Pattern::this(pattern);
    let count = match a.opt(3) {
        Some(n) => vm.arg_isize(n)?,
        None => 0,
    };
    let filter = filter_of(vm, pattern, repl)?;
    let subject = Subject::new(vm, string, p.is_bytes)?;
    if let Filter::Literal(_) = filter
        && repl.is_a::<Str>() == subject.is_bytes
    {
        let (wanted, given) = if subject.is_bytes { ("a bytes-like object", "str") } else { ("str instance", "bytes") };
        return Err(vm.type_error(&format!("sequence item 1: expected {wanted}, {given} found")));
    }
    let mut out: Vec<u8> = Vec::new();
    let (mut last, mut n) = (0, 0);
    let mut near = (0, 0);
    let mut n_items = 0;
    if count >= 0 {
        each(&subject, p.code(), 0, subject.len, |state| {
            let (start, end) = (state.start, state.cursor.position);
            if last < start {
                subject.append(&mut out, &mut near, last, start);
                n_items += 1;
            }
            match &filter {
                Filter::Literal(bytes) => out.extend_from_slice(bytes),
                Filter::Template(t) => expand_template(vm, t, &subject, &found::spans(state, p.groups), &mut out)?,
                Filter::Function(f) => {
                    let m = Match::make(vm, pattern, string, 0, subject.len, state);
                    let made = vm.call_one(f, &m)?;
                    if !made.is_none() {
                        let fits = if subject.is_bytes { vm.has_buffer(&made) } else { made.is_a::<Str>() };
                        if !fits {
                            let wanted = if subject.is_bytes { "a bytes-like object" } else { "str instance" };
                            return Err(vm.type_error(&format!(
                                "sequence item {n_items}: expected {wanted}, {} found",
                                vm.type_of(&made).name()
                            )));
                        }
                        out.extend_from_slice(&bytes_of(vm, &made)?);
                    }
                }
            }
            n_items += 1;
            vm.check_alloc(out.len())?;
            last = end;
            n += 1;
            Ok(count == 0 || n < count)
        })?;
    }
    let result = if n == 0 && (vm.is_exact_str(string) || vm.is_exact(string, vm.types().bytes)) {
        string.clone()
    } else {
        if last < subject.len {
            subject.append(&mut out, &mut near, last, subject.len);
        }
        if subject.is_bytes { vm.bytes(&out) } else { vm.str_from_bytes(out)? }
    };
    debug_assert!(result.is_a::<Str>() || result.is_a::<Bytes>());
    Ok(if counted { vm.tuple_of(&[result, Value::int_unchecked(n as i64)]) } else { result })
}
