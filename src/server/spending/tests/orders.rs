//! Calls at the same time: in every order in which a few can come to an account, no more is let pass than there is, and
//! what is spent is what they have cost.

use std::sync::Mutex;

use super::*;
use crate::sync::orders::{Task, in_every_order, in_orders_at_random, together};

/// What a call may cost, and has cost; `None` if it is dropped.
type Call = (u64, Option<u64>);

/// What calls that were let pass have set aside and spent, in cents.
#[derive(Default)]
struct Taken {
    reserved: u64,
    spent: u64,
}

/// Makes a call. What it is let have is written down before anybody else can come to a lock.
fn call(budgets: &Budgets, (worst, cost): Call, taken: &Arc<Mutex<Taken>>) -> Task {
    let (purse, taken) = (budgets.purse(&alice(None)).unwrap(), Arc::clone(taken));
    Box::new(move || {
        let Ok(reserved) = set_aside(&purse, worst).now_or_never().unwrap() else {
            let taken = taken.lock().unwrap();
            assert!(taken.spent + taken.reserved + worst > 10, "there was room for {worst}");
            return;
        };
        {
            let mut taken = taken.lock().unwrap();
            taken.reserved += worst;
            assert!(taken.spent + taken.reserved <= 10, "more than there is");
        }
        match cost {
            Some(cost) => reserved.settle(cents(cost)),
            None => drop(reserved),
        }
        let mut taken = taken.lock().unwrap();
        taken.reserved -= worst;
        taken.spent += cost.unwrap_or(worst);
    })
}

fn check(calls: &[Call]) {
    let (budgets, taken) = (in_memory(|| MORNING), Arc::default());
    together(calls.iter().map(|&it| call(&budgets, it, &taken)));
    let spent = taken.lock().unwrap().spent;
    let told = budgets.standing(&alice(None)).now_or_never().unwrap().unwrap().unwrap().standing;
    assert_eq!(told, stands(spent, 0));
}

#[test]
fn in_every_order_the_limit_holds_and_nothing_is_lost() {
    for calls in [
        [(6, Some(2)), (6, Some(5)), (4, Some(4))],
        [(6, None), (4, Some(1)), (5, Some(0))],
        [(10, Some(0)), (10, Some(10)), (1, None)],
    ] {
        let orders = in_every_order(move || check(&calls));
        assert!(orders >= 6, "{orders} orders");
    }
}

#[test]
fn so_it_does_with_many_at_once() {
    in_orders_at_random(1_000, || {
        check(&[(3, Some(1)), (4, None), (5, Some(2)), (2, Some(2)), (6, Some(1)), (1, Some(1)), (3, None)]);
    });
}
