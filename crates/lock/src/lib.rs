//! The per-interpreter lock: attach and detach, fair hand-off, switch interval, eval-breaker word, pending calls.
