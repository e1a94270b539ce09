//! What of a run is kept under the `Idempotency-Key` of its request, so that a repeat pays only for what had
//! failed: its finished steps, in memory or in the store that replicas share.
//!
//! A [`Claim`] says whose repeat of what it is. Whoever [opens](Checkpoints::open) it first has a [`Lease`] on it,
//! which a task behind it renews; another one waits, and has it when the lease has been given back or has
//! lapsed, because the process that held it died. No subject can come by another's: the subject is part of the name.
//!
//! Checkpoints save money, and nothing else: where the store is gone, or what is in it can't be read, a run goes on
//! as if there were none.

mod checkpoint;
mod checkpoints;
mod cipher;
mod claim;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod idempotency_key;
mod lease;
mod memory_store;
mod redis_store;
mod store;
#[cfg(test)]
mod tests;

pub(super) use checkpoint::Checkpoint;
pub(super) use checkpoints::{Checkpoints, Opened};
pub(super) use claim::{Asked, Claim};
pub(super) use idempotency_key::IdempotencyKey;
pub(super) use lease::Lease;
