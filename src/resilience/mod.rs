//! What to do about an upstream that fails: stop asking for a while, or ask again a little later.
//!
//! Knows nothing of prompts, replies or Claude: a caller says how a call went, and is told whether
//! and when the next one may begin. Nothing here sleeps or calls anything.

mod breaker;
mod circuit;
mod observer;
mod registry;
mod retry;

pub use breaker::{Breaker, Open, Permit};
pub use circuit::{BreakerConfig, BreakerState, Transition, TransitionReason};
pub use observer::BreakerObserver;
pub use registry::{BreakerRegistry, BreakerStatus};
pub use retry::{Delays, RetryPolicy, Wait};
