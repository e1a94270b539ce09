//! The engine: analyze → gate → process → gate → synthesize → gate.
