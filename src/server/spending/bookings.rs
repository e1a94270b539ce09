//! What was spent, on its way into the shared store: booked there at once, or when it is back.
//!
//! What is set aside there is booked call by call, under the id by which it is free then. While the store is gone,
//! calls are let pass in memory alone; what they have cost is added up, so that however many they are, one booking
//! waits for each account.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use super::account::Account;
use super::memory_store::MemoryStore;
use super::store::BudgetStore;
use crate::model::Cost;

/// How often it is tried to book what couldn't be.
const BOOK_EVERY: Duration = Duration::from_secs(5);

/// What is still to be booked. Dropped, it isn't.
pub(super) struct Bookings {
    queue: Arc<Queue>,
    tasks: Mutex<JoinSet<()>>,
}

/// What the tasks share.
struct Queue {
    store: Arc<dyn BudgetStore>,
    memory: Arc<MemoryStore>,
    clock: fn() -> u64,
    /// What is spent besides of each account that a task is behind.
    bills: Mutex<HashMap<Account, Cost>>,
}

impl Bookings {
    pub(super) fn new(store: Arc<dyn BudgetStore>, memory: Arc<MemoryStore>, clock: fn() -> u64) -> Self {
        let queue = Arc::new(Queue { store, memory, clock, bills: Mutex::default() });
        Self { queue, tasks: Mutex::default() }
    }

    /// What may be set aside in the store under that id has become that.
    pub(super) fn book(&self, account: Account, id: String, spent: Cost) {
        self.queue.memory.with(account, |ledger, _| ledger.owe(&id, spent));
        let queue = Arc::clone(&self.queue);
        self.spawn(async move { queue.book(account, &id, spent).await });
    }

    /// So much was spent, and was set aside under that id in memory alone.
    pub(super) fn add(&self, account: Account, id: &str, spent: Cost) {
        if self.queue.add(account, id, spent) {
            self.spawn(Arc::clone(&self.queue).pay(account));
        }
    }

    /// Waits until everything is booked.
    pub(super) async fn settle_up(&self) {
        loop {
            let mut tasks = std::mem::take(&mut *self.tasks());
            if tasks.is_empty() {
                return;
            }
            while tasks.join_next().await.is_some() {}
        }
    }

    /// How many tasks there are.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        let mut tasks = self.tasks();
        while tasks.try_join_next().is_some() {}
        tasks.len()
    }

    /// Without a runtime the process is ending, and there is nobody to do it.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut tasks = self.tasks();
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &runtime);
    }

    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Until it is booked, or the day is over and nobody asks for it any more.
    async fn book(&self, account: Account, id: &str, spent: Cost) {
        while let Err(error) = self.store.settle(account, id, spent).await {
            let error_type = error.fault.as_str();
            tracing::debug!(%error, error_type, "What was spent can't be booked yet");
            if (self.clock)() >= account.ends_at() {
                break;
            }
            sleep(BOOK_EVERY).await;
        }
        self.memory.with(account, |ledger, _| ledger.booked(id, spent));
    }

    /// Adds to an account's bill; whether somebody is needed to [pay](Self::pay) it.
    fn add(&self, account: Account, id: &str, spent: Cost) -> bool {
        self.memory.with(account, |ledger, _| ledger.owe(id, spent));
        match self.bills().entry(account) {
            Entry::Occupied(mut bill) => {
                *bill.get_mut() += spent;
                false
            }
            Entry::Vacant(bill) => {
                bill.insert(spent);
                true
            }
        }
    }

    /// Books what an account's calls have cost, and what further ones cost meanwhile.
    async fn pay(self: Arc<Self>, account: Account) {
        while let Some(spent) = self.next_of(account) {
            self.book(account, &Uuid::new_v4().simple().to_string(), spent).await;
        }
    }

    /// `None` once there is nothing, after which a further call begins anew.
    fn next_of(&self, account: Account) -> Option<Cost> {
        let mut bills = self.bills();
        let spent = std::mem::take(bills.get_mut(&account)?);
        if spent == Cost::ZERO {
            bills.remove(&account);
            return None;
        }
        Some(spent)
    }

    fn bills(&self) -> MutexGuard<'_, HashMap<Account, Cost>> {
        self.bills.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
