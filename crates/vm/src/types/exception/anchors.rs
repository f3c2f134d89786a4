//! Text of uncaught exceptions: anchors.
