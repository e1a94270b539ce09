//! Scripted runs that every consumer is tested with.
