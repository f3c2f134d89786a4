//! Markers of the built-in exceptions: `PyValueError::new_err("...")`.

use super::bound::{Bound, PyTypeInfo, deref_to_any};
use super::err::{PyErr, PyErrArguments};
use super::kinds::PyAny;
use serpens_vm::{Value, Vm};
use std::ops::Deref;

macro_rules! exceptions {
    ($($marker:ident = $name:ident;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`.")]
        pub struct $marker(());

        impl $marker {
            /// An exception of this class.
            #[cold]
            pub fn new_err<A: PyErrArguments>(args: A) -> PyErr {
                PyErr::new::<$marker, A>(args)
            }
        }

        impl PyTypeInfo for $marker {
            const NAME: &'static str = stringify!($name);

            fn type_object(vm: &Vm) -> Value {
                vm.types().$name.value()
            }

            fn is_type_of(vm: &Vm, value: &Value) -> bool {
                vm.type_of(value).is_subtype(vm.types().$name)
            }
        }

        deref_to_any!($marker);
    )*};
}

exceptions! {
    PyBaseException = BaseException;
    PyBaseExceptionGroup = BaseExceptionGroup;
    PyExceptionGroup = ExceptionGroup;
    PyGeneratorExit = GeneratorExit;
    PyKeyboardInterrupt = KeyboardInterrupt;
    PySystemExit = SystemExit;
    PyException = Exception;
    PyArithmeticError = ArithmeticError;
    PyFloatingPointError = FloatingPointError;
    PyOverflowError = OverflowError;
    PyZeroDivisionError = ZeroDivisionError;
    PyAssertionError = AssertionError;
    PyAttributeError = AttributeError;
    PyBufferError = BufferError;
    PyEOFError = EOFError;
    PyImportError = ImportError;
    PyModuleNotFoundError = ModuleNotFoundError;
    PyLookupError = LookupError;
    PyIndexError = IndexError;
    PyKeyError = KeyError;
    PyMemoryError = MemoryError;
    PyNameError = NameError;
    PyUnboundLocalError = UnboundLocalError;
    PyOSError = OSError;
    PyBlockingIOError = BlockingIOError;
    PyChildProcessError = ChildProcessError;
    PyConnectionError = ConnectionError;
    PyBrokenPipeError = BrokenPipeError;
    PyConnectionAbortedError = ConnectionAbortedError;
    PyConnectionRefusedError = ConnectionRefusedError;
    PyConnectionResetError = ConnectionResetError;
    PyFileExistsError = FileExistsError;
    PyFileNotFoundError = FileNotFoundError;
    PyInterruptedError = InterruptedError;
    PyIsADirectoryError = IsADirectoryError;
    PyNotADirectoryError = NotADirectoryError;
    PyPermissionError = PermissionError;
    PyProcessLookupError = ProcessLookupError;
    PyTimeoutError = TimeoutError;
    PyReferenceError = ReferenceError;
    PyRuntimeError = RuntimeError;
    PyNotImplementedError = NotImplementedError;
    PyPythonFinalizationError = PythonFinalizationError;
    PyRecursionError = RecursionError;
    PyStopAsyncIteration = StopAsyncIteration;
    PyStopIteration = StopIteration;
    PySyntaxError = SyntaxError;
    PyIndentationError = IndentationError;
    PyTabError = TabError;
    PySystemError = SystemError;
    PyTypeError = TypeError;
    PyValueError = ValueError;
    PyUnicodeError = UnicodeError;
    PyUnicodeDecodeError = UnicodeDecodeError;
    PyUnicodeEncodeError = UnicodeEncodeError;
    PyUnicodeTranslateError = UnicodeTranslateError;
    PyWarning = Warning;
    PyBytesWarning = BytesWarning;
    PyDeprecationWarning = DeprecationWarning;
    PyEncodingWarning = EncodingWarning;
    PyFutureWarning = FutureWarning;
    PyImportWarning = ImportWarning;
    PyPendingDeprecationWarning = PendingDeprecationWarning;
    PyResourceWarning = ResourceWarning;
    PyRuntimeWarning = RuntimeWarning;
    PySyntaxWarning = SyntaxWarning;
    PyUnicodeWarning = UnicodeWarning;
    PyUserWarning = UserWarning;
}
