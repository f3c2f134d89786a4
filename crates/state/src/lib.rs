//! Interpreter state and globals isolation: runtime, interpreters, thread states, imports, builtins and sys.
