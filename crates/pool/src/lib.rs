//! The work-stealing pool of isolated interpreters.
//!
//! Empty so far: nothing here claims to work. Until it exists, `concurrent.futures.InterpreterPoolExecutor` of the embedded
//! library is the pool (see `docs/compatibility.md`).
