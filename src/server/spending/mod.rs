//! What each subject may spend in a day of universal time, and has spent.
//!
//! What a call may cost at most is set aside before it, atomically with everything that other calls of the subject
//! have set aside, in memory or in the store that replicas share. After the call that becomes what it has cost. What
//! a process had set aside that died ends by itself. A call whose cost nobody came to know, because its client left or
//! the connection broke, counts at its worst case: a budget may end early for that, and is never overspent.
//!
//! While the shared store is gone, memory goes on from what was last heard of it, and what is spent meanwhile is
//! booked when it is back. What may be set aside there for a call that was never made is given back.

mod account;
mod bookings;
mod budgets;
mod ledger;
mod memory_store;
mod purse;
mod redis_store;
mod store;
#[cfg(test)]
mod tests;

pub(super) use budgets::Budgets;
