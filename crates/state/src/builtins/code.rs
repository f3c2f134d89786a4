//! `compile`, `eval`, `exec`, `__import__`, `__build_class__`, `globals`, `locals`.

use crate::run;
use serpens_bytecode::CodeFlags;
use serpens_compiler::Mode;
use serpens_vm::types::code::CodeObj;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new(
        "compile",
        "(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)",
        compile,
    )
    .doc("Compile source into a code object that can be executed by exec() or eval()."),
    MethodDef::new("eval", "(source, /, globals=None, locals=None)", eval)
        .doc("Evaluate the given source in the context of globals and locals."),
    MethodDef::new("exec", "(source, /, globals=None, locals=None, *, closure=None)", exec)
        .doc("Execute the given source in the context of globals and locals."),
    MethodDef::new("globals", "()", |vm, _| Ok(vm.frame_globals().unwrap_or(Value::NONE)))
        .doc("Return the dictionary containing the current scope's global variables."),
    MethodDef::new("locals", "()", |vm, _| Ok(vm.frame_locals().unwrap_or(Value::NONE)))
        .doc("Return a dictionary containing the current scope's local variables."),
    MethodDef::new("__import__", "(name, globals=None, locals=None, fromlist=(), level=0)", import)
        .doc("Import a module."),
    MethodDef::raw("__build_class__", "(func, name, /, *bases, [metaclass], **kwds)", |vm, a| vm.build_class(a)).doc(
        "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nInternal helper function used by \
              the class statement.",
    ),
];

/// Source as text: a `str` as it is, bytes decoded by their coding cookie.
fn source_text(vm: &Vm, v: &Value, what: &str, filename: &str) -> PyResult<String> {
    if let Some(s) = v.downcast::<Str>() {
        if s.as_bytes().contains(&0) {
            return Err(vm.raise_text(vm.types().SyntaxError, "source code string cannot contain null bytes"));
        }
        return match s.to_str() {
            Some(text) => Ok(text.to_string()),
            None => {
                let encode = vm.getattr_str(v, "encode")?;
                vm.call_one(&encode, &vm.str("utf-8"))?;
                Err(vm.value_error("source has surrogates"))
            }
        };
    }
    if vm.type_of(v).slots().buffer.is_some() {
        let bytes = vm.get_buffer(v, false)?.to_vec();
        if bytes.contains(&0) {
            return Err(vm.raise_text(vm.types().SyntaxError, "source code string cannot contain null bytes"));
        }
        return run::decode(vm, &bytes, filename, serpens_compiler::Origin::Bytes);
    }
    Err(vm.type_error(&format!("{what} must be a string, bytes or code object")))
}

fn filename_text(vm: &Vm, v: &Value) -> PyResult<String> {
    if let Some(s) = v.downcast::<Str>() {
        return Ok(s.to_string());
    }
    if let Some(b) = v.downcast::<serpens_vm::types::bytes::Bytes>() {
        return Ok(String::from_utf8_lossy(b.as_bytes()).into_owned());
    }
    if let Some(p) = vm.call_special(v, &vm.names().__fspath__, &[])? {
        return filename_text(vm, &p);
    }
    Err(vm.type_error(&format!("expected str, bytes or os.PathLike object, not {}", vm.type_of(v).name())))
}

const PYCF_ONLY_AST: i64 = 0x400;
const PYCF_TYPE_COMMENTS: i64 = 0x1000;
const PYCF_TOP_LEVEL_AWAIT: i64 = 0x2000;
const PYCF_ALLOW_INCOMPLETE: i64 = 0x4000;
const PYCF_OPTIMIZED_AST: i64 = 0x8000 | PYCF_ONLY_AST;
const PYCF_DONT_IMPLY_DEDENT: i64 = 0x200;
const FUTURES: i64 = 0x1fe_0000;
const FUTURE_ANNOTATIONS: i64 = 0x100_0000;
const FUTURE_BARRY: i64 = 0x40_0000;

