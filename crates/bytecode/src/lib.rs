//! The instruction set of Serpens: one table, code objects, exception and location tables.
//!
//! This crate knows neither the parser nor Python objects: it is the contract between the compiler, which emits
//! instructions, and the machine, which runs them. Read in this order:
//!
//! - [`ops`]: the table of instructions, from which everything else derives;
//! - [`instr`]: the 64-bit instruction word and its typed operands;
//! - [`code`]: [`Code`], the immutable unit that is shared by every interpreter of the process;
//! - [`constant`]: the constants a code object carries;
//! - [`serial`]: code objects as bytes;
//! - [`verify`]: what may run;
//! - [`doc`]: the document of the instruction set;
//! - [`disasm`]: listings for people;
//! - [`location`]: source positions of instructions, and the exception table.

pub mod code;
pub mod constant;
pub mod disasm;
pub mod doc;
pub mod instr;
pub mod location;
pub mod ops;
pub mod serial;
pub mod verify;

pub use code::{CellVar, Code, CodeFlags};
pub use constant::Const;
pub use instr::Instr;
pub use location::{ExcEntry, Location, LocationTable};
pub use ops::Op;
