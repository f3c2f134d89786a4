//! bytearray as Python sees it
use crate::types::typeobj::TypeDef;
use super::ByteArray;
/// The type `bytearray`.
pub static TYPE: TypeDef = TypeDef::new::<ByteArray>("bytearray");
