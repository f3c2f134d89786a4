//! `_opcode`: what module `opcode` asks about CPython's instruction numbers.
//!
//! The tables describe CPython 3.14's instruction set, which `opcode` and `dis` name; this machine's own instructions are
//! others. What would need CPython's compiler raises an error.

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule =
    NativeModule::new("_opcode").doc("Opcode support module.").functions(FUNCTIONS).init(init);

/// Inclusive ranges of instruction numbers.
type Ranges = &'static [(i64, i64)];

const HAS_ARG: Ranges = &[
    (44, 120),
    (128, 128),
    (143, 153),
    (155, 195),
    (197, 197),
    (200, 200),
    (209, 211),
    (237, 237),
    (239, 239),
    (241, 245),
    (247, 251),
    (253, 253),
    (255, 255),
    (257, 261),
    (263, 266),
];
const HAS_CONST: Ranges = &[(82, 82), (190, 191)];
const HAS_NAME: Ranges = &[
    (61, 61),
    (64, 65),
    (72, 73),
    (80, 80),
    (91, 93),
    (96, 96),
    (110, 110),
    (115, 116),
    (179, 179),
    (189, 189),
    (194, 195),
    (200, 200),
    (249, 249),
];
const HAS_JUMP: Ranges =
    &[(68, 68), (70, 70), (75, 77), (100, 103), (106, 106), (172, 176), (237, 237), (248, 248), (257, 260)];
const HAS_FREE: Ranges = &[(62, 62), (90, 90), (97, 97), (111, 111)];
const HAS_LOCAL: Ranges = &[(3, 3), (63, 63), (83, 89), (112, 114), (261, 261), (266, 266)];
const HAS_EXC: Ranges = &[(263, 265)];
const VALID: Ranges = &[(0, 120), (128, 211), (234, 266)];

fn within(vm: &Vm, a: Args<'_>, ranges: Ranges) -> PyResult {
    let op = vm.index_i64(a.get(0))?;
    Ok(Value::bool(ranges.iter().any(|(from, to)| (*from..=*to).contains(&op))))
}

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("is_valid", "(opcode)", |vm, a| within(vm, a, VALID))
        .doc("Return True if opcode is valid, False otherwise."),
    MethodDef::new("has_arg", "(opcode)", |vm, a| within(vm, a, HAS_ARG))
        .doc("Return True if the opcode uses its oparg, False otherwise."),
    MethodDef::new("has_const", "(opcode)", |vm, a| within(vm, a, HAS_CONST))
        .doc("Return True if the opcode accesses a constant, False otherwise."),
    MethodDef::new("has_name", "(opcode)", |vm, a| within(vm, a, HAS_NAME))
        .doc("Return True if the opcode accesses an attribute by name, False otherwise."),
    MethodDef::new("has_jump", "(opcode)", |vm, a| within(vm, a, HAS_JUMP))
        .doc("Return True if the opcode has a jump target, False otherwise."),
    MethodDef::new("has_free", "(opcode)", |vm, a| within(vm, a, HAS_FREE))
        .doc("Return True if the opcode accesses a free variable, False otherwise."),
    MethodDef::new("has_local", "(opcode)", |vm, a| within(vm, a, HAS_LOCAL))
        .doc("Return True if the opcode accesses a local variable, False otherwise."),
    MethodDef::new("has_exc", "(opcode)", |vm, a| within(vm, a, HAS_EXC))
        .doc("Return True if the opcode sets an exception handler, False otherwise."),
    MethodDef::new("stack_effect", "(opcode, oparg=None, /, *, jump=None)", |vm, _| {
        Err(vm.not_implemented_error("stack_effect: this machine has registers, no stack"))
    })
    .doc("Compute the stack effect of the opcode."),
    MethodDef::new("get_intrinsic1_descs", "()", |vm, _| Ok(texts(vm, INTRINSIC1)))
        .doc("Return a list of names of the unary intrinsics."),
    MethodDef::new("get_intrinsic2_descs", "()", |vm, _| Ok(texts(vm, INTRINSIC2)))
        .doc("Return a list of names of the binary intrinsics."),
    MethodDef::new("get_special_method_names", "()", |vm, _| {
        Ok(texts(vm, &["__enter__", "__exit__", "__aenter__", "__aexit__"]))
    })
    .doc("Return a list of special method names."),
    MethodDef::new("get_nb_ops", "()", |vm, _| {
        let pair = |(name, op): &(&str, &str)| vm.tuple(vec![vm.str(name), vm.str(op)]);
        Ok(vm.list(NB_OPS.iter().map(pair).collect()))
    })
    .doc("Return array of symbols of binary ops."),
    MethodDef::new("get_specialization_stats", "()", |_, _| Ok(Value::NONE)).doc("Return the specialization stats"),
    MethodDef::new("get_executor", "(code, offset)", |vm, _| {
        Err(vm.runtime_error("Executors are not available in this build"))
    })
    .doc("Return the executor object at offset in code if exists, None otherwise."),
];

