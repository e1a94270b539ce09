//! The parts of a divided step at the same time: whoever waits for room is woken, however the others end, and no more is
//! ever taken than there is.

use std::sync::Arc;

use shuttle::future::block_on;

use super::*;
use crate::sync::orders::{Task, in_every_order, in_orders_at_random, together};

const CENT: u64 = 10_000_000_000;

/// How a call ends.
#[derive(Clone, Copy)]
enum End {
    /// It has cost so many cents.
    Cost(u64),
    /// It is dropped, and so costs its worst.
    Dropped,
}

/// Makes a call of at most two cents out of a budget. One that isn't let in has waited for all that may free something.
fn call(budget: &Arc<Budget>, end: End) -> Task {
    let budget = Arc::clone(budget);
    Box::new(move || {
        let reserved = block_on(budget.reserve(StepName::Process, Cost::from_picos(2 * CENT)));
        let max = budget.max.unwrap();
        assert!(budget.lock().cost <= max);
        match (reserved, end) {
            (Ok(reserved), End::Cost(cents)) => {
                let usage = AttemptUsage::Counted(Usage::default());
                reserved.settle(&usage, Some(Cost::from_picos(cents * CENT)));
            }
            (Ok(reserved), End::Dropped) => drop(reserved),
            (Err(_), _) => assert!(budget.lock().cost + Cost::from_picos(2 * CENT) > max),
        }
    })
}

fn check(cents: u64, ends: &[End]) {
    let budget = Arc::new(Budget::new(Some(Cost::from_picos(cents * CENT)), Cost::ZERO));
    together(ends.iter().map(|end| call(&budget, *end)));
    let taken = budget.lock();
    assert_eq!((taken.calls, taken.waiting), (0, 0));
}

#[test]
fn in_every_order_of_two_calls_whoever_waits_is_woken() {
    for ends in [[End::Cost(1), End::Cost(2)], [End::Dropped, End::Cost(0)], [End::Cost(2), End::Dropped]] {
        for cents in [2, 3] {
            let orders = in_every_order(move || check(cents, &ends));
            assert!(orders >= 6, "{orders} orders");
        }
    }
}

#[test]
fn so_it_is_with_many_at_once() {
    in_orders_at_random(1_000, || {
        let (one, two, dropped) = (End::Cost(1), End::Cost(2), End::Dropped);
        check(5, &[one, dropped, one, two, End::Cost(0)]);
    });
}
