//! The instruction set of Serpens: one table, code objects, exception and location tables, verifier, disassembler.
