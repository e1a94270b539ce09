//! One way to take a lock.
//!
//! What is behind such a lock is changed by plain code that neither waits nor calls anybody, so that a panic elsewhere
//! leaves nothing half done. What threads can do to one another is then decided by the order alone in which they come
//! to the locks, and tests go through these orders.

#[cfg(test)]
pub(crate) mod orders;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the lock, also after a panic of whoever held it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    #[cfg(test)]
    if let Some(guard) = orders::lock(mutex) {
        return guard;
    }
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
