//! `_trees`: syntax trees as Python objects, for `_ast` in the library and for `compile`.
//!
//! [`build`] makes objects of the compiler's trees; [`read`] reads trees from objects, by the compiler's table of classes;
//! [`validate`] refuses trees that no source has. The classes themselves are Python's, made by `_ast` from [`table`].

mod build;
mod read;
mod table;
mod validate;

use serpens_compiler::{Mode, Options, tree};
use serpens_state::{NativeModule, run};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_trees")
    .functions(&[
        MethodDef::new("parse", "(source, filename, mode, options, /)", parse).doc("Parse a source into a tree."),
        MethodDef::new("compile", "(tree, filename, mode, options, /)", compile).doc("Compile a tree."),
        MethodDef::new("symbols", "(source, filename, mode, /)", symbols).doc("Return the symbol table of a source."),
        MethodDef::new("check", "(tree, mode, /)", check).doc("Refuse a tree that cannot be compiled."),
    ])
    .init(|vm, dict: &Dict| {
        dict.set_name(vm, "CLASSES", table::table(vm)?);
        Ok(())
    });

fn text(v: &Value) -> String {
    v.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default()
}

fn mode_of(name: &str) -> Mode {
    match name {
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" => Mode::FuncType,
        _ => Mode::Exec,
    }
}

/// The options that `compile` found, packed into a number.
fn options_of(vm: &Vm, v: &Value) -> PyResult<Options> {
    let bits = vm.index_i64(v)?;
    Ok(run::unpack_options(bits))
}

fn parse(vm: &Vm, a: Args<'_>) -> PyResult {
    let (source, filename, mode) = (text(a.get(0)), text(a.get(1)), text(a.get(2)));
    let options = options_of(vm, a.get(3))?;
    match tree::export::parse(&source, &filename, mode_of(&mode), options) {
        Ok(parsed) => {
            for warning in &parsed.warnings {
                run::warn_syntax(vm, warning, &filename)?;
            }
            build::build(vm, &parsed.tree)
        }
        Err(e) => Err(run::raise_with_source(vm, &e, &source)),
    }
}

fn read_checked(vm: &Vm, value: &Value, mode: &str) -> PyResult<tree::Node> {
    let node = read::read(vm, value, mode)?;
    validate::validate(vm, &node)?;
    Ok(node)
}

fn compile(vm: &Vm, a: Args<'_>) -> PyResult {
    let (filename, mode) = (text(a.get(1)), text(a.get(2)));
    let options = options_of(vm, a.get(3))?;
    let node = read_checked(vm, a.get(0), &mode)?;
    match serpens_compiler::compile_tree(&node, &filename, options) {
        Ok(compiled) => {
            for warning in &compiled.warnings {
                run::warn_syntax(vm, warning, &filename)?;
            }
            Ok(vm.new_code(compiled.code))
        }
        Err(e) => Err(run::raise_syntax_error(vm, &e)),
    }
}

fn symbols(vm: &Vm, a: Args<'_>) -> PyResult {
    let (source, filename, mode) = (text(a.get(0)), text(a.get(1)), text(a.get(2)));
    match serpens_compiler::symbols(&source, &filename, mode_of(&mode)) {
        Ok(table) => Ok(table_value(vm, &table)),
        Err(e) => Err(run::raise_with_source(vm, &e, &source)),
    }
}

fn table_value(vm: &Vm, t: &serpens_compiler::Table) -> Value {
    let symbols = t.symbols.iter().map(|(name, flags)| vm.tuple(vec![vm.intern(name), vm.int(*flags)]));
    vm.tuple(vec![
        vm.int(t.kind),
        vm.str(&t.name),
        vm.int(i64::from(t.line)),
        Value::bool(t.nested),
        vm.list(t.varnames.iter().map(|n| vm.str(n)).collect()),
        vm.list(symbols.collect()),
        vm.list(t.children.iter().map(|c| table_value(vm, c)).collect()),
    ])
}

fn check(vm: &Vm, a: Args<'_>) -> PyResult {
    read_checked(vm, a.get(0), &text(a.get(1)))?;
    Ok(Value::NONE)
}
