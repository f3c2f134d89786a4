//! [`SharedArray`]: numbers in shared memory, in any number of dimensions, each read and written atomically.
//!
//! It is a typed reading of a [`BufferView`]: no copy, and other readings of the same memory see the same numbers. A
//! store is seen by every load that sees its value or a later one, with all that was written before it (release and
//! acquire), so an element may serve as a flag for others.
//!
//! Invariants, checked when an array is made: the view's item size is that of the type; every element is aligned.

use crate::buffer::{AllocError, BufferView, Layout, ReadOnly, SharedBuffer, ViewError};
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;

/// A number that an array can hold: `i8` to `i64`, `u8` to `u64`, `f32`, `f64`.
pub trait Element: Copy + PartialEq + fmt::Debug + Send + Sync + private::Bits + 'static {
    /// Its format in the words of Python's `struct`, in native byte order.
    const FORMAT: &'static str;
}

mod private {
    use super::{Ordering, SharedBuffer};

    /// How an element is read and written: through the unsigned integer of its size.
    pub trait Bits: Sized {
        fn load(buffer: &SharedBuffer, offset: usize) -> Option<Self>;
        fn store(self, buffer: &SharedBuffer, offset: usize) -> Option<()>;
        fn swap(self, buffer: &SharedBuffer, offset: usize) -> Option<Self>;
        fn exchange(buffer: &SharedBuffer, offset: usize, old: Self, new: Self) -> Option<Result<Self, Self>>;
        fn add(self, other: Self) -> Self;
    }

    macro_rules! bits {
        ($($number:ty, $bits:ty, $atomic:ident, $add:expr;)*) => {$(
            impl Bits for $number {
                #[inline]
                fn load(buffer: &SharedBuffer, offset: usize) -> Option<Self> {
                    if let Some(atomic) = buffer.$atomic(offset) {
                        return Some(Self::from_ne_bytes(atomic.load(Ordering::Acquire).to_ne_bytes()));
                    }
                    let mut bytes = [0; size_of::<Self>()];
                    buffer.read_at(offset, &mut bytes)?;
                    Some(Self::from_ne_bytes(bytes))
                }

                #[inline]
                fn store(self, buffer: &SharedBuffer, offset: usize) -> Option<()> {
                    let bits = <$bits>::from_ne_bytes(self.to_ne_bytes());
                    Some(buffer.$atomic(offset)?.store(bits, Ordering::Release))
                }

                fn swap(self, buffer: &SharedBuffer, offset: usize) -> Option<Self> {
                    let bits = <$bits>::from_ne_bytes(self.to_ne_bytes());
                    let old = buffer.$atomic(offset)?.swap(bits, Ordering::AcqRel);
                    Some(Self::from_ne_bytes(old.to_ne_bytes()))
                }

                fn exchange(
                    buffer: &SharedBuffer, offset: usize, old: Self, new: Self,
                ) -> Option<Result<Self, Self>> {
                    let bits = |number: Self| <$bits>::from_ne_bytes(number.to_ne_bytes());
                    let result = buffer.$atomic(offset)?.compare_exchange(
                        bits(old), bits(new), Ordering::AcqRel, Ordering::Acquire,
                    );
                    let number = |bits: $bits| Self::from_ne_bytes(bits.to_ne_bytes());
                    Some(result.map(number).map_err(number))
                }

                fn add(self, other: Self) -> Self {
                    let add: fn(Self, Self) -> Self = $add;
                    add(self, other)
                }
            }
        )*};
    }

    bits! {
        i8, u8, atomic_u8, Self::wrapping_add; u8, u8, atomic_u8, Self::wrapping_add;
        i16, u16, atomic_u16, Self::wrapping_add; u16, u16, atomic_u16, Self::wrapping_add;
        i32, u32, atomic_u32, Self::wrapping_add; u32, u32, atomic_u32, Self::wrapping_add;
        i64, u64, atomic_u64, Self::wrapping_add; u64, u64, atomic_u64, Self::wrapping_add;
        f32, u32, atomic_u32, |a, b| a + b; f64, u64, atomic_u64, |a, b| a + b;
    }
}

macro_rules! element {
    ($($number:ty: $format:literal),*) => {$(
        impl Element for $number {
            const FORMAT: &'static str = $format;
        }
    )*};
}

