//! The Message Batches API: many requests taken in at once, made one after the other in a task of their own,
//! and handed out as lines when all of them are done.
//!
//! ```text
//! endpoints     the handlers; what they share stands in visit, and the list's pages in paging
//!   envelope    reads what is to be made, and refuses what the API refuses at once
//!   store       all batches, in memory until they are deleted (clock)
//!     batch     one of them: what was ordered, how far it is
//! processing    the task that makes what was ordered, or leaves it when the batch is canceled or expires
//!   call        one request: counted, logged and answered like one that comes alone
//! ```

mod batch;
mod call;
mod clock;
mod endpoints;
mod envelope;
mod paging;
mod processing;
mod store;
mod visit;

pub(super) use endpoints::{cancel, create, delete, list, results, show};
pub(super) use processing::process_batches;
pub(super) use store::{Batches, Orders};
