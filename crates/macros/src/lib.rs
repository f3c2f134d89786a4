//! Attribute macros that declare native modules, classes and functions.
