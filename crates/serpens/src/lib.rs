//! A Python runtime of many isolated interpreters in one process: the embedding API.
