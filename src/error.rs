//! The error of the whole program: message, hint, exit code.
