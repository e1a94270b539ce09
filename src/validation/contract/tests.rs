//! The rules as a prompt author meets them.
