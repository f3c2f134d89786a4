//! Text of uncaught exceptions: render.
