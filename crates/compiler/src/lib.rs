//! Python 3.14 source to Serpens bytecode.
