//! The provider seam: what the chain asks of a language model, and what it gets back.
//!
//! [`Model`] has two implementations: the Anthropic client in [`anthropic`], and the scripted
//! double that the engine's tests use. Nothing here knows of steps, gates or retries.

pub mod anthropic;
mod batch;
mod call_error;
mod catalog;
mod catalog_file;
mod cost;
mod reply;
mod reply_schema;
mod request;
#[cfg(test)]
pub(crate) mod scripted;
mod shared_text;
mod token_estimate;
mod unrecorded;
mod usage;

use std::pin::Pin;

use futures_core::Stream;

use crate::trace_context::TraceContext;

pub use batch::{Batch, BatchCounts, BatchOutcome, BatchPage, BatchResult, BatchResults, BatchStatus};
pub(crate) use call_error::NOT_HTTP;
pub use call_error::{CallError, CallErrorKind};
pub use catalog::{Catalog, ModelEntry, RetiredModel, ThinkingSupport};
pub use catalog_file::CatalogError;
pub use cost::{CallCost, Cost, Prices, TokenPrices};
pub use reply::{ReplyEvent, StopReason};
pub use reply_schema::ReplySchema;
pub use request::{ModelRequest, Role, SystemBlock, Thinking, Turn};
pub use shared_text::SharedText;
pub use token_estimate::estimate_tokens;
pub use unrecorded::Unrecorded;
pub use usage::{AttemptUsage, Usage};

/// A reply as it arrives. Ends after [`ReplyEvent::Finished`] or the first error; dropping it
/// closes the connection to the upstream.
pub type ReplyStream = Pin<Box<dyn Stream<Item = Result<ReplyEvent, CallError>> + Send>>;

/// The future of [`Model::call`]; dropping it closes the connection to the upstream.
pub type CallFuture<'a> = Pin<Box<dyn Future<Output = Result<ReplyStream, CallError>> + Send + 'a>>;

/// A language model that can be called once and answers with a stream.
pub trait Model: Send + Sync {
    /// Names the upstream (its origin, such as `https://api.anthropic.com`), so that what is
    /// learnt about it, a broken circuit for instance, is shared by all who call it.
    fn upstream(&self) -> &str;

    /// Sends `request` once, without any retry, and resolves when the reply's head has arrived. The upstream is
    /// told where in a trace the call stands, if it stands in one.
    ///
    /// # Errors
    /// Whatever went wrong before the reply began; what goes wrong later comes out of the stream.
    fn call<'a>(&'a self, request: &'a ModelRequest, trace: Option<&'a TraceContext>) -> CallFuture<'a>;
}
