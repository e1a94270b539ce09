//! Any sequence of requests, of time and of reloads, against a replay of all that passed.

use super::*;

#[derive(Debug, Clone)]
enum Event {
    /// So many milliseconds later, a request of that subject.
    Request(u64, usize),
    /// Other limits.
    Reload(Vec<RateLimit>),
}

fn limits() -> impl Strategy<Value = Vec<RateLimit>> {
    let limit = (1_u32..5, 1_u32..6).prop_map(|(count, seconds)| limit(count, seconds, RateUnit::Second));
    vec(limit, 1..4)
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => (0_u64..1_500, 0_usize..3).prop_map(|(millis, who)| Event::Request(millis, who)),
        1 => limits().prop_map(Event::Reload),
    ]
}

/// A request that passed: when, and by which limits.
struct Passed {
    at: Duration,
    limits: Vec<RateLimit>,
}

/// How a limit stands: used, and the time to the reset. A window goes on for as long as requests pass by limits that
/// have one of its length.
fn stands(passed: &[Passed], limit: RateLimit, now: Duration) -> (u32, Duration) {
    let length = limit.window();
    let mut window: Option<(Duration, u32)> = None;
    for Passed { at, limits } in passed {
        let has_window = limits.iter().any(|other| other.window() == length);
        window = has_window.then(|| match window {
            Some((start, used)) if *at < start + length => (start, used + 1),
            _ => (*at, 1),
        });
    }
    match window {
        Some((start, used)) if now < start + length => (used, (start + length).saturating_sub(now)),
        _ => (0, length),
    }
}

proptest! {
    #[test]
    fn whatever_limits_hold_when_a_decision_is_that_of_a_replay(
        first in limits(),
        events in vec(event(), 0..150),
    ) {
        let start = Instant::now();
        let (mut limiter, mut limits, mut now) = (limiter(&first), first, Duration::ZERO);
        let mut passed = [const { Vec::new() }; 3];
        for event in events {
            let (millis, who) = match event {
                Event::Request(millis, who) => (millis, who),
                Event::Reload(others) => {
                    let chat_completions = others.clone();
                    let (models, default) = (Vec::new(), Vec::new());
                    limiter = limiter.with_limits(&RateLimits { enabled: true, chat_completions, models, default });
                    limits = others;
                    continue;
                }
            };
            now += Duration::from_millis(millis);
            let key = subject(&who.to_string());
            let decision = decide(&limiter, Scope::ChatCompletions, &key, start + now).unwrap();

            let standings: Vec<_> =
                limits.iter().map(|limit| (*limit, stands(&passed[who], *limit, now))).collect();
            let full = standings.iter().filter(|(limit, (used, _))| *used >= limit.count);
            let wait = full.map(|(_, (_, reset_in))| *reset_in).max();
            match decision.outcome {
                Outcome::Refused => prop_assert_eq!(Some(decision.reset_in), wait),
                Outcome::Allowed => {
                    prop_assert_eq!(wait, None);
                    let least = standings.iter().map(|(limit, (used, _))| limit.count - used).min().unwrap();
                    prop_assert_eq!(decision.remaining + 1, least);
                    passed[who].push(Passed { at: now, limits: limits.clone() });
                }
            }
            let shown = (decision.limit, decision.reset_in);
            prop_assert!(standings.iter().any(|(limit, (_, reset_in))| (*limit, *reset_in) == shown));
        }
    }
}
