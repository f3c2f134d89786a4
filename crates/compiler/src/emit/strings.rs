//! String constants.

use super::{Emitter, Result};
use ruff_python_ast::*;
use serpens_bytecode::constant::Const;

impl<'a> Emitter<'a> {
    /// The constant of a string literal.
    pub(super) fn string_const(&mut self, x: &'a ExprStringLiteral) -> Result<Const> {
        let bytes = crate::strings::literal(x, self.source);
        Ok(Const::Str(bytes.into()))
    }

    /// The constant of a docstring, without indentation.
    pub(super) fn docstring_const(&mut self, x: &'a ExprStringLiteral) -> Result<Const> {
        let bytes = crate::strings::literal(x, self.source);
        Ok(Const::Str(crate::strings::clean_doc(&bytes).into()))
    }
}
