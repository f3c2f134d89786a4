//! Sharing-safe types: buffers, arrays, channels, queues, and the portable form of a value that crosses.
