//! The eval loop and everything that is needed to run code.
//!
//! Reading order: [`frame`] and [`regs`] are the state; [`run`] is the loop, over small bodies in [`ops`] (a file each
//! family); [`call`] and [`bind`] enter functions; [`unwind`] finds handlers; [`resume`] runs generators;
//! [`inline_cache`] is what instructions learn; [`entry`] is how the rest of the machine starts code.
//!
//! Invariant: a call from Python code to Python code uses no native stack.

pub(crate) mod bind;
pub(crate) mod call;
pub mod entry;
pub(crate) mod frame;
pub(crate) mod import;
pub(crate) mod inline_cache;
pub(crate) mod instrument;
pub(crate) mod intrinsic;
pub(crate) mod ops;
pub(crate) mod pattern;
pub(crate) mod regs;
pub(crate) mod resume;
pub(crate) mod run;
pub(crate) mod suggest;
pub(crate) mod unwind;
pub(crate) mod word;
