//! Requests let pass by a limit, counted in memory.

use std::error::Error;
use std::hint::black_box;

use futures_util::FutureExt as _;
use promptchain::server::rate_limit::{Outcome, RateKey, RateLimiter, Scope};
use promptchain::settings::{RateLimit, RateLimits, RateUnit};
use tokio::time::Instant;

use super::operation::{Operation, Prepared};

/// Of one client, and of as many as are remembered, in turn.
pub(crate) const OPERATIONS: &[Operation] =
    &[operation("limiter-1-key", || decided(1)), operation("limiter-100000-keys", || decided(100_000))];

const fn operation(name: &'static str, prepare: fn() -> Result<Prepared, Box<dyn Error>>) -> Operation {
    Operation { name, item: "decision", passes: 100_000, prepare }
}

fn decided(keys: usize) -> Result<Prepared, Box<dyn Error>> {
    // More than are asked for here, so that all pass.
    let limits = vec![RateLimit { count: u32::MAX, periods: 1, unit: RateUnit::Day }];
    let limiter = RateLimiter::new(&RateLimits {
        enabled: true,
        chat_completions: limits,
        models: Vec::new(),
        default: Vec::new(),
    });
    let keys: Vec<_> = (0..keys).map(|key| RateKey::Subject(format!("client {key}"))).collect();
    let now = Instant::now();
    let decide = move |key: &RateKey| limiter.decide(Scope::ChatCompletions, key, now).now_or_never();
    for key in &keys {
        let passes = decide(key).and_then(Result::ok).flatten();
        if passes.is_none_or(|verdict| verdict.decision.outcome != Outcome::Allowed) {
            return Err("a request is refused".into());
        }
    }
    let mut next = 0;
    let pass = move || {
        black_box(keys.get(next).map(&decide));
        next = (next + 1) % keys.len();
    };
    Ok(Prepared { pass: Box::new(pass), items: 1, bytes: None })
}
