//! Calls at the same time: in every order in which a few of them can come to a circuit, it does what the reference does
//! when it is told of the same things one after the other; and no more probes are under way than are allowed.

use std::sync::Mutex;

use super::reference::{Held, Reference};
use super::*;
use crate::resilience::BreakerRegistry;
use crate::sync::orders::{Task, in_every_order, in_orders_at_random, together};

/// What a thread does next.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Asks whether an attempt may begin, and holds the permit.
    Admit,
    /// Ends what it holds, if it was admitted.
    Succeed,
    Fail,
    Drop,
    /// Has other rules hold.
    Reconfigure(BreakerConfig),
}

use Act::{Admit, Drop, Fail, Reconfigure, Succeed};

/// What was done, and what came of it, in the order in which it took effect.
#[derive(Debug, Clone, Copy)]
enum Done {
    Admitted { by: usize, is_probe: Option<bool> },
    Ended { by: usize, outcome: Option<bool> },
    Reconfigured(BreakerConfig),
}

type Log = Arc<Mutex<Vec<Done>>>;

/// What a thread does. What it did is written down before anybody else can come to a lock.
fn thread(by: usize, acts: &'static [Act], breaker: &Arc<Breaker>, log: &Log) -> Task {
    let (breaker, log) = (Arc::clone(breaker), Arc::clone(log));
    Box::new(move || {
        let write = |done| log.lock().unwrap().push(done);
        let mut held = None;
        for &act in acts {
            let outcome = match act {
                Admit => {
                    held = breaker.admit().ok();
                    write(Done::Admitted { by, is_probe: held.as_ref().map(Permit::is_probe) });
                    continue;
                }
                Reconfigure(config) => {
                    breaker.reconfigure(config);
                    write(Done::Reconfigured(config));
                    continue;
                }
                Succeed => Some(true),
                Fail => Some(false),
                Drop => None,
            };
            if let Some(permit) = held.take() {
                match outcome {
                    Some(true) => permit.succeed(),
                    Some(false) => permit.fail(),
                    None => drop(permit),
                }
                write(Done::Ended { by, outcome });
            }
        }
    })
}

/// Has the reference do the same. It is asserted that the two agree at every step.
fn replay(config: BreakerConfig, log: &[Done]) -> Reference {
    let (mut reference, now) = (Reference::new(config), Instant::now());
    let mut held: [Option<Held>; 8] = [None; 8];
    for &done in log {
        match done {
            Done::Admitted { by, is_probe } => {
                held[by] = reference.admit(now).ok();
                assert_eq!(held[by].map(|permit| permit.is_probe), is_probe, "{log:?}");
            }
            Done::Ended { by, outcome } => reference.end(held[by].take().unwrap(), outcome, now),
            Done::Reconfigured(config) => reference.reconfigure(config),
        }
    }
    reference
}

/// Never passes, or has passed at once: no clock decides anything here.
const FOR_EVER: Duration = Duration::from_hours(1);
const NO_TIME: Duration = Duration::ZERO;

fn rules(failure_threshold: u32, half_open_attempts: u32, open_for: Duration) -> BreakerConfig {
    BreakerConfig { open_for, ..config(failure_threshold, half_open_attempts) }
}

fn begin(config: BreakerConfig, before: &'static [Act]) -> (Arc<Breaker>, Log) {
    let (breaker, log) = (breaker(config), Log::default());
    thread(7, before, &breaker, &log)();
    (breaker, log)
}

/// Lets threads do that at the same time, after something was done, in every order that there is.
#[track_caller]
fn check<const N: usize>(config: BreakerConfig, before: &'static [Act], acts: [&'static [Act]; N]) {
    let orders = in_every_order(move || {
        let (breaker, log) = begin(config, before);
        together(acts.into_iter().enumerate().map(|(by, acts)| thread(by, acts, &breaker, &log)));
        let log = log.lock().unwrap();
        let reference = replay(config, &log);
        assert_eq!(breaker.state().as_str(), reference.state(Instant::now()), "{log:?}");
        assert_eq!(room(&breaker), reference.room(Instant::now()).unwrap_or(MANY), "{log:?}");
    });
    assert!(orders >= 20, "{orders} orders");
}

