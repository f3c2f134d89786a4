//! str as Python sees it
use crate::types::typeobj::TypeDef;
use super::Str;
/// The type `str`.
pub static TYPE: TypeDef = TypeDef::new::<Str>("str");
