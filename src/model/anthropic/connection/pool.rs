//! Connections that wait for the next call.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::open::OpenConnection;
use crate::sync::lock;

/// How long an idle connection is kept for the next call. Longer, and servers and the gateways
/// before them tend to have closed it: the call would fail through no fault of theirs.
pub(super) const IDLE_CONNECTION: Duration = Duration::from_secs(15);

/// The connections that are free. The last that came free is taken first, so that those that aren't
/// needed are closed in time.
#[derive(Default)]
pub(super) struct Pool {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The last that came free is the last.
    idle: Vec<Idle>,
    /// Closes those whose time has come, as long as there are any.
    sweeper: JoinSet<()>,
}

struct Idle {
    connection: Box<OpenConnection>,
    since: Instant,
}

impl Pool {
    /// A connection that can be used, as far as one can know.
    pub(super) fn take(&self) -> Option<Box<OpenConnection>> {
        self.pop().map(|idle| idle.connection)
    }

    /// Whether there is such a connection. What turns out to be of no use is closed.
    #[cfg(test)]
    pub(super) fn has_any(self: &Arc<Self>) -> bool {
        self.pop().map(|idle| self.put(idle)).is_some()
    }

    /// Keeps `connection` for the next call if it can be used again, and closes it otherwise.
    pub(super) fn keep(self: &Arc<Self>, mut connection: Box<OpenConnection>) {
        if connection.is_free() {
            self.put(Idle { connection, since: Instant::now() });
        }
    }

    fn put(self: &Arc<Self>, idle: Idle) {
        // Without a runtime the process is ending.
        let Ok(runtime) = Handle::try_current() else { return };
        let until = idle.since + IDLE_CONNECTION;
        let mut state = lock(&self.state);
        state.idle.push(idle);
        while state.sweeper.try_join_next().is_some() {}
        if state.sweeper.is_empty() {
            state.sweeper.spawn_on(sweep(Arc::downgrade(self), until), &runtime);
        }
    }

    fn pop(&self) -> Option<Idle> {
        loop {
            // What is dropped here is dropped after the lock.
            let mut idle = lock(&self.state).idle.pop()?;
            if idle.since.elapsed() < IDLE_CONNECTION && idle.connection.is_free() {
                return Some(idle);
            }
        }
    }

    /// Closes those that have waited long enough, and says when the next one will have. If there is none, the
    /// sweeper must end: another is started when there is.
    fn close_old(&self) -> Option<Instant> {
        let mut state = lock(&self.state);
        let all = std::mem::take(&mut state.idle).into_iter();
        let (old, young) = all.partition(|idle| idle.since.elapsed() >= IDLE_CONNECTION);
        state.idle = young;
        let next = state.idle.iter().map(|idle| idle.since + IDLE_CONNECTION).min();
        if next.is_none() {
            state.sweeper.detach_all();
        }
        drop(state);
        close(old);
        next
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        close(std::mem::take(&mut lock(&self.state).idle));
    }
}

fn close(idle: Vec<Idle>) {
    for Idle { connection, .. } in idle {
        connection.close();
    }
}

async fn sweep(pool: Weak<Pool>, mut next: Instant) {
    loop {
        sleep_until(next).await;
        let Some(later) = pool.upgrade().and_then(|pool| pool.close_old()) else { return };
        next = later;
    }
}
