//! Runs threads in the orders in which they can come to locks.
//!
//! The threads are shuttle's, of which one at a time has its turn, on one thread of the system. Whoever is about to take
//! a lock may have others go first; between locks nobody has. What holds in every order of critical sections holds
//! for those threads, whatever the machine does, since all that they share is behind locks.
//!
//! [`in_every_order`] proves that for the threads of a test: few, each with a few locks. [`in_orders_at_random`] is for more
//! of them, and for locks that are taken under others; it finds what is wrong, and proves nothing. Neither says
//! anything of more threads than the test has, of time, which stands still here as far as it is asked for, or of what
//! tokio does by itself.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use shuttle::scheduler::{DfsScheduler, RandomScheduler, Schedule, Scheduler, Task as Turn, TaskId};
use shuttle::{Config, Runner, thread};

/// More orders than that take too long.
const MOST: usize = 20_000;

/// What a thread does.
pub(crate) type Task = Box<dyn FnOnce() + Send>;

/// Runs a test in every order that there is; how many these are.
#[track_caller]
pub(crate) fn in_every_order(test: impl Fn() + Send + Sync + 'static) -> usize {
    let orders = run(DfsScheduler::new(Some(MOST), false), test);
    assert!(orders < MOST, "there are more, which weren't tried");
    orders
}

/// Runs a test in so many orders, which are the same each time.
pub(crate) fn in_orders_at_random(orders: usize, test: impl Fn() + Send + Sync + 'static) {
    assert_eq!(run(RandomScheduler::new_from_seed(42, orders), test), orders);
}

/// Within such a test: all of that at the same time, to its end.
pub(crate) fn together(tasks: impl IntoIterator<Item = Task>) {
    let threads: Vec<_> = tasks.into_iter().map(thread::spawn).collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// The lock, before which others may have had their turns; `None` outside of such a test.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    // What shuttle knows of that, it would log.
    if !IS_UNDER_WAY.get() {
        return None;
    }
    loop {
        thread::yield_now();
        match mutex.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            // Whoever has it is to go on first.
            Err(TryLockError::WouldBlock) => {}
        }
    }
}

fn run(scheduler: impl Scheduler + 'static, test: impl Fn() + Send + Sync + 'static) -> usize {
    let mut config = Config::new();
    // Unoptimized code needs more than the default.
    config.stack_size = 512 * 1024;
    let _under_way = UnderWay::begin();
    Runner::new(AtLocks { scheduler, begun: HashSet::new() }, config).run(test)
}

thread_local! {
    /// Whether this thread of the system runs such a test.
    static IS_UNDER_WAY: Cell<bool> = const { Cell::new(false) };
}

struct UnderWay;

impl UnderWay {
    fn begin() -> Self {
        IS_UNDER_WAY.set(true);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        IS_UNDER_WAY.set(false);
    }
}

/// Asks another scheduler who is next, but only where that makes a difference: before a lock, and where whoever had
/// its turn has ended or waits. A thread that gets its first turn takes its first lock in it.
struct AtLocks<S> {
    scheduler: S,
    begun: HashSet<TaskId>,
}

impl<S: Scheduler> Scheduler for AtLocks<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.begun.clear();
        self.scheduler.new_execution()
    }

    fn next_task(&mut self, ready: &[&Turn], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        let is_ready = |task: &TaskId| ready.iter().any(|other| other.id() == *task);
        let goes_on = current.filter(is_ready).filter(|current| !is_yielding || self.begun.insert(*current));
        // The first thread only waits for the others, one after the other.
        let waits = || Some(TaskId::from(0)).filter(|first| Some(*first) != current && is_ready(first));
        let goes_on = goes_on.or_else(waits);
        goes_on.or_else(|| self.scheduler.next_task(ready, current, is_yielding))
    }

    fn next_u64(&mut self) -> u64 {
        self.scheduler.next_u64()
    }
}

/// What is read, and written in a turn of its own, gets lost in some orders: these are found.
#[test]
fn a_race_is_found_and_all_orders_are_gone_through() {
    let outcomes = Arc::new(Mutex::new(HashSet::new()));
    let seen = Arc::clone(&outcomes);
    let orders = in_every_order(move || {
        let count = Arc::new(Mutex::new(0));
        let add = || -> Task {
            let count = Arc::clone(&count);
            Box::new(move || {
                let read = *super::lock(&count);
                *super::lock(&count) = read + 1;
            })
        };
        together([add(), add(), add()]);
        seen.lock().unwrap().insert(*super::lock(&count));
    });
    assert_eq!(orders, 90, "of three threads with two locks each");
    assert_eq!(*outcomes.lock().unwrap(), HashSet::from([1, 2, 3]));
}
