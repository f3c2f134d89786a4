//! memoryview as Python sees it
use crate::types::typeobj::TypeDef;
use super::MemoryView;
/// The type `memoryview`.
pub static TYPE: TypeDef = TypeDef::new::<MemoryView>("memoryview");
