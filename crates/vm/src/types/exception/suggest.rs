//! Text of uncaught exceptions: suggest.
