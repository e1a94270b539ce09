//! A model that follows a script: the engine's test double.
