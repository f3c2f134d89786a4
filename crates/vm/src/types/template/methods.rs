//! `Template`, `TemplateIter` and `Interpolation` as Python sees them.
use crate::types::typeobj::TypeDef;
use super::*;
/// `Template`.
pub static TEMPLATE: TypeDef = TypeDef::new::<Template>("Template").module("string.templatelib").gc();
/// `TemplateIter`.
pub static TEMPLATE_ITER: TypeDef = TypeDef::new::<TemplateIter>("TemplateIter").module("string.templatelib").gc();
/// `Interpolation`.
pub static INTERPOLATION: TypeDef = TypeDef::new::<Interpolation>("Interpolation").module("string.templatelib").gc();
