//! What the tests need to run the binary against a simulator.

mod answering;
mod collector;
mod connection;
mod endless_upstream;
mod in_process;
mod loki;
mod messages_api;
mod metrics;
mod needs;
mod prices;
mod proxy;
mod python;
mod ran;
#[cfg(unix)]
mod redis;
mod request;
mod response;
mod served;
mod server_log;
mod tap;
#[cfg(unix)]
mod terminal;
mod upstream;

use std::time::Duration;

pub(crate) use answering::{Answering, Asked};
pub(crate) use collector::{Collector, Collects, said};
pub(crate) use connection::{Connection, Leaving};
pub(crate) use endless_upstream::EndlessUpstream;
pub(crate) use in_process::{InProcess, client, configured};
pub(crate) use loki::{FakeLoki, Takes};
pub(crate) use messages_api::{closing, delta, opening};
pub(crate) use metrics::Metrics;
pub(crate) use needs::{has_program, skip};
pub(crate) use prices::price;
pub(crate) use proxy::{Passes, Proxy};
pub(crate) use python::python;
pub(crate) use ran::{Command, Ran, Started, promptchain};
#[cfg(unix)]
pub(crate) use redis::{Redis, free_port, has_redis};
pub(crate) use request::Request;
pub(crate) use response::Response;
pub(crate) use served::{Ended, SECRET, Served, chat, chat_by, models, question, serve, token, token_for};
pub(crate) use server_log::ServerLog;
pub(crate) use tap::Tap;
#[cfg(unix)]
pub(crate) use terminal::Terminal;
pub(crate) use upstream::Upstream;

/// After so long without what is waited for a test has failed.
const PATIENCE: Duration = Duration::from_mins(1);
