//! promptchain: a three-step prompt chain against Claude. (The architecture is told here.)

pub mod chain;
pub mod cli;
pub mod commands;
pub mod error;
pub mod model;
pub mod prompts;
pub mod report;
pub mod resilience;
pub mod settings;
pub mod simulator;
pub mod telemetry;