element! {
    i8: "b", u8: "B", i16: "h", u16: "H", i32: "i", u32: "I", i64: "q", u64: "Q", f32: "f", f64: "d"
}

/// An n-dimensional array of atomic numbers in shared memory. A clone is the same array.
#[derive(Clone, Debug)]
pub struct SharedArray<T> {
    view: BufferView,
    element: PhantomData<T>,
}

/// Why a view cannot be read as an array of a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArrayError {
    /// Its items are of another size.
    ItemSize,
    /// Its elements are not aligned.
    Alignment,
    /// The shape does not fit the memory.
    View(ViewError),
    /// There is not enough memory.
    Memory,
}

impl fmt::Display for ArrayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArrayError::ItemSize => f.write_str("the items are of another size"),
            ArrayError::Alignment => f.write_str("the elements are not aligned"),
            ArrayError::View(error) => error.fmt(f),
            ArrayError::Memory => AllocError.fmt(f),
        }
    }
}

impl std::error::Error for ArrayError {}

impl<T: Element> SharedArray<T> {
    /// An array of zeros, in C order.
    ///
    /// # Errors
    /// [`ArrayError::Memory`].
    pub fn zeros(shape: &[usize]) -> Result<Self, ArrayError> {
        let layout = Layout::contiguous(T::FORMAT, size_of::<T>(), shape, 0, false);
        let n_bytes = layout.n_elements().and_then(|n| n.checked_mul(size_of::<T>()));
        let buffer = SharedBuffer::zeroed(n_bytes.ok_or(ArrayError::Memory)?).map_err(|_| ArrayError::Memory)?;
        let view = BufferView::new(&buffer, layout).map_err(ArrayError::View)?;
        Self::of_view(view)
    }

    /// An array of one dimension that holds `numbers`.
    ///
    /// # Errors
    /// [`ArrayError::Memory`].
    pub fn from_slice(numbers: &[T]) -> Result<Self, ArrayError> {
        let array = Self::zeros(&[numbers.len()])?;
        for (idx, &number) in numbers.iter().enumerate() {
            let _ = array.set(&[idx], number);
        }
        Ok(array)
    }

    /// Reads a view as an array. What its format says is not looked at.
    ///
    /// # Errors
    /// [`ArrayError`] when size or alignment are not those of `T`.
    pub fn of_view(view: BufferView) -> Result<Self, ArrayError> {
        let layout = view.layout();
        if layout.itemsize != size_of::<T>() {
            return Err(ArrayError::ItemSize);
        }
        let aligned = |distance: usize| distance.is_multiple_of(align_of::<T>());
        let regular = layout.strides.iter().all(|stride| aligned(stride.unsigned_abs()));
        if !regular || !aligned(view.as_ptr().addr()) {
            return Err(ArrayError::Alignment);
        }
        Ok(Self { view, element: PhantomData })
    }

    /// The view it reads, to be sent to others.
    pub fn view(&self) -> &BufferView {
        &self.view
    }

