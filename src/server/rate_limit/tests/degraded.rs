//! Who decides while the shared store is gone.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;

use super::super::decision::Standing;
use super::super::limiter::{Uncounted, Verdict};
use super::super::store::{Counted, RateLimitStore};
use super::*;
use crate::server::shared_store::StoreError;
use crate::settings::OnStorageError;

/// Answers with these: how many requests had passed in the only window and the seconds that it still lasts,
/// or nothing.
#[derive(Debug)]
struct ScriptedStore(Mutex<VecDeque<Option<(u32, u64)>>>);

impl RateLimitStore for ScriptedStore {
    fn take<'a>(&'a self, request: Counted<'a>) -> BoxFuture<'a, Result<Vec<Standing>, StoreError>> {
        let answer = self.0.lock().unwrap().pop_front().expect("nobody asks more often");
        let standing = answer.map(|(used, seconds)| {
            vec![Standing { limit: request.limits[0], used, reset_in: Duration::from_secs(seconds) }]
        });
        ready(standing.ok_or_else(StoreError::unexpected)).boxed()
    }
}

fn shared(on_error: OnStorageError, answers: impl IntoIterator<Item = Option<(u32, u64)>>) -> RateLimiter {
    let store = ScriptedStore(Mutex::new(answers.into_iter().collect()));
    RateLimiter::over(&limits(), Arc::new(store), on_error)
}

fn limits() -> RateLimits {
    let ten = vec![limit(10, 1, RateUnit::Minute)];
    RateLimits { enabled: true, chat_completions: ten.clone(), models: ten.clone(), default: ten }
}

fn ask(limiter: &RateLimiter, now: Instant) -> Result<Option<Verdict>, Uncounted> {
    limiter.decide(Scope::Models, &subject("alice"), now).now_or_never().unwrap()
}

/// What is decided: by whom, and whether somebody else should have; what remains, or the wait.
fn told(limiter: &RateLimiter, now: Instant) -> String {
    let Verdict { decision, backend, degraded } = ask(limiter, now).unwrap().unwrap();
    let degraded = if degraded { " degraded" } else { "" };
    let reset = decision.reset_in.as_secs();
    match decision.outcome {
        Outcome::Allowed => format!("{backend:?}{degraded}: {} remain for {reset}", decision.remaining),
        Outcome::Refused => format!("{backend:?}{degraded}: refused for {reset}"),
    }
}

#[test]
fn the_shared_store_decides_while_it_is_there() {
    let limiter =
        shared(OnStorageError::Memory, [Some((0, 60)), Some((9, 30)), Some((10, 20)), Some((10, 10))]);
    let now = Instant::now();
    let told = [(); 4].map(|()| told(&limiter, now));
    let refused = ["redis: refused for 20", "redis: refused for 10"];
    assert_eq!(told[..2], ["redis: 9 remain for 60", "redis: 0 remain for 30"]);
    assert_eq!(told[2..], refused);
}

#[test]
fn memory_decides_while_it_is_gone_from_where_it_was_last_seen_to_stand() {
    let limiter =
        shared(OnStorageError::Memory, [Some((7, 40)), None, None, None, None, None, Some((1, 50)), None]);
    let start = Instant::now();
    let at = |second| start + Duration::from_secs(second);
    assert_eq!(told(&limiter, at(0)), "redis: 2 remain for 40");
    assert_eq!(told(&limiter, at(1)), "memory degraded: 1 remain for 39");
    assert_eq!(told(&limiter, at(2)), "memory degraded: 0 remain for 38");
    assert_eq!(told(&limiter, at(3)), "memory degraded: refused for 37");
    assert_eq!(told(&limiter, at(40)), "memory degraded: 9 remain for 60");
    assert_eq!(told(&limiter, at(41)), "memory degraded: 8 remain for 59");
    assert_eq!(told(&limiter, at(42)), "redis: 8 remain for 50", "what was counted meanwhile isn't there");
    assert_eq!(told(&limiter, at(43)), "memory degraded: 7 remain for 49");
}

#[test]
fn nobody_decides_while_it_is_gone_if_requests_are_then_to_be_refused() {
    let limiter = shared(OnStorageError::Deny, [Some((0, 60)), None, None, Some((1, 50))]);
    let now = Instant::now();
    assert_eq!(told(&limiter, now), "redis: 9 remain for 60");
    assert_eq!(ask(&limiter, now), Err(Uncounted));
    assert_eq!(ask(&limiter, now), Err(Uncounted));
    assert_eq!(told(&limiter, now), "redis: 8 remain for 50");
}

#[test]
fn whoever_is_not_limited_is_not_asked_about() {
    let off = RateLimits { enabled: false, ..limits() };
    let store = ScriptedStore(Mutex::default());
    let limiter = RateLimiter::over(&off, Arc::new(store), OnStorageError::Deny);
    assert_eq!(ask(&limiter, Instant::now()), Ok(None));
}

#[test]
fn other_limits_ask_the_same_store_and_go_on_in_the_same_windows_without_it() {
    let first = shared(OnStorageError::Memory, [Some((4, 60)), Some((5, 50)), None, None, Some((6, 40))]);
    let now = Instant::now();
    assert_eq!(told(&first, now), "redis: 5 remain for 60");
    let seven = vec![limit(7, 1, RateUnit::Minute)];
    let second = first.with_limits(&RateLimits { models: seven, ..limits() });
    assert_eq!(told(&second, now), "redis: 1 remain for 50");
    assert_eq!(told(&second, now), "memory degraded: 0 remain for 50", "it goes by what was learned");
    assert_eq!(told(&second, now), "memory degraded: refused for 50");
    assert_eq!(told(&first, now), "redis: 3 remain for 40", "a request that began by the old limits");
}
