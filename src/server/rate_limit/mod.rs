//! How many requests pass: fixed windows, each beginning with its first request.
//!
//! A [`RateLimiter`] is given whose request it is and the time, and gives a [`Verdict`] back; it must not
//! know of requests or read a clock. A [`Decision`] is made of how each limit stands, wherever that is
//! kept: a `RateLimitStore` is in memory, where a `WindowTable` keeps it, or in the store that replicas share.
//! Both decide the same, which a test keeps. While the shared one is gone, requests are counted in memory from
//! where it was last seen to stand, or refused.
//!
//! # Under attack
//!
//! Memory is bounded: a kind of route keeps the windows of at most 100 000 keys, tens of megabytes
//! in all. Whoever can call under more keys than that in one window pushes out the key whose windows end
//! soonest, whose count then begins anew before its time: limits get looser for some, and are never
//! stricter. Subjects can't be made up, addresses only by who owns many networks, as those of one IPv6
//! network count as one; and a flood of failed authentication touches no window of another kind of route.

mod decision;
mod key;
mod limiter;
mod memory_store;
mod redis_store;
mod store;
mod window_table;

#[cfg(test)]
mod tests;

pub use decision::{Decision, Outcome};
pub use key::RateKey;
pub use limiter::{RateLimiter, Scope, Uncounted, Verdict};
