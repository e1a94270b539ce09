//! What browsers are shown: the page to try the chain, and the documentation of the API.
//!
//! Every file is inside the binary, and a page asks nobody but this server for anything: its
//! `Content-Security-Policy` forbids it.

mod asset;
mod docs;
mod playground;
#[cfg(test)]
mod tests;

pub use docs::docs_routes;
pub use playground::playground_routes;
