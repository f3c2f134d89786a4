//! bytes as Python sees it
use crate::types::typeobj::TypeDef;
use super::Bytes;
/// The type `bytes`.
pub static TYPE: TypeDef = TypeDef::new::<Bytes>("bytes");
