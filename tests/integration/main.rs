//! The program as its users meet it: the binary against the simulator, and the files that are made from
//! the program.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod artifacts;
mod batch;
mod clients;
mod config;
#[cfg(target_os = "linux")]
mod crash;
mod faults;
mod help;
#[cfg(unix)]
mod init;
mod junit_reader;
mod layering;
#[cfg(unix)]
mod monitoring;
#[cfg(target_os = "linux")]
mod packaging;
mod run;
mod schemas;
#[cfg(unix)]
mod secrets;
#[cfg(unix)]
mod serve;
mod simulate;
mod support;
mod token;
mod truth;
mod validate;