    /// How many elements in each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.view.layout().shape
    }

    /// How many elements in all.
    pub fn len(&self) -> usize {
        self.view.layout().n_elements().unwrap_or(0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at `indices`, if there is one.
    #[inline]
    pub fn get(&self, indices: &[usize]) -> Option<T> {
        T::load(self.view.buffer(), self.view.offset_of(indices)?)
    }

    /// Writes the element at `indices`. `None` if there is none.
    ///
    /// # Errors
    /// [`ReadOnly`].
    #[inline]
    pub fn set(&self, indices: &[usize], number: T) -> Result<Option<()>, ReadOnly> {
        self.write(indices, |buffer, at| number.store(buffer, at))
    }

    /// Writes the element at `indices`, and returns what was there.
    ///
    /// # Errors
    /// [`ReadOnly`].
    pub fn swap(&self, indices: &[usize], number: T) -> Result<Option<T>, ReadOnly> {
        self.write(indices, |buffer, at| number.swap(buffer, at))
    }

    /// Writes `new` if the element is `old`, bit by bit. Returns what was there, as `Ok` if it was replaced.
    ///
    /// # Errors
    /// [`ReadOnly`].
    pub fn compare_exchange(&self, indices: &[usize], old: T, new: T) -> Result<Option<Result<T, T>>, ReadOnly> {
        self.write(indices, |buffer, at| T::exchange(buffer, at, old, new))
    }

    /// Adds to the element at `indices`, wrapping around if it is an integer, and returns what was there.
    ///
    /// # Errors
    /// [`ReadOnly`].
    pub fn fetch_add(&self, indices: &[usize], number: T) -> Result<Option<T>, ReadOnly> {
        self.write(indices, |buffer, at| {
            let mut old = T::load(buffer, at)?;
            loop {
                match T::exchange(buffer, at, old, old.add(number))? {
                    Ok(old) => return Some(old),
                    Err(now) => old = now,
                }
            }
        })
    }

    /// Writes all elements, one after the other.
    ///
    /// # Errors
    /// [`ReadOnly`].
    pub fn fill(&self, number: T) -> Result<(), ReadOnly> {
        self.indices().try_for_each(|at| self.set(&at, number).map(drop))
    }

    /// All elements in C order, each read when it is its turn.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.indices().filter_map(|at| self.get(&at))
    }

    /// The elements `start`, `start + step`, ... of dimension `axis`, `n` of them, as an array on the same memory.
    ///
    /// # Errors
    /// [`ViewError::Malformed`] if there is no such dimension, [`ViewError::OutOfBounds`] if an element is not there.
    pub fn slice(&self, axis: usize, start: usize, n: usize, step: isize) -> Result<Self, ViewError> {
        let mut layout = self.view.layout().clone();
        let (&len, &stride) = layout.shape.get(axis).zip(layout.strides.get(axis)).ok_or(ViewError::Malformed)?;
        let last = n.checked_sub(1).map(|n| step.checked_mul_unsigned(n).and_then(|d| start.checked_add_signed(d)));
        let inside = match last {
            None => start <= len,
            Some(last) => start < len && last.is_some_and(|last| last < len),
        };
        if !inside {
            return Err(ViewError::OutOfBounds);
        }
        if n > 0 && !self.is_empty() {
            // Within the memory, as both ends are.
            layout.offset = layout.offset.wrapping_add_signed(stride.wrapping_mul(start as isize));
        }
        layout.shape[axis] = n;
        layout.strides[axis] = stride.checked_mul(step).ok_or(ViewError::OutOfBounds)?;
        let view = BufferView::new(self.view.buffer(), layout)?;
        Ok(Self { view, element: PhantomData })
    }

    /// The elements with index `idx` in dimension `axis`, as an array of one dimension less on the same memory.
    ///
    /// # Errors
    /// As [`SharedArray::slice`].
    pub fn index(&self, axis: usize, idx: usize) -> Result<Self, ViewError> {
        let one = self.slice(axis, idx, 1, 1)?;
        let mut layout = one.view.layout().clone();
        layout.shape.remove(axis);
        layout.strides.remove(axis);
        let view = BufferView::new(self.view.buffer(), layout)?;
        Ok(Self { view, element: PhantomData })
    }

    /// The same elements, for reading only.
    ///
    /// # Errors
    /// None that is known: a view that fits for writing fits for reading.
    pub fn read_only(&self) -> Result<Self, ViewError> {
        let layout = Layout { read_only: true, ..self.view.layout().clone() };
        let view = BufferView::new(self.view.buffer(), layout)?;
        Ok(Self { view, element: PhantomData })
    }

    fn write<R>(
        &self,
        indices: &[usize],
        write: impl FnOnce(&SharedBuffer, usize) -> Option<R>,
    ) -> Result<Option<R>, ReadOnly> {
        if self.view.layout().read_only {
            return Err(ReadOnly);
        }
        Ok(self.view.offset_of(indices).and_then(|at| write(self.view.buffer(), at)))
    }

    fn indices(&self) -> impl Iterator<Item = Vec<usize>> + use<'_, T> {
        let shape = self.shape();
        (0..self.len()).map(move |mut flat| {
            let mut at = vec![0; shape.len()];
            for (idx, &n) in at.iter_mut().zip(shape).rev() {
                *idx = flat % n;
                flat /= n;
            }
            at
        })
    }
}

trait CheckedMulUnsigned: Sized {
    fn checked_mul_unsigned(self, by: usize) -> Option<Self>;
}

impl CheckedMulUnsigned for isize {
    fn checked_mul_unsigned(self, by: usize) -> Option<Self> {
        self.checked_mul(isize::try_from(by).ok()?)
    }
}
