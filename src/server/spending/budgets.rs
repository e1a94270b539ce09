//! All budgets of a server.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::account::Account;
use super::memory_store::MemoryStore;
use super::purse::SubjectPurse;
use super::redis_store::RedisStore;
use super::store::{BudgetStore, Standing, Wish};
use crate::chain::{Purse, PurseRefusal};
use crate::model::Cost;
use crate::server::auth::Identity;
use crate::server::shared_store::SharedStore;
use crate::settings::OnStorageError;
use crate::telemetry::metrics::{BudgetDecision, Metrics};

/// How often it is tried to book what was spent while the store was gone.
const BOOK_EVERY: Duration = Duration::from_secs(5);

/// All budgets of a server. Clones share what is spent.
#[derive(Clone)]
pub(in crate::server) struct Budgets {
    /// What every subject may spend in a day; `None` for no limit.
    per_day: Option<Cost>,
    shared: Option<Arc<dyn BudgetStore>>,
    on_error: OnStorageError,
    /// Keeps spending if nothing is shared, and while it can't be.
    memory: Arc<MemoryStore>,
    metrics: Arc<Metrics>,
    clock: fn() -> u64,
    /// Those that book what was spent.
    bookings: Arc<Mutex<JoinSet<()>>>,
}

/// How a subject's budget stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) struct BudgetStanding {
    pub(in crate::server) limit: Cost,
    pub(in crate::server) standing: Standing,
    /// When a new day begins, in seconds of unix time.
    pub(in crate::server) resets_at: u64,
}

impl Budgets {
    /// Kept in that store; `None` for in memory.
    pub(in crate::server) fn new(
        store: Option<Arc<SharedStore>>,
        on_error: OnStorageError,
        per_day: Option<f64>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let shared = store.map(|store| Arc::new(RedisStore::new(store)) as Arc<dyn BudgetStore>);
        Self::over(shared, on_error, metrics, crate::server::unix_time).with(per_day)
    }

    pub(super) fn over(
        shared: Option<Arc<dyn BudgetStore>>,
        on_error: OnStorageError,
        metrics: Arc<Metrics>,
        clock: fn() -> u64,
    ) -> Self {
        let (memory, bookings) = (Arc::default(), Arc::default());
        Self { per_day: None, shared, on_error, memory, metrics, clock, bookings }
    }

    /// The same by another limit; what is spent stays spent.
    pub(in crate::server) fn with(&self, per_day: Option<f64>) -> Self {
        Self { per_day: per_day.map(Cost::from_usd), ..self.clone() }
    }

    /// What its runs are paid out of; `None` if it has no budget.
    pub(in crate::server) fn purse(&self, identity: &Identity) -> Option<Arc<dyn Purse>> {
        let limit = self.limit(identity)?;
        let (budgets, subject) = (self.clone(), identity.subject.clone());
        Some(Arc::new(SubjectPurse { budgets, subject, limit }))
    }

    /// How it stands; `None` if it has no budget, so that nothing is counted.
    ///
    /// # Errors
    /// If nobody may say, because the store is gone.
    pub(in crate::server) async fn standing(
        &self,
        identity: &Identity,
    ) -> Result<Option<BudgetStanding>, PurseRefusal> {
        let Some(limit) = self.limit(identity) else { return Ok(None) };
        let account = Account::of(&identity.subject, (self.clock)());
        let of_shared = match &self.shared {
            Some(shared) => shared.read(account).await,
            None => self.memory.read(account).await,
        };
        let standing = match of_shared {
            Ok(standing) => standing,
            Err(_) if self.on_error == OnStorageError::Deny => return Err(PurseRefusal::Unavailable),
            Err(_) => self.memory.read(account).await.unwrap_or_default(),
        };
        Ok(Some(BudgetStanding { limit, standing, resets_at: account.ends_at() }))
    }

    /// The lower of what the server and what the token says.
    fn limit(&self, identity: &Identity) -> Option<Cost> {
        let claimed = identity.budget_usd.map(Cost::from_usd);
        [self.per_day, claimed].into_iter().flatten().min()
    }

    pub(super) async fn reserve(
        &self,
        subject: &str,
        id: &str,
        amount: Cost,
        limit: Cost,
    ) -> Result<Account, PurseRefusal> {
        let now = (self.clock)();
        let account = Account::of(subject, now);
        let wish = Wish { id, amount, limit };
        let asked = match &self.shared {
            Some(shared) => shared.reserve(account, wish).await,
            None => self.memory.reserve(account, wish).await,
        };
        let (has_room, degraded) = match asked {
            Ok((standing, has_room)) => {
                if self.shared.is_some() {
                    let kept = if has_room { amount } else { Cost::ZERO };
                    let reserved = standing.reserved + kept;
                    self.memory.learn(account, Standing { reserved, ..standing });
                }
                (has_room, false)
            }
            Err(_) if self.on_error == OnStorageError::Deny => {
                self.metrics.budget_decided(BudgetDecision::unavailable, true);
                return Err(PurseRefusal::Unavailable);
            }
            Err(_) => {
                let asked = self.memory.reserve(account, wish).await;
                (asked.is_ok_and(|(_, has_room)| has_room), true)
            }
        };
        let decision = if has_room { BudgetDecision::reserved } else { BudgetDecision::refused };
        self.metrics.budget_decided(decision, degraded);
        if has_room { Ok(account) } else { Err(PurseRefusal::Spent { more_in: account.ends_in(now) }) }
    }

    /// Books what a call has cost, also if the store has to come back first.
    pub(super) fn settle(&self, account: Account, id: String, spent: Cost) {
        self.metrics.budget_settled(spent);
        let mut bookings = self.bookings.lock().unwrap_or_else(PoisonError::into_inner);
        while bookings.try_join_next().is_some() {}
        bookings.spawn(self.clone().book(account, id, spent));
    }

    /// Waits until everything is booked.
    pub(in crate::server) async fn settle_up(&self) {
        let take = || std::mem::take(&mut *self.bookings.lock().unwrap_or_else(PoisonError::into_inner));
        let mut bookings = take();
        while bookings.join_next().await.is_some() {}
    }

    async fn book(self, account: Account, id: String, spent: Cost) {
        let Some(shared) = &self.shared else {
            drop(self.memory.settle(account, &id, spent).await);
            return;
        };
        let mut is_in_memory = false;
        while let Err(error) = shared.settle(account, &id, spent).await {
            if !std::mem::replace(&mut is_in_memory, true) {
                let error_type = error.fault.as_str();
                tracing::warn!(%error, error_type, "What was spent can't be booked yet");
                drop(self.memory.settle(account, &id, spent).await);
            }
            if (self.clock)() >= account.ends_at() {
                return;
            }
            sleep(BOOK_EVERY).await;
        }
    }
}

/// What it goes by.
impl fmt::Debug for Budgets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { per_day, shared, on_error, .. } = self;
        out.debug_struct("Budgets")
            .field("per_day", per_day)
            .field("shared", shared)
            .field("on_error", on_error)
            .finish_non_exhaustive()
    }
}
