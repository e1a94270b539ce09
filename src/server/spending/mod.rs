//! What each subject may spend in a day of universal time, and has spent.
//!
//! What a call may cost at most is set aside before it, atomically with everything that other calls of the subject
//! have set aside, in this process's book or in the store that replicas share. After the call that becomes what it has
//! cost. A call whose cost nobody came to know, because its client left or the connection broke, counts at its worst
//! case: a budget may end early for that, and is never overspent.
//!
//! Each process tells the store all that it has spent of an account, a figure that only grows, rather than each
//! call's cost: what is told twice, late or to a store that has lost everything is right all the same. What a process
//! had set aside that died ends by itself.

mod account;
mod book;
mod budgets;
mod purse;
mod redis_store;
mod store;
#[cfg(test)]
mod tests;

pub(super) use budgets::Budgets;
