//! The limiter as its callers see it: who passes, over time, at once, and by a naive model.

mod degraded;
mod orders;
mod reloads;
mod stores;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::time::Instant;

use super::*;
use crate::settings::{RateLimit, RateLimits, RateUnit};
use crate::telemetry::metrics::LimitBackend;

fn limit(count: u32, periods: u32, unit: RateUnit) -> RateLimit {
    RateLimit { count, periods, unit }
}

fn limiter(chat_completions: &[RateLimit]) -> RateLimiter {
    let models = vec![limit(60, 1, RateUnit::Minute)];
    let default = vec![limit(100, 1, RateUnit::Hour)];
    let chat_completions = chat_completions.to_vec();
    RateLimiter::new(&RateLimits { enabled: true, chat_completions, models, default })
}

fn subject(name: &str) -> RateKey {
    RateKey::Subject(name.to_owned())
}

/// What is decided in memory, at once.
fn decide(limiter: &RateLimiter, scope: Scope, key: &RateKey, now: Instant) -> Option<Decision> {
    let verdict = limiter.decide(scope, key, now).now_or_never().unwrap().unwrap()?;
    assert_eq!((verdict.backend, verdict.degraded), (LimitBackend::memory, false));
    Some(verdict.decision)
}

/// Sends requests of one subject at these seconds, and compares what is shown for each: remaining and
/// seconds to the reset, or `refused` and the wait.
#[track_caller]
fn check(limits: &[RateLimit], requests: &[(u64, &str)]) {
    let (limiter, start) = (limiter(limits), Instant::now());
    for &(second, expected) in requests {
        let now = start + Duration::from_secs(second);
        let decision = decide(&limiter, Scope::ChatCompletions, &subject("alice"), now).unwrap();
        let reset = decision.reset_in.as_secs();
        let shown = match decision.outcome {
            Outcome::Allowed => format!("{} of {}, {reset}", decision.remaining, decision.limit.count),
            Outcome::Refused => format!("refused by {}, {reset}", decision.limit.count),
        };
        assert_eq!(shown, expected, "at {second} s");
    }
}

#[test]
fn a_window_begins_with_its_first_request() {
    check(
        &[limit(2, 1, RateUnit::Minute)],
        &[
            (7, "1 of 2, 60"),
            (50, "0 of 2, 17"),
            (66, "refused by 2, 1"),
            (67, "1 of 2, 60"),
            (200, "1 of 2, 60"),
        ],
    );
}

#[test]
fn refused_requests_do_not_count_and_do_not_lengthen_the_wait() {
    check(
        &[limit(1, 1, RateUnit::Minute)],
        &[
            (0, "0 of 1, 60"),
            (1, "refused by 1, 59"),
            (30, "refused by 1, 30"),
            (59, "refused by 1, 1"),
            (60, "0 of 1, 60"),
        ],
    );
}

#[test]
fn a_request_that_one_limit_refuses_counts_for_no_other() {
    check(
        &[limit(1, 1, RateUnit::Second), limit(3, 1, RateUnit::Minute)],
        &[
            (0, "0 of 1, 1"),
            (0, "refused by 1, 1"),
            (0, "refused by 1, 1"),
            (1, "0 of 1, 1"),
            (1, "refused by 1, 1"),
            (2, "0 of 3, 58"),
            (2, "refused by 3, 58"),
            (3, "refused by 3, 57"),
            (60, "0 of 1, 1"),
        ],
    );
}

#[test]
fn a_refused_request_begins_no_window() {
    check(
        &[limit(1, 10, RateUnit::Second), limit(2, 1, RateUnit::Minute)],
        &[
            (0, "0 of 1, 10"),
            (10, "0 of 2, 50"),
            (59, "refused by 2, 1"),
            (60, "0 of 1, 10"),
            (69, "refused by 1, 1"),
        ],
    );
}

#[test]
fn keys_and_scopes_are_counted_apart() {
    let (limiter, now) = (limiter(&[limit(1, 1, RateUnit::Minute)]), Instant::now());
    let address = |text: &str| RateKey::Address(text.parse::<IpAddr>().unwrap());
    let passes =
        |scope, key: &RateKey| decide(&limiter, scope, key, now).unwrap().outcome == Outcome::Allowed;
    for key in [subject("alice"), subject("bob"), address("203.0.113.9"), address("2001:db8::1")] {
        assert!(passes(Scope::ChatCompletions, &key), "{key:?}");
        assert!(!passes(Scope::ChatCompletions, &key), "{key:?}");
        assert!(passes(Scope::Models, &key) && passes(Scope::Default, &key), "{key:?}");
    }
    assert!(!passes(Scope::ChatCompletions, &address("2001:db8::2")), "of the same network");
    assert!(!passes(Scope::ChatCompletions, &address("::ffff:203.0.113.9")), "the same address");
}

#[test]
fn each_scope_has_its_own_limits() {
    let (limiter, now) = (limiter(&[limit(10, 1, RateUnit::Minute)]), Instant::now());
    let shown = [Scope::ChatCompletions, Scope::Models, Scope::Default]
        .map(|scope| decide(&limiter, scope, &subject("alice"), now).unwrap().limit.to_string());
    assert_eq!(shown, ["10 per 1 minute", "60 per 1 minute", "100 per 1 hour"]);
}

