//! `_opcode`: what module `opcode` asks about CPython's instruction numbers.
//!
//! The tables describe CPython 3.14's instruction set, which `opcode` and `dis` name; this machine's own instructions are
//! others. What would need CPython's compiler raises an error.

use serpens_macros::{pyfunction, pymodule};
use serpens_state::api::exceptions::{PyNotImplementedError, PyRuntimeError};
use serpens_state::api::{Bound, PyResult};

pub use declared::MODULE;

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

fn within(opcode: i32, ranges: Ranges) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&i64::from(opcode)))
}

/// Opcode support module.
#[pymodule(name = "_opcode", crate = serpens_state::api, plain_errors)]
mod declared {
    use super::*;

    #[pymodule_export]
    const ENABLE_SPECIALIZATION: i32 = 0;
    #[pymodule_export]
    const ENABLE_SPECIALIZATION_FT: i32 = 0;

    /// Return True if opcode is valid, False otherwise.
    #[pyfunction]
    fn is_valid(opcode: i32) -> bool {
        within(opcode, VALID)
    }

    /// Return True if the opcode uses its oparg, False otherwise.
    #[pyfunction]
    fn has_arg(opcode: i32) -> bool {
        within(opcode, HAS_ARG)
    }

    /// Return True if the opcode accesses a constant, False otherwise.
    #[pyfunction]
    fn has_const(opcode: i32) -> bool {
        within(opcode, HAS_CONST)
    }

    /// Return True if the opcode accesses an attribute by name, False otherwise.
    #[pyfunction]
    fn has_name(opcode: i32) -> bool {
        within(opcode, HAS_NAME)
    }

    /// Return True if the opcode has a jump target, False otherwise.
    #[pyfunction]
    fn has_jump(opcode: i32) -> bool {
        within(opcode, HAS_JUMP)
    }

    /// Return True if the opcode accesses a free variable, False otherwise.
    #[pyfunction]
    fn has_free(opcode: i32) -> bool {
        within(opcode, HAS_FREE)
    }

    /// Return True if the opcode accesses a local variable, False otherwise.
    #[pyfunction]
    fn has_local(opcode: i32) -> bool {
        within(opcode, HAS_LOCAL)
    }

    /// Return True if the opcode sets an exception handler, False otherwise.
    #[pyfunction]
    fn has_exc(opcode: i32) -> bool {
        within(opcode, HAS_EXC)
    }

    /// Compute the stack effect of the opcode.
    #[pyfunction(signature = (opcode, oparg = None, /, *, jump = None))]
    fn stack_effect(opcode: i32, oparg: Option<i32>, jump: Option<bool>) -> PyResult<i32> {
        let _ = (opcode, oparg, jump);
        Err(PyNotImplementedError::new_err("stack_effect: this machine has registers, no stack"))
    }

    /// Return a list of names of the unary intrinsics.
    #[pyfunction]
    fn get_intrinsic1_descs() -> Vec<&'static str> {
        INTRINSIC1.to_vec()
    }

    /// Return a list of names of the binary intrinsics.
    #[pyfunction]
    fn get_intrinsic2_descs() -> Vec<&'static str> {
        INTRINSIC2.to_vec()
    }

    /// Return a list of special method names.
    #[pyfunction]
    fn get_special_method_names() -> Vec<&'static str> {
        vec!["__enter__", "__exit__", "__aenter__", "__aexit__"]
    }

    /// Return array of symbols of binary ops.
    ///
    /// Indexed by the BINARY_OP oparg value.
    #[pyfunction]
    fn get_nb_ops() -> Vec<(&'static str, &'static str)> {
        NB_OPS.to_vec()
    }

    /// Return the specialization stats
    #[pyfunction]
    fn get_specialization_stats() {}

    /// Return the executor object at offset in code if exists, None otherwise.
    #[pyfunction]
    fn get_executor(code: &Bound<'_>, offset: i32) -> PyResult<()> {
        let _ = (code, offset);
        Err(PyRuntimeError::new_err("Executors are not available in this build"))
    }
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
