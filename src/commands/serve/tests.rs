//! Reloads of all settings, in process.
