//! All budgets of a server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::account::Account;
use super::bookings::Bookings;
use super::ledger::Ledger;
use super::memory_store::MemoryStore;
use super::purse::{Place, Reserved, SubjectPurse};
use super::redis_store::RedisStore;
use super::store::{BudgetStore, Standing, Wish};
use crate::chain::{Purse, PurseRefusal};
use crate::model::Cost;
use crate::server::auth::Identity;
use crate::server::shared_store::SharedStore;
use crate::settings::OnStorageError;
use crate::telemetry::metrics::{BudgetDecision, Metrics};

/// When it is worth asking again where calls under way have set aside what is left: they end all the time.
const CALLS_END_IN: Duration = Duration::from_secs(1);

/// All budgets of a server. Clones share what is spent.
#[derive(Clone)]
pub(in crate::server) struct Budgets {
    /// What every subject may spend in a day; `None` for no limit.
    per_day: Option<Cost>,
    shared: Option<Shared>,
    /// Keeps spending if nothing is shared, and while it can't be.
    memory: Arc<MemoryStore>,
    metrics: Arc<Metrics>,
    clock: fn() -> u64,
}

/// Where spending is shared, what is still to be booked there, and what happens without it.
#[derive(Clone)]
struct Shared {
    store: Arc<dyn BudgetStore>,
    bookings: Arc<Bookings>,
    on_error: OnStorageError,
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
        let memory = Arc::new(MemoryStore::default());
        let shared = shared.map(|store| {
            let bookings = Bookings::new(Arc::clone(&store), Arc::clone(&memory), clock);
            Shared { store, bookings: Arc::new(bookings), on_error }
        });
        Self { per_day: None, shared, memory, metrics, clock }
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
        let account = self.account(&identity.subject);
        let standing = match &self.shared {
            None => self.memory.standing(account),
            Some(shared) => match shared.store.read(account).await {
                Ok(standing) => standing,
                Err(_) if shared.on_error == OnStorageError::Deny => return Err(PurseRefusal::Unavailable),
                Err(_) => self.memory.standing(account),
            },
        };
        Ok(Some(BudgetStanding { limit, standing, resets_at: account.ends_at() }))
    }

    /// The lower of what the server and what the token says.
    fn limit(&self, identity: &Identity) -> Option<Cost> {
        let claimed = identity.budget_usd.map(Cost::from_usd);
        [self.per_day, claimed].into_iter().flatten().min()
    }

    /// The subject's, today.
    pub(super) fn account(&self, subject: &str) -> Account {
        Account::of(subject, (self.clock)())
    }

    /// Sets that aside, and notes where: beforehand where it may be for all that is known, so that it is given back if
    /// nobody waits for the answer.
    pub(super) async fn reserve(
        &self,
        reserved: &mut Reserved,
        amount: Cost,
        limit: Cost,
    ) -> Result<(), PurseRefusal> {
        let id = reserved.id.clone();
        let wish = Wish { id: &id, amount, limit };
        let (asked, degraded) = match &self.shared {
            None => (self.reserve_in_memory(reserved, wish), false),
            Some(shared) => {
                reserved.place = Place::Shared;
                match shared.store.reserve(reserved.account, wish).await {
                    Ok((standing, has_room)) => {
                        let learn = |ledger: &mut Ledger, now| ledger.learn(standing, wish, has_room, now);
                        self.memory.with(reserved.account, learn);
                        if !has_room {
                            reserved.place = Place::Nowhere;
                        }
                        ((standing, has_room), false)
                    }
                    Err(error) => {
                        if !error.is_in_doubt() {
                            reserved.place = Place::Nowhere;
                        }
                        if shared.on_error == OnStorageError::Deny {
                            self.metrics.budget_decided(BudgetDecision::unavailable, true);
                            return Err(PurseRefusal::Unavailable);
                        }
                        (self.reserve_in_memory(reserved, wish), true)
                    }
                }
            }
        };
        let (standing, has_room) = asked;
        let decision = if has_room { BudgetDecision::reserved } else { BudgetDecision::refused };
        self.metrics.budget_decided(decision, degraded);
        if has_room {
            return Ok(());
        }
        let is_spent = standing.spent + amount > limit;
        let more_in = if is_spent { reserved.account.ends_in((self.clock)()) } else { CALLS_END_IN };
        Err(PurseRefusal::Spent { more_in })
    }

    fn reserve_in_memory(&self, reserved: &mut Reserved, wish: Wish<'_>) -> (Standing, bool) {
        let asked = self.memory.with(reserved.account, |ledger, now| ledger.reserve(wish, now));
        if asked.1 && reserved.place == Place::Nowhere {
            reserved.place = Place::Memory;
        }
        asked
    }

    /// What was set aside there under that id has become that, also if the store has to come back first.
    pub(super) fn settle(&self, account: Account, id: String, place: Place, spent: Cost) {
        self.metrics.budget_settled(spent);
        match (&self.shared, place) {
            (None, _) => self.memory.with(account, |ledger, _| ledger.settle(&id, spent)),
            (Some(shared), Place::Shared) => shared.bookings.book(account, id, spent),
            (Some(shared), _) => shared.bookings.add(account, &id, spent),
        }
    }

    /// Waits until everything is booked.
    pub(in crate::server) async fn settle_up(&self) {
        if let Some(shared) = &self.shared {
            shared.bookings.settle_up().await;
        }
    }

    /// What was spent, and isn't booked in the store yet.
    pub(in crate::server) fn unbooked(&self) -> Cost {
        self.memory.unbooked()
    }

    /// How many bookings are under way or wait for the store.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.shared.as_ref().map_or(0, |shared| shared.bookings.waiting())
    }
}

/// What it goes by.
impl fmt::Debug for Budgets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on_error = self.shared.as_ref().map(|shared| shared.on_error);
        out.debug_struct("Budgets")
            .field("per_day", &self.per_day)
            .field("on_error", &on_error)
            .finish_non_exhaustive()
    }
}
