//! A window on a buffer: format, shape and strides, as Python's buffer protocol has them.
//!
//! Invariant, checked when a view is made: every element lies inside the buffer. What the format means is left to the
//! reader; only the size of an element counts here.

use super::{Lease, SharedBuffer};
use smallvec::SmallVec;
use std::fmt;

/// How a view lies on its buffer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Where the element with all indices 0 begins, in bytes from the start of the buffer.
    pub offset: usize,
    /// The element's format in the words of Python's `struct`, `B` for bytes.
    pub format: Box<str>,
    /// The element's size in bytes, at least 1.
    pub itemsize: usize,
    /// How many elements in each dimension. Empty for a single element.
    pub shape: SmallVec<[usize; 2]>,
    /// The distance in bytes from one element to the next in each dimension.
    pub strides: SmallVec<[isize; 2]>,
    /// Whether the view may not be written, even if the buffer may.
    pub read_only: bool,
}

/// Why a layout does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ViewError {
    /// Shape and strides are not of the same length, or the item size is 0.
    Malformed,
    /// An element would lie outside of the buffer.
    OutOfBounds,
    /// A writable view of a read-only buffer.
    ReadOnly,
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ViewError::Malformed => "the layout is malformed",
            ViewError::OutOfBounds => "the layout does not fit the buffer",
            ViewError::ReadOnly => "the buffer is read-only",
        })
    }
}

impl std::error::Error for ViewError {}

/// A typed n-dimensional window on a [`SharedBuffer`]. It holds a lease.
#[derive(Clone, Debug)]
pub struct BufferView {
    buffer: Lease,
    layout: Layout,
}

impl Layout {
    /// A flat range of bytes.
    #[must_use]
    pub fn bytes(offset: usize, len: usize, read_only: bool) -> Self {
        Self::contiguous("B", 1, &[len], offset, read_only)
    }

    /// Elements in C order without gaps.
    #[must_use]
    pub fn contiguous(format: &str, itemsize: usize, shape: &[usize], offset: usize, read_only: bool) -> Self {
        Self {
            offset,
            format: format.into(),
            itemsize,
            shape: shape.into(),
            strides: c_strides(itemsize, shape),
            read_only,
        }
    }

    /// How many elements, if that is a number at all.
    #[must_use]
    pub fn n_elements(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |product, &n| product.checked_mul(n))
    }

    /// The first byte and the byte after the last that any element touches, from the start of the buffer.
    fn extent(&self) -> Option<(usize, usize)> {
        let (mut low, mut high) = (self.offset, self.offset.checked_add(self.itemsize)?);
        for (&n, &stride) in self.shape.iter().zip(&self.strides) {
            let span = stride.unsigned_abs().checked_mul(n - 1)?;
            if stride < 0 {
                low = low.checked_sub(span)?;
            } else {
                high = high.checked_add(span)?;
            }
        }
        Some((low, high))
    }
}

fn c_strides(itemsize: usize, shape: &[usize]) -> SmallVec<[isize; 2]> {
    let mut strides = SmallVec::from_elem(0, shape.len());
    let mut stride = itemsize;
    for (at, &n) in strides.iter_mut().zip(shape).rev() {
        *at = isize::try_from(stride).unwrap_or(isize::MAX);
        stride = stride.saturating_mul(n);
    }
    strides
}

impl BufferView {
    /// A view of `buffer` laid out as `layout`.
    ///
    /// # Errors
    /// [`ViewError`] when the layout does not fit.
    pub fn new(buffer: &SharedBuffer, layout: Layout) -> Result<Self, ViewError> {
        if layout.itemsize == 0 || layout.shape.len() != layout.strides.len() {
            return Err(ViewError::Malformed);
        }
        if buffer.is_read_only() && !layout.read_only {
            return Err(ViewError::ReadOnly);
        }
        let fits = if layout.shape.contains(&0) {
            layout.offset <= buffer.len()
        } else {
            layout.n_elements().is_some() && layout.extent().is_some_and(|(_, end)| end <= buffer.len())
        };
        if !fits {
            return Err(ViewError::OutOfBounds);
        }
        Ok(Self { buffer: buffer.lease(), layout })
    }

    /// A view of all of `buffer` as bytes, writable if the buffer is.
    #[must_use]
    pub fn of_bytes(buffer: &SharedBuffer) -> Self {
        let layout = Layout::bytes(0, buffer.len(), buffer.is_read_only());
        Self { buffer: buffer.lease(), layout }
    }

    /// The memory under it.
    #[must_use]
    pub fn buffer(&self) -> &SharedBuffer {
        &self.buffer
    }

    /// How it lies on the memory.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How many bytes its elements have together.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        self.layout.n_elements().map_or(0, |n| n.saturating_mul(self.layout.itemsize))
    }

    /// Whether the elements lie in C order without gaps.
    #[must_use]
    pub fn is_c_contiguous(&self) -> bool {
        let layout = &self.layout;
        let regular = c_strides(layout.itemsize, &layout.shape);
        layout.shape.contains(&0)
            || layout.shape.iter().zip(&layout.strides).zip(regular).all(|((&n, &has), is)| n == 1 || has == is)
    }

    /// The address of the element with all indices 0. See [`SharedBuffer::as_ptr`] for what may be done with it; if
    /// the view has no elements, nothing.
    #[must_use]
    pub fn as_ptr(&self) -> *mut u8 {
        self.buffer.as_ptr().wrapping_add(self.layout.offset)
    }

    /// Where an element begins, in bytes from the start of the buffer. `None` if there is no such element.
    #[must_use]
    pub fn offset_of(&self, indices: &[usize]) -> Option<usize> {
        let layout = &self.layout;
        if indices.len() != layout.shape.len() {
            return None;
        }
        let mut offset = layout.offset;
        for ((&idx, &n), &stride) in indices.iter().zip(&layout.shape).zip(&layout.strides) {
            if idx >= n {
                return None;
            }
            offset = offset.wrapping_add_signed(stride.wrapping_mul(idx as isize));
        }
        Some(offset)
    }
}
