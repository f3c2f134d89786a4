//! One type definition a builtin exception.

use super::{BASE_GETSET, BASE_METHODS, BASE_SLOTS, Exception as Payload_, fields, group, os, syntax, unicode};
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeDef, tflag};

/// A definition with the shared payload.
const fn exception(name: &'static str, doc: &'static str) -> TypeDef {
    TypeDef::new::<Payload_>(name).doc(doc).gc().basetype().flags(tflag::EXCEPTION | tflag::HAS_DICT)
}

macro_rules! exceptions {
    ($($(#[$attr:ident])* $name:ident($base:ident) = $doc:literal $(, $method:ident($arg:expr))*;)*) => {
        $(
            #[doc = $doc]
            #[expect(non_upper_case_globals, reason = "the class's name")]
            pub static $name: TypeDef = exception(stringify!($name), $doc).base(&$base) $(.$method($arg))*;
        )*
    };
}

/// Common base class for all exceptions.
#[expect(non_upper_case_globals, reason = "the class's name")]
pub static BaseException: TypeDef = exception("BaseException", "Common base class for all exceptions.")
    .slots(BASE_SLOTS)
    .methods(BASE_METHODS)
    .getset(BASE_GETSET);

exceptions! {
    Exception(BaseException) = "Common base class for all non-exit exceptions.";
    BaseExceptionGroup(BaseException) = "A combination of multiple unrelated exceptions.",
        slots(Slots { new: Some(group::new), init: Some(group::init), str: Some(group::str_of), repr: Some(group::repr), ..Slots::EMPTY }),
        methods(group::METHODS), getset(group::GETSET);
    ExceptionGroup(BaseExceptionGroup) = "A combination of multiple unrelated exceptions.", doc(""), second_base(&Exception);
    GeneratorExit(BaseException) = "Request that a generator exit.";
    KeyboardInterrupt(BaseException) = "Program interrupted by user.";
    SystemExit(BaseException) = "Request to exit from the interpreter.",
        slots(Slots { init: Some(fields::init_system_exit), ..Slots::EMPTY }), getset(fields::SYSTEM_EXIT);
    ArithmeticError(Exception) = "Base class for arithmetic errors.";
    FloatingPointError(ArithmeticError) = "Floating-point operation failed.";
    OverflowError(ArithmeticError) = "Result too large to be represented.";
    ZeroDivisionError(ArithmeticError) = "Second argument to a division or modulo operation was zero.";
    AssertionError(Exception) = "Assertion failed.";
    AttributeError(Exception) = "Attribute not found.",
        slots(Slots { init: Some(fields::init_attribute_error), ..Slots::EMPTY }),
        methods(fields::ATTRIBUTE_METHODS), getset(fields::ATTRIBUTE_ERROR);
    BufferError(Exception) = "Buffer error.";
    EOFError(Exception) = "Read beyond end of file.";
    ImportError(Exception) = "Import can't find module, or can't find name in module.",
        slots(Slots { init: Some(fields::init_import_error), str: Some(fields::str_import_error), ..Slots::EMPTY }),
        methods(fields::IMPORT_METHODS), getset(fields::IMPORT_ERROR);
    ModuleNotFoundError(ImportError) = "Module not found.";
    LookupError(Exception) = "Base class for lookup errors.";
    IndexError(LookupError) = "Sequence index out of range.";
    KeyError(LookupError) = "Mapping key not found.",
        slots(Slots { str: Some(fields::str_key_error), ..Slots::EMPTY });
    MemoryError(Exception) = "Out of memory.";
    NameError(Exception) = "Name not found globally.",
        slots(Slots { init: Some(fields::init_name_error), ..Slots::EMPTY }), getset(fields::NAME_ERROR);
    UnboundLocalError(NameError) = "Local name referenced but not bound to a value.";
    OSError(Exception) = "Base class for I/O related errors.",
        slots(Slots { new: Some(os::new), init: Some(os::init), str: Some(os::str_of), ..Slots::EMPTY }),
        methods(os::METHODS), getset(os::GETSET);
    BlockingIOError(OSError) = "I/O operation would block.";
    ChildProcessError(OSError) = "Child process error.";
    ConnectionError(OSError) = "Connection error.";
    BrokenPipeError(ConnectionError) = "Broken pipe.";
    ConnectionAbortedError(ConnectionError) = "Connection aborted.";
    ConnectionRefusedError(ConnectionError) = "Connection refused.";
    ConnectionResetError(ConnectionError) = "Connection reset.";
    FileExistsError(OSError) = "File already exists.";
    FileNotFoundError(OSError) = "File not found.";
    InterruptedError(OSError) = "Interrupted by signal.";
    IsADirectoryError(OSError) = "Operation doesn't work on directories.";
    NotADirectoryError(OSError) = "Operation only works on directories.";
    PermissionError(OSError) = "Not enough permissions.";
    ProcessLookupError(OSError) = "Process not found.";
    TimeoutError(OSError) = "Timeout expired.";
    ReferenceError(Exception) = "Weak ref proxy used after referent went away.";
    RuntimeError(Exception) = "Unspecified run-time error.";
    NotImplementedError(RuntimeError) = "Method or function hasn't been implemented yet.";
    PythonFinalizationError(RuntimeError) = "Operation blocked during Python finalization.";
    RecursionError(RuntimeError) = "Recursion limit exceeded.";
    StopAsyncIteration(Exception) = "Signal the end from iterator.__anext__().";
    StopIteration(Exception) = "Signal the end from iterator.__next__().",
        slots(Slots { init: Some(fields::init_stop_iteration), ..Slots::EMPTY }), getset(fields::STOP_ITERATION);
    SyntaxError(Exception) = "Invalid syntax.",
        slots(Slots { init: Some(syntax::init), str: Some(syntax::str_of), ..Slots::EMPTY }), getset(syntax::GETSET);
    IndentationError(SyntaxError) = "Improper indentation.";
    TabError(IndentationError) = "Improper mixture of spaces and tabs.";
    SystemError(Exception) = "Internal error in the Python interpreter.\n\nPlease report this to the Python maintainer, along with the traceback,\nthe Python version, and the hardware/OS platform and version.";
    TypeError(Exception) = "Inappropriate argument type.";
    ValueError(Exception) = "Inappropriate argument value (of correct type).";
    UnicodeError(ValueError) = "Unicode related error.";
    UnicodeDecodeError(UnicodeError) = "Unicode decoding error.",
        slots(Slots { init: Some(unicode::init_decode), str: Some(unicode::str_decode), ..Slots::EMPTY }), getset(unicode::GETSET);
    UnicodeEncodeError(UnicodeError) = "Unicode encoding error.",
        slots(Slots { init: Some(unicode::init_encode), str: Some(unicode::str_encode), ..Slots::EMPTY }), getset(unicode::GETSET);
    UnicodeTranslateError(UnicodeError) = "Unicode translation error.",
        slots(Slots { init: Some(unicode::init_translate), str: Some(unicode::str_translate), ..Slots::EMPTY }), getset(unicode::GETSET);
    Warning(Exception) = "Base class for warning categories.";
    BytesWarning(Warning) = "Base class for warnings about bytes and buffer related problems, mostly\nrelated to conversion from str or comparing to str.";
    DeprecationWarning(Warning) = "Base class for warnings about deprecated features.";
    EncodingWarning(Warning) = "Base class for warnings about encodings.";
    FutureWarning(Warning) = "Base class for warnings about constructs that will change semantically\nin the future.";
    ImportWarning(Warning) = "Base class for warnings about probable mistakes in module imports";
    PendingDeprecationWarning(Warning) = "Base class for warnings about features which will be deprecated\nin the future.";
    ResourceWarning(Warning) = "Base class for warnings about resource usage.";
    RuntimeWarning(Warning) = "Base class for warnings about dubious runtime behavior.";
    SyntaxWarning(Warning) = "Base class for warnings about dubious syntax.";
    UnicodeWarning(Warning) = "Base class for warnings about Unicode related problems, mostly\nrelated to conversion problems.";
    UserWarning(Warning) = "Base class for warnings generated by user code.";
}

/// `incomplete input`.
#[expect(non_upper_case_globals, reason = "the class's name")]
pub static IncompleteInputError: TypeDef = exception("_IncompleteInputError", "incomplete input.").base(&SyntaxError);