fn texts(vm: &Vm, list: &[&str]) -> Value {
    vm.list(list.iter().map(|t| vm.str(t)).collect())
}

const INTRINSIC1: &[&str] = &[
    "INTRINSIC_1_INVALID",
    "INTRINSIC_PRINT",
    "INTRINSIC_IMPORT_STAR",
    "INTRINSIC_STOPITERATION_ERROR",
    "INTRINSIC_ASYNC_GEN_WRAP",
    "INTRINSIC_UNARY_POSITIVE",
    "INTRINSIC_LIST_TO_TUPLE",
    "INTRINSIC_TYPEVAR",
    "INTRINSIC_PARAMSPEC",
    "INTRINSIC_TYPEVARTUPLE",
    "INTRINSIC_SUBSCRIPT_GENERIC",
    "INTRINSIC_TYPEALIAS",
];

const INTRINSIC2: &[&str] = &[
    "INTRINSIC_2_INVALID",
    "INTRINSIC_PREP_RERAISE_STAR",
    "INTRINSIC_TYPEVAR_WITH_BOUND",
    "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS",
    "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
    "INTRINSIC_SET_TYPEPARAM_DEFAULT",
];

const NB_OPS: &[(&str, &str)] = &[
    ("NB_ADD", "+"),
    ("NB_AND", "&"),
    ("NB_FLOOR_DIVIDE", "//"),
    ("NB_LSHIFT", "<<"),
    ("NB_MATRIX_MULTIPLY", "@"),
    ("NB_MULTIPLY", "*"),
    ("NB_REMAINDER", "%"),
    ("NB_OR", "|"),
    ("NB_POWER", "**"),
    ("NB_RSHIFT", ">>"),
    ("NB_SUBTRACT", "-"),
    ("NB_TRUE_DIVIDE", "/"),
    ("NB_XOR", "^"),
    ("NB_INPLACE_ADD", "+="),
    ("NB_INPLACE_AND", "&="),
    ("NB_INPLACE_FLOOR_DIVIDE", "//="),
    ("NB_INPLACE_LSHIFT", "<<="),
    ("NB_INPLACE_MATRIX_MULTIPLY", "@="),
    ("NB_INPLACE_MULTIPLY", "*="),
    ("NB_INPLACE_REMAINDER", "%="),
    ("NB_INPLACE_OR", "|="),
    ("NB_INPLACE_POWER", "**="),
    ("NB_INPLACE_RSHIFT", ">>="),
    ("NB_INPLACE_SUBTRACT", "-="),
    ("NB_INPLACE_TRUE_DIVIDE", "/="),
    ("NB_INPLACE_XOR", "^="),
    ("NB_SUBSCR", "[]"),
];

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    for name in ["ENABLE_SPECIALIZATION", "ENABLE_SPECIALIZATION_FT"] {
        dict.set_name(vm, name, vm.int(0));
    }
    Ok(())
}