fn compile(vm: &Vm, a: Args<'_>) -> PyResult {
    let filename = filename_text(vm, a.get(1))?;
    let Some(mode) = a.get(2).downcast::<Str>() else {
        return Err(
            vm.type_error(&format!("compile() argument 'mode' must be str, not {}", vm.type_of(a.get(2)).name()))
        );
    };
    let mode_text = mode.to_string();
    let flags = a.opt(3).map_or(Ok(0), |f| vm.index_i64(f))?;
    let known = FUTURES
        | PYCF_OPTIMIZED_AST
        | PYCF_TYPE_COMMENTS
        | PYCF_TOP_LEVEL_AWAIT
        | PYCF_ALLOW_INCOMPLETE
        | PYCF_DONT_IMPLY_DEDENT
        | 0x10
        | 0x100;
    if flags & !known != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    let optimize = a.opt(5).map_or(Ok(-1), |f| vm.index_i64(f))?;
    if !(-1..=2).contains(&optimize) {
        return Err(vm.value_error("compile(): invalid optimize value"));
    }
    let mode = match mode_text.as_str() {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" if flags & PYCF_ONLY_AST != 0 => Mode::FuncType,
        "func_type" => {
            return Err(vm.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
        }
        _ => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let only_tree = flags & PYCF_ONLY_AST != 0;
    if a.get(0).is_a::<CodeObj>() {
        return Ok(a.get(0).clone());
    }
    let inherit = !a.opt(4).map_or(Ok(false), |v| vm.truthy(v))?;
    let mut options = run::default_options(vm);
    if optimize >= 0 {
        options.optimize = optimize as u8;
    }
    options.future_annotations =
        flags & FUTURE_ANNOTATIONS != 0 || inherit && vm.frame_code_flags().contains(CodeFlags::FUTURE_ANNOTATIONS);
    options.top_level_await = flags & PYCF_TOP_LEVEL_AWAIT != 0;
    options.allow_incomplete = flags & PYCF_ALLOW_INCOMPLETE != 0;
    options.keep_blocks = flags & PYCF_DONT_IMPLY_DEDENT != 0;
    options.barry_as_flufl = flags & FUTURE_BARRY != 0;
    if is_tree(vm, a.get(0))? {
        // A tree that is asked for as a tree is itself.
        let function = if only_tree { "check" } else { "compile" };
        let mode = vm.str(&mode_text);
        if only_tree {
            trees(vm, function, &[a.get(0).clone(), mode])?;
            return Ok(a.get(0).clone());
        }
        let packed = vm.int(pack_options(options));
        return trees(vm, function, &[a.get(0).clone(), vm.str(&filename), mode, packed]);
    }
    let source = source_text(vm, a.get(0), "compile() arg 1", &filename)?;
    if only_tree {
        let packed = vm.int(pack_options(options));
        return trees(vm, "parse", &[vm.str(&source), vm.str(&filename), vm.str(&mode_text), packed]);
    }
    run::compile(vm, &source, &filename, mode, options)
}

/// Calls a function of `_trees`, which knows syntax trees.
fn trees(vm: &Vm, function: &str, args: &[Value]) -> PyResult {
    let module = crate::import::import_module(vm, "_trees")?;
    let f = vm.getattr_str(&module, function)?;
    vm.call_pos(&f, args)
}

/// Whether a value is a node of a syntax tree. There is none before `_ast` is loaded.
fn is_tree(vm: &Vm, value: &Value) -> PyResult<bool> {
    if value.is_a::<Str>() {
        return Ok(false);
    }
    let modules = vm.modules.get();
    match modules.as_ref().and_then(|m| m.downcast::<Dict>()?.get_name(vm, "_ast")) {
        Some(module) => {
            let class = vm.getattr_str(&module, "AST")?;
            vm.is_instance(value, &class)
        }
        None => Ok(false),
    }
}

/// Options as a number, for the modules that take them.
fn pack_options(o: serpens_compiler::Options) -> i64 {
    let flags = [o.future_annotations, o.barry_as_flufl, o.top_level_await, o.allow_incomplete, o.keep_blocks];
    let bits = flags.iter().enumerate().map(|(i, on)| i64::from(*on) << (i + 2)).sum::<i64>();
    bits | i64::from(o.optimize & 3)
}

/// Options from the number that stands for them.
pub fn unpack_options(bits: i64) -> serpens_compiler::Options {
    let flag = |i: u32| bits >> (i + 2) & 1 != 0;
    serpens_compiler::Options {
        optimize: (bits & 3) as u8,
        future_annotations: flag(0),
        barry_as_flufl: flag(1),
        top_level_await: flag(2),
        allow_incomplete: flag(3),
        keep_blocks: flag(4),
    }
}

/// Globals and locals of `eval` and `exec`, with the running frame's as defaults.
fn scopes(vm: &Vm, a: Args<'_>, what: &str) -> PyResult<(Value, Value)> {
    let (g, l) = (a.some(1), a.some(2));
    let globals = match g {
        Some(g) => g.clone(),
        None => vm.frame_globals().ok_or_else(|| vm.system_error("globals and locals cannot be NULL"))?,
    };
    let locals = match (g, l) {
        (_, Some(l)) => l.clone(),
        (Some(g), None) => g.clone(),
        (None, None) => vm.frame_locals().unwrap_or(Value::NONE),
    };
    if !globals.is_a::<Dict>() {
        let t = vm.type_of(&globals).name().to_string();
        return Err(vm.type_error(&if what == "exec" {
            format!("exec() globals must be a dict, not {t}")
        } else if vm.type_of(&globals).slots().getitem.is_some() {
            "globals must be a real dict; try eval(code, {}, mapping)".to_string()
        } else {
            "globals must be a dict".to_string()
        }));
    }
    if vm.type_of(&locals).slots().getitem.is_none() {
        let t = vm.type_of(&locals).name().to_string();
        return Err(vm.type_error(&if what == "exec" {
            format!("locals must be a mapping or None, not {t}")
        } else {
            "locals must be a mapping".to_string()
        }));
    }
    let d = globals.downcast::<Dict>().expect("checked above");
    let n = vm.names();
    if d.get_str(vm, &n.__builtins__).is_none() {
        vm.check_mutable(&globals)?;
        d.set_str(vm, &n.__builtins__, vm.builtins.get_or_none());
    }
    Ok((globals, locals))
}

fn inherited_options(vm: &Vm) -> serpens_compiler::Options {
    let mut options = run::default_options(vm);
    options.future_annotations = vm.frame_code_flags().contains(CodeFlags::FUTURE_ANNOTATIONS);
    options
}

fn eval(vm: &Vm, a: Args<'_>) -> PyResult {
    let (globals, locals) = scopes(vm, a, "eval")?;
    if let Some(code) = a.get(0).downcast::<CodeObj>() {
        if !code.code().freevars.is_empty() {
            return Err(vm.type_error("code object passed to eval() may not contain free variables"));
        }
        return vm.run_code(a.get(0), &globals, Some(&locals), None);
    }
    let source = source_text(vm, a.get(0), "eval() arg 1", "<string>")?;
    let source = source.trim_start_matches([' ', '\t']);
    let code = run::compile(vm, source, "<string>", Mode::Eval, inherited_options(vm))?;
    vm.run_code(&code, &globals, Some(&locals), None)
}

fn exec(vm: &Vm, a: Args<'_>) -> PyResult {
    let (globals, locals) = scopes(vm, a, "exec")?;
    let closure = a.some(3);
    if let Some(code) = a.get(0).downcast::<CodeObj>() {
        let n_free = code.code().freevars.len();
        if n_free == 0 && closure.is_some() {
            return Err(vm.type_error("cannot use a closure with this code object"));
        }
        if n_free > 0 {
            let fits = closure
                .and_then(|c| c.downcast::<Tuple>())
                .is_some_and(|t| t.len() == n_free && t.as_slice().iter().all(|c| vm.type_of(c).is(vm.types().cell)));
            if !fits {
                return Err(vm.type_error(&format!("code object requires a closure of exactly length {n_free}")));
            }
        }
        vm.run_code(a.get(0), &globals, Some(&locals), closure.cloned())?;
        return Ok(Value::NONE);
    }
    if closure.is_some() {
        return Err(vm.type_error("closure can only be used when source is a code object"));
    }
    let source = source_text(vm, a.get(0), "exec() arg 1", "<string>")?;
    let code = run::compile(vm, &source, "<string>", Mode::Exec, inherited_options(vm))?;
    vm.run_code(&code, &globals, Some(&locals), None)?;
    Ok(Value::NONE)
}

fn import(vm: &Vm, a: Args<'_>) -> PyResult {
    if !a.get(0).is_a::<Str>() {
        return Err(vm.type_error("module name must be a string"));
    }
    let none = Value::NONE;
    let level = a.opt(4).map_or(Ok(0), |l| vm.index_i64(l))?;
    let name = vm.intern_value(a.get(0));
    crate::import::import_statement(vm, &name, a.opt(1).unwrap_or(&none), a.opt(3).unwrap_or(&none), level)
}
