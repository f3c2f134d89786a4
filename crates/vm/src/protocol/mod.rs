//! The abstract operations of the object model: what `a + b`, `x.y`, `f(z)`, `k in d` mean for any values.
//!
//! They dispatch to the slots of the operands' types. They are the slow path of the eval loop and the only way native code
//! works on values it does not know.

pub mod attr;
pub mod call;
pub mod compare;
pub mod isinstance;
pub mod items;
pub mod iter;
pub mod number;
pub mod repr;