#[test]
fn nothing_is_decided_without_limits() {
    let ten = vec![limit(10, 1, RateUnit::Minute)];
    let off = RateLimits { enabled: false, chat_completions: ten.clone(), models: ten.clone(), default: ten };
    let now = Instant::now();
    for scope in [Scope::ChatCompletions, Scope::Models, Scope::Default] {
        assert_eq!(decide(&RateLimiter::new(&off), scope, &subject("alice"), now), None);
    }
    assert_eq!(decide(&limiter(&[]), Scope::ChatCompletions, &subject("alice"), now), None);
    assert!(decide(&limiter(&[]), Scope::Models, &subject("alice"), now).is_some());
}

#[test]
fn exactly_as_many_pass_as_the_limit_lets_even_at_once() {
    let limits = [limit(100, 1, RateUnit::Minute), limit(1_000, 1, RateUnit::Hour)];
    let (limiter, now, passed) = (limiter(&limits), Instant::now(), AtomicU32::new(0));
    let key = subject("alice");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let decision = decide(&limiter, Scope::ChatCompletions, &key, now).unwrap();
                    if decision.outcome == Outcome::Allowed {
                        passed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(passed.into_inner(), 100);
}

/// How a limit stands at `now` by the times of all requests that passed: used, and time to the reset.
fn replay(passed: &[Duration], limit: RateLimit, now: Duration) -> (u32, Duration) {
    let mut window: Option<(Duration, u32)> = None;
    for &at in passed {
        window = match window {
            Some((start, used)) if at < start + limit.window() => Some((start, used + 1)),
            _ => Some((at, 1)),
        };
    }
    match window {
        Some((start, used)) if now < start + limit.window() => {
            (used, (start + limit.window()).saturating_sub(now))
        }
        _ => (0, limit.window()),
    }
}

proptest! {
    #[test]
    fn every_decision_is_that_of_a_replay_of_all_requests_that_passed(
        limits in vec((1_u32..5, 1_u32..6), 1..4),
        requests in vec((0_u64..1_500, 0_usize..3), 0..120),
    ) {
        let limits: Vec<_> = limits.iter().map(|&(count, s)| limit(count, s, RateUnit::Second)).collect();
        let (limiter, start) = (limiter(&limits), Instant::now());
        let (mut passed, mut now) = ([const { Vec::new() }; 3], Duration::ZERO);
        for (millis, who) in requests {
            now += Duration::from_millis(millis);
            let key = subject(&who.to_string());
            let decision = decide(&limiter, Scope::ChatCompletions, &key, start + now).unwrap();

            let stand = |limit: &RateLimit| (*limit, replay(&passed[who], *limit, now));
            let standings: Vec<_> = limits.iter().map(stand).collect();
            let wait = standings.iter().filter(|(limit, (used, _))| *used == limit.count).map(|s| s.1.1).max();
            let least = standings.iter().map(|(limit, (used, _))| limit.count - used).min().unwrap();
            match decision.outcome {
                Outcome::Refused => prop_assert_eq!(Some(decision.reset_in), wait),
                Outcome::Allowed => {
                    prop_assert_eq!(wait, None);
                    prop_assert_eq!(decision.remaining + 1, least);
                    passed[who].push(now);
                }
            }
            let shown = (decision.limit, decision.reset_in);
            prop_assert!(standings.iter().any(|(limit, (_, reset_in))| (*limit, *reset_in) == shown));
        }
    }
}

#[test]
fn other_limits_count_on_in_windows_of_the_same_length_and_begin_the_others() {
    let start = Instant::now();
    let first = limiter(&[limit(3, 1, RateUnit::Minute), limit(10, 1, RateUnit::Hour)]);
    let pass = |limiter: &RateLimiter, seconds| {
        let now = start + Duration::from_secs(seconds);
        let decision = decide(limiter, Scope::ChatCompletions, &subject("alice"), now).unwrap();
        (decision.outcome == Outcome::Allowed, decision.remaining, decision.reset_in.as_secs())
    };
    let with = |earlier: &RateLimiter, enabled, chat_completions: &[RateLimit]| {
        let chat_completions = chat_completions.to_vec();
        earlier.with_limits(&RateLimits {
            enabled,
            chat_completions,
            models: Vec::new(),
            default: Vec::new(),
        })
    };
    assert_eq!([pass(&first, 0), pass(&first, 1)], [(true, 2, 60), (true, 1, 59)]);
    // Another place in the list, another count, the same window.
    let hourly = with(&first, true, &[limit(4, 1, RateUnit::Hour)]);
    assert_eq!(pass(&hourly, 2), (true, 1, 3598));
    assert_eq!([pass(&hourly, 3), pass(&hourly, 4)], [(true, 0, 3597), (false, 0, 3596)]);
    // Fewer than were counted.
    assert_eq!(pass(&with(&hourly, true, &[limit(2, 60, RateUnit::Minute)]), 5), (false, 0, 3595));
    let of_another_length = with(&hourly, true, &[limit(2, 1, RateUnit::Day)]);
    assert_eq!(pass(&of_another_length, 6), (true, 1, 86_400));
    let off = with(&of_another_length, false, &[limit(2, 1, RateUnit::Day)]);
    assert_eq!(decide(&off, Scope::ChatCompletions, &subject("alice"), start), None);
    let on_again = with(&off, true, &[limit(2, 1, RateUnit::Day)]);
    assert_eq!(pass(&on_again, 7), (true, 0, 86_399));
}
