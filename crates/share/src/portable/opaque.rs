//! Things that cross without this crate knowing what they are.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Any shareable Rust value, one word wide. A clone is the same thing.
#[derive(Clone)]
pub struct Opaque(Arc<Box<dyn Any + Send + Sync>>);

impl Opaque {
    /// Wraps `value`, often an `Arc` itself.
    #[must_use]
    pub fn new<T: Any + Send + Sync>(value: T) -> Self {
        Self(Arc::new(Box::new(value)))
    }

    /// What is inside, if it is a `T`.
    #[must_use]
    pub fn get<T: Any>(&self) -> Option<&T> {
        (**self.0).downcast_ref()
    }

    /// Whether both are the same thing.
    #[must_use]
    pub fn is(&self, other: &Opaque) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opaque(..)")
    }
}
