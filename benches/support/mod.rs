//! What the benches of a server have in common: the server as a process, tokens that it takes, what it
//! answers, and what the system knows of it.

#![allow(dead_code, unused_imports, reason = "each bench takes what it needs of it")]

mod answer;
mod process;
mod server;
mod token;

pub(crate) use answer::{frames, is_ended};
pub(crate) use process::{cpu_seconds, open_files, resident_kib, threads};
pub(crate) use server::{Server, discard, free_address};
pub(crate) use token::{SECRET, token, token_with};
