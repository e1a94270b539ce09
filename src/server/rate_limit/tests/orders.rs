//! Requests at the same time, and a reload among them: in every order in which a few can come to the windows, each is
//! decided as if they had come one after the other.

use std::sync::{Arc, Mutex};

use super::*;
use crate::sync::orders::{Task, in_every_order, in_orders_at_random, together};

const HOUR: Duration = Duration::from_hours(1);

/// What came, and whether it passed, in the order in which it was counted.
#[derive(Debug, Clone)]
struct Counted {
    who: usize,
    limits: Vec<RateLimit>,
    passed: bool,
}

/// A request by whichever limits hold. What is decided is written down before anybody else can come to a lock.
fn request(limiter: &Arc<Mutex<Arc<RateLimiter>>>, who: usize, now: Instant, log: &Log) -> Task {
    let (limiter, log) = (Arc::clone(limiter), Arc::clone(log));
    Box::new(move || {
        let limiter = Arc::clone(&limiter.lock().unwrap());
        let decision = decide(&limiter, Scope::ChatCompletions, &subject(&who.to_string()), now).unwrap();
        let limits = limiter.limits_of(Scope::ChatCompletions).to_vec();
        log.lock().unwrap().push(Counted { who, limits, passed: decision.outcome == Outcome::Allowed });
    })
}

type Log = Arc<Mutex<Vec<Counted>>>;

fn current(limits: &[RateLimit]) -> Arc<Mutex<Arc<RateLimiter>>> {
    Arc::new(Mutex::new(Arc::new(limiter(limits))))
}

/// Requests of one moment pass until a limit's count of those before them that passed is full.
fn check(log: &[Counted]) {
    for (at, request) in log.iter().enumerate() {
        let before = log[..at].iter().filter(|other| other.who == request.who && other.passed).count();
        let has_room = request.limits.iter().all(|limit| before < limit.count as usize);
        assert_eq!(request.passed, has_room, "{at} of {log:?}");
    }
}

#[test]
fn exactly_as_many_pass_in_whichever_order_they_come() {
    let now = Instant::now();
    let orders = in_every_order(move || {
        let (limiter, log) =
            (current(&[limit(2, 1, RateUnit::Hour), limit(3, 1, RateUnit::Day)]), Log::default());
        together([0, 0, 1, 0].map(|who| request(&limiter, who, now, &log)));
        let log = log.lock().unwrap();
        check(&log);
        assert_eq!(log.iter().filter(|request| request.who == 0 && request.passed).count(), 2);
    });
    assert!(orders >= 6, "{orders} orders");
}

#[test]
fn a_reload_in_between_counts_on() {
    let now = Instant::now();
    let orders = in_every_order(move || {
        let (limiter, log) = (current(&[limit(1, 1, RateUnit::Hour)]), Log::default());
        let reload = |limiter: &Arc<Mutex<Arc<RateLimiter>>>| -> Task {
            let limiter = Arc::clone(limiter);
            Box::new(move || {
                let mut limiter = limiter.lock().unwrap();
                let hourly = vec![limit(2, 1, RateUnit::Hour)];
                let (models, default) = (Vec::new(), Vec::new());
                *limiter = Arc::new(limiter.with_limits(&RateLimits {
                    enabled: true,
                    chat_completions: hourly,
                    models,
                    default,
                }));
            })
        };
        together([
            request(&limiter, 0, now, &log),
            reload(&limiter),
            request(&limiter, 0, now, &log),
            request(&limiter, 0, now, &log),
        ]);
        check(&log.lock().unwrap());
    });
    assert!(orders >= 6, "{orders} orders");
}

#[test]
fn many_at_once_over_several_windows_pass_as_one_after_the_other() {
    let now = Instant::now();
    in_orders_at_random(1_000, move || {
        let (limiter, log) =
            (current(&[limit(3, 1, RateUnit::Minute), limit(5, 1, RateUnit::Hour)]), Log::default());
        let at_once = |now| together((0..8).map(|n| request(&limiter, n % 2, now, &log)));
        at_once(now);
        check(&log.lock().unwrap());
        // The shorter window has ended; of the longer, two of five are left to each.
        log.lock().unwrap().clear();
        at_once(now + Duration::from_mins(1));
        at_once(now + HOUR);
        let log = log.lock().unwrap();
        let passed = |from: usize| log[from..from + 8].iter().filter(|request| request.passed).count();
        assert_eq!((passed(0), passed(8)), (4, 6));
    });
}
