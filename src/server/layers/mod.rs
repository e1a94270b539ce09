//! What every request passes through on its way to its handler, and every response on its way out: a file a
//! layer. Their order stands in one place, [`router`](super::router).

mod access_log;
mod arrival;
mod authenticate;
mod body_limit;
mod caller;
mod catch_panic;
mod cors;
mod host;
mod rate_limit;
mod request_id;
mod security_headers;

pub(super) use access_log::access_log;
pub(super) use arrival::Arrival;
pub(super) use authenticate::authenticate;
pub(super) use body_limit::{body_limit, read_body};
pub(super) use catch_panic::{catch_panic, internal_error};
pub(super) use cors::cors;
pub(super) use host::host;
pub(super) use rate_limit::rate_limit;
pub(super) use request_id::RequestId;
pub(super) use security_headers::{SECURITY_HEADERS, security_headers};