#[test]
fn failures_and_successes_of_calls_under_way_count_in_the_order_in_which_they_come() {
    let config = rules(2, 1, FOR_EVER);
    check(config, &[], [&[Admit, Fail], &[Admit, Fail], &[Admit, Succeed]]);
    check(config, &[Admit, Fail], [&[Admit, Fail], &[Admit, Drop], &[Admit, Succeed]]);
}

#[test]
fn no_more_probes_are_under_way_than_are_allowed_however_they_end() {
    let probes: [[&'static [Act]; 3]; 5] = [
        [&[Admit, Succeed], &[Admit, Succeed], &[Admit, Succeed]],
        [&[Admit, Succeed], &[Admit, Drop], &[Admit, Drop]],
        [&[Admit, Succeed], &[Admit, Fail], &[Admit, Drop]],
        [&[Admit, Fail], &[Admit, Fail], &[Admit, Succeed]],
        [&[Admit, Drop], &[Admit, Drop], &[Admit, Drop]],
    ];
    for threads in probes {
        for allowed in 1..=2 {
            check(rules(1, allowed, NO_TIME), &[Admit, Fail], threads);
        }
    }
}

#[test]
fn rules_that_change_meanwhile_hold_for_whoever_comes_next_and_lose_no_slot() {
    const FEWER: BreakerConfig =
        BreakerConfig { enabled: true, failure_threshold: 1, open_for: NO_TIME, half_open_attempts: 1 };
    const OFF: BreakerConfig = BreakerConfig { enabled: false, ..FEWER };
    let config = rules(2, 2, NO_TIME);
    for before in [&[][..], &[Admit, Fail, Admit, Fail]] {
        check(config, before, [&[Reconfigure(FEWER)], &[Admit, Succeed], &[Admit, Fail]]);
        check(config, before, [&[Reconfigure(OFF)], &[Admit, Drop], &[Admit, Fail]]);
        check(config, before, [&[Reconfigure(OFF), Reconfigure(FEWER)], &[Admit, Fail], &[Admit, Drop]]);
    }
}

#[test]
fn many_calls_at_once_never_have_more_probes_than_allowed() {
    const ENDS: [&[Act]; 6] = [
        &[Admit, Fail, Admit, Succeed],
        &[Admit, Drop, Admit, Drop],
        &[Admit, Succeed, Admit, Fail],
        &[Admit, Succeed, Admit, Drop],
        &[Admit, Drop, Admit, Fail],
        &[Admit, Succeed, Admit, Succeed],
    ];
    in_orders_at_random(3_000, || {
        let config = rules(2, 2, NO_TIME);
        let (breaker, log) = begin(config, &[Admit, Fail, Admit, Fail]);
        together(ENDS.into_iter().enumerate().map(|(by, acts)| thread(by, acts, &breaker, &log)));
        let log = log.lock().unwrap();
        let reference = replay(config, &log);
        assert_eq!(room(&breaker), reference.room(Instant::now()).unwrap_or(MANY), "{log:?}");
    });
}

#[test]
fn whoever_asks_at_the_same_time_gets_the_same_breaker_by_the_rules_that_hold_then() {
    in_orders_at_random(2_000, || {
        let registry = Arc::new(BreakerRegistry::new(rules(5, 1, FOR_EVER)));
        let got = Arc::new(Mutex::new(Vec::new()));
        let get = || -> Task {
            let (registry, got) = (Arc::clone(&registry), Arc::clone(&got));
            Box::new(move || {
                let breaker = registry.get("u", "m");
                breaker.admit().unwrap().fail();
                got.lock().unwrap().push(breaker);
            })
        };
        let reload = || -> Task {
            let registry = Arc::clone(&registry);
            Box::new(move || registry.reconfigure(rules(3, 1, FOR_EVER)))
        };
        together([get(), reload(), get()]);
        let got = got.lock().unwrap();
        assert!(Arc::ptr_eq(&got[0], &got[1]));
        assert!(got[0].admit().is_ok(), "two of three");
        got[0].admit().unwrap().fail();
        assert!(got[0].admit().is_err(), "by the new rules, whoever was first");
    });
}
