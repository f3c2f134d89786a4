//! A work-stealing pool of isolated interpreters.
