//! One interpreter's machine: values, heap, object model, builtin types, eval loop.
