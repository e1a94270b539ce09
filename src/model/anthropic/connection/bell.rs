//! Wakes the task that drives a connection, but not while it is at it.
//!
//! A connection and its reader tell each other of every chunk, and both are driven by the same task. With the task's
//! own waker each of these words would have the whole task polled once more, for nothing.

use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

use crate::sync::lock;

/// Stands between what wakes and the task that is woken.
#[derive(Default)]
pub(super) struct Bell {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// It has been rung while nobody was to be woken.
    rung: bool,
    /// Who waits. Nobody does while the task is at work, or elsewhere.
    waiting: Option<Waker>,
}

impl Bell {
    /// The task is at work: whatever rings meanwhile doesn't wake it.
    pub(super) fn silence(&self) {
        let mut state = lock(&self.state);
        state.rung = false;
        let before = state.waiting.take();
        drop(state);
        drop(before);
    }

    /// The task, whose waker that is, has done what it could, and waits. `false` if it must not: the bell has rung.
    pub(super) fn wait(&self, task: &Waker) -> bool {
        let mut state = lock(&self.state);
        if std::mem::take(&mut state.rung) {
            return false;
        }
        state.waiting = Some(task.clone());
        true
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        let waiting = state.waiting.take();
        state.rung |= waiting.is_none();
        drop(state);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_task_is_woken_once_while_it_waits_and_never_while_it_is_at_work() {
        let (bell, woken) = (Arc::new(Bell::default()), Arc::new(Woken::default()));
        let (ring, task) = (Waker::from(Arc::clone(&bell)), Waker::from(Arc::clone(&woken)));
        bell.silence();
        assert!(bell.wait(&task), "nothing has happened");
        ring.wake_by_ref();
        ring.wake_by_ref();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        bell.silence();
        ring.wake_by_ref();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert!(!bell.wait(&task), "what has happened meanwhile isn't missed");
        assert!(bell.wait(&task));
        bell.silence();
        ring.wake_by_ref();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1, "a task that has gone elsewhere isn't woken");
    }
}
