//! The builtin types, a folder each: `mod` (payload and what the machine needs), `methods` (what Python sees).

pub mod slots;
pub mod typeobj;

pub mod object;
pub mod singletons;

pub mod complex;
pub mod float;
pub mod format;
pub mod int;

pub mod bytearray;
pub mod bytes;
pub mod memoryview;
pub mod str;

pub mod dict;
pub mod list;
pub mod mappingproxy;
pub mod range;
pub mod set;
pub mod slice;
pub mod tuple;

pub mod builtin;
pub mod cell;
pub mod code;
pub mod descr;
pub mod frame;
pub mod function;
pub mod generator;
pub mod method;
pub mod module;
pub mod property;
pub mod super_;
pub mod traceback;

pub mod exception;
pub mod generic_alias;
pub mod iter;
pub mod namespace;
pub mod template;
pub mod typevar;
pub mod weakref;
