//! Arrays by the type of their elements: what is generic in `serpens-share` is one type here, as Python has it.

use serpens_share::array::{ArrayError, Element, SharedArray as Array};
use serpens_share::buffer::Layout;
use serpens_share::{BufferView, SharedBuffer as Memory};
use serpens_vm::{PyResult, Value, Vm};
use std::sync::Arc;

macro_rules! numbers {
    ($($kind:ident: $number:ty, $codes:pat, $name:literal, $from:expr, $to:expr;)*) => {
        /// An array by the type of its elements.
        pub(super) enum Numbers { $(#[doc = $name] $kind(Array<$number>, Arc<BufferView>),)* }

        impl Numbers {
            /// An array of zeros; `None` if there is no such typecode.
            pub(super) fn zeros(code: &str, shape: &[usize]) -> Option<Result<Numbers, ArrayError>> {
                Some(match code {
                    $($codes => Array::<$number>::zeros(shape).map(Numbers::from),)*
                    _ => return None,
                })
            }

            /// Memory as an array; `None` if there is no such typecode.
            pub(super) fn over(code: &str, memory: &Memory, shape: &[usize], offset: usize) -> Option<Result<Numbers, ArrayError>> {
                Some(match code {
                    $($codes => {
                        let (format, size) = (<$number as Element>::FORMAT, size_of::<$number>());
                        let layout = Layout::contiguous(format, size, shape, offset, memory.is_read_only());
                        BufferView::new(memory, layout).map_err(ArrayError::View).and_then(|view| {
                            let view = Arc::new(view);
                            Array::<$number>::of_view((*view).clone()).map(|a| Numbers::$kind(a, view))
                        })
                    })*
                    _ => return None,
                })
            }

            /// The memory and how the array lies on it.
            pub(super) fn view(&self) -> &Arc<BufferView> {
                match self { $(Numbers::$kind(_, view) => view,)* }
            }

            /// An element, if there is one.
            pub(super) fn get(&self, vm: &Vm, at: &[usize]) -> Option<Value> {
                match self { $(Numbers::$kind(a, _) => a.get(at).map(|n| ($to)(vm, n)),)* }
            }

            /// Does one operation with a number made of a value. `None` if there is no such element.
            pub(super) fn change(&self, vm: &Vm, at: &[usize], change: Change, v: &Value) -> PyResult<Option<Value>> {
                let read_only = |_| vm.type_error("cannot modify read-only memory");
                Ok(match self { $(Numbers::$kind(a, _) => {
                    let n: $number = ($from)(vm, v)?;
                    match change {
                        Change::Set => a.set(at, n).map_err(read_only)?.map(|()| Value::NONE),
                        Change::Swap => a.swap(at, n).map_err(read_only)?.map(|n| ($to)(vm, n)),
                        Change::Add => a.fetch_add(at, n).map_err(read_only)?.map(|n| ($to)(vm, n)),
                    }
                })* })
            }

            /// Whether the element was as expected, and is set now. `None` if there is no such element.
            pub(super) fn compare_and_set(&self, vm: &Vm, at: &[usize], old: &Value, new: &Value) -> PyResult<Option<bool>> {
                let read_only = |_| vm.type_error("cannot modify read-only memory");
                Ok(match self { $(Numbers::$kind(a, _) => {
                    let (old, new): ($number, $number) = (($from)(vm, old)?, ($from)(vm, new)?);
                    a.compare_exchange(at, old, new).map_err(read_only)?.map(|r| r.is_ok())
                })* })
            }

            /// Sets all elements.
            pub(super) fn fill(&self, vm: &Vm, v: &Value) -> PyResult<()> {
                match self { $(Numbers::$kind(a, _) => {
                    let n: $number = ($from)(vm, v)?;
                    a.fill(n).map_err(|_| vm.type_error("cannot modify read-only memory"))
                })* }
            }

            /// All elements, in C order.
            pub(super) fn all(&self, vm: &Vm) -> Vec<Value> {
                match self { $(Numbers::$kind(a, _) => a.iter().map(|n| ($to)(vm, n)).collect(),)* }
            }

            /// Elements of dimension `axis`, as an array on the same memory; `None` if one is not there.
            pub(super) fn slice(&self, axis: usize, start: usize, n: usize, step: isize) -> Option<Numbers> {
                match self { $(Numbers::$kind(a, _) => Some(Numbers::from(a.slice(axis, start, n, step).ok()?)),)* }
            }

            /// What has that index in dimension `axis`.
            pub(super) fn index(&self, axis: usize, at: usize) -> Option<Numbers> {
                match self { $(Numbers::$kind(a, _) => Some(Numbers::from(a.index(axis, at).ok()?)),)* }
            }

            /// The same array.
            pub(super) fn again(&self) -> Numbers {
                match self { $(Numbers::$kind(a, view) => Numbers::$kind(a.clone(), view.clone()),)* }
            }

            /// The same elements, for reading only.
            pub(super) fn read_only(&self) -> Option<Numbers> {
                match self { $(Numbers::$kind(a, _) => Some(Numbers::from(a.read_only().ok()?)),)* }
            }

        }

        $(
            impl From<Array<$number>> for Numbers {
                fn from(array: Array<$number>) -> Numbers {
                    let view = Arc::new(array.view().clone());
                    Numbers::$kind(array, view)
                }
            }
        )*
    };
}

/// A change of one element.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// Writes a number.
    Set,
    /// Writes a number and gives the one before.
    Swap,
    /// Adds a number and gives the one before.
    Add,
}

fn integer<T: TryFrom<i64>>(vm: &Vm, v: &Value) -> PyResult<T> {
    let n = vm.arg_i64(v)?;
    T::try_from(n).map_err(|_| vm.overflow_error("the number does not fit the elements of the array"))
}

fn signed<T: Into<i64>>(vm: &Vm, n: T) -> Value {
    vm.int(n.into())
}

numbers! {
    I8: i8, "b", "signed bytes", integer, signed;
    U8: u8, "B", "bytes", integer, signed;
    I16: i16, "h", "16 bits", integer, signed;
    U16: u16, "H", "16 bits, unsigned", integer, signed;
    I32: i32, "i", "32 bits", integer, signed;
    U32: u32, "I", "32 bits, unsigned", integer, signed;
    I64: i64, "q" | "l", "64 bits", |vm: &Vm, v: &Value| vm.arg_i64(v), signed;
    U64: u64, "Q" | "L", "64 bits, unsigned", |vm: &Vm, v: &Value| vm.arg_u64(v), |vm: &Vm, n: u64| vm.int_u64(n);
    F32: f32, "f", "single precision", |vm: &Vm, v: &Value| vm.to_f64(v).map(|d| d as f32), |_: &Vm, n: f32| Value::float(n.into());
    F64: f64, "d", "double precision", |vm: &Vm, v: &Value| vm.to_f64(v), |_: &Vm, n: f64| Value::float(n);
}
