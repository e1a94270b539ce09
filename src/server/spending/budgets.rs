//! All budgets of a server.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::account::Account;
use super::book::Book;
use super::purse::{Reserved, SubjectPurse};
use super::redis_store::RedisStore;
use super::store::{BudgetStore, Seen, Standing, Wish};
use crate::chain::{Purse, PurseRefusal};
use crate::model::Cost;
use crate::server::auth::Identity;
use crate::server::shared_store::{SharedStore, StoreError};
use crate::settings::OnStorageError;
use crate::sync::lock;
use crate::telemetry::metrics::{BudgetDecision, Metrics};

/// How often it is tried to tell the store what was spent while it was gone.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How often a server that ends tries.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// When it is worth asking again where calls under way have set aside what is left: they end all the time.
const CALLS_END_IN: Duration = Duration::from_secs(1);

/// All budgets of a server. Clones share what is spent.
#[derive(Clone)]
pub(in crate::server) struct Budgets {
    /// What every subject may spend in a day; `None` for no limit.
    per_day: Option<Cost>,
    shared: Option<Arc<dyn BudgetStore>>,
    on_error: OnStorageError,
    /// What this process knows: all, if nothing is shared.
    book: Arc<Book>,
    metrics: Arc<Metrics>,
    clock: fn() -> u64,
    /// Those on the way to tell the store what was spent.
    tellers: Arc<Mutex<JoinSet<()>>>,
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
        let (book, tellers) = (Arc::default(), Arc::default());
        Self { per_day: None, shared, on_error, book, metrics, clock, tellers }
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
        let standing = match self.exchange(account, None).await {
            Some(Ok(seen)) => seen.standing,
            Some(Err(_)) if self.on_error == OnStorageError::Deny => return Err(PurseRefusal::Unavailable),
            Some(Err(_)) | None => self.book.standing(account),
        };
        Ok(Some(BudgetStanding { limit, standing, resets_at: account.ends_at() }))
    }

    /// The lower of what the server and what the token says.
    fn limit(&self, identity: &Identity) -> Option<Cost> {
        let claimed = identity.budget_usd.map(Cost::from_usd);
        [self.per_day, claimed].into_iter().flatten().min()
    }

    /// Sets aside what a call may cost at most. Dropped before it is known whether that is done, it is undone.
    pub(super) async fn reserve(
        &self,
        subject: &str,
        amount: Cost,
        limit: Cost,
    ) -> Result<Reserved, PurseRefusal> {
        let now = (self.clock)();
        let account = Account::of(subject, now);
        let call = self.book.begin(account);
        let (budgets, may_be_shared) = (self.clone(), self.shared.is_some());
        let mut reserved =
            Reserved { budgets, account, call, cost: Cost::ZERO, is_refused: false, may_be_shared };
        let wish = Wish { call, amount, limit };
        let ((standing, has_room), degraded) = match self.exchange(account, Some(wish)).await {
            None => (self.book.set_aside(account, wish), false),
            Some(Ok(seen)) => {
                reserved.may_be_shared = seen.has_room;
                ((seen.standing, seen.has_room), false)
            }
            Some(Err(error)) => {
                reserved.may_be_shared = error.is_in_doubt();
                if self.on_error == OnStorageError::Deny {
                    self.metrics.budget_decided(BudgetDecision::unavailable, true);
                    return Err(PurseRefusal::Unavailable);
                }
                (self.book.set_aside(account, wish), true)
            }
        };
        let decision = if has_room { BudgetDecision::reserved } else { BudgetDecision::refused };
        self.metrics.budget_decided(decision, degraded);
        if has_room {
            reserved.cost = amount;
            return Ok(reserved);
        }
        reserved.is_refused = true;
        Err(if amount > limit {
            PurseRefusal::TooDear { worst_case: amount, limit }
        } else if standing.spent + amount > limit {
            PurseRefusal::Spent { more_in: account.ends_in(now) }
        } else {
            PurseRefusal::SetAside { more_in: CALLS_END_IN }
        })
    }

    /// Books what a call has cost, and has the store told.
    pub(super) fn settle(&self, reserved: &Reserved) {
        let Reserved { account, call, cost, may_be_shared, .. } = *reserved;
        self.metrics.budget_settled(cost);
        self.book.settle(account, call, cost);
        let is_news = self.shared.is_some() && (may_be_shared || cost > Cost::ZERO);
        // Without a runtime the process is ending, and there is nobody to do it.
        let Some(runtime) = Handle::try_current().ok().filter(|_| is_news) else { return };
        if self.book.must_be_told(account) {
            let mut tellers = self.tellers();
            while tellers.try_join_next().is_some() {}
            tellers.spawn_on(self.clone().tell(account), &runtime);
        }
    }

    /// Has the store told everything, as soon as it is there. Whoever is on the way to it needn't come back.
    pub(in crate::server) async fn settle_up(&self) {
        drop(std::mem::take(&mut *self.tellers()));
        for account in self.book.with_news() {
            while let Some(Err(_)) = self.exchange(account, None).await {
                sleep(ASK_EVERY).await;
            }
        }
    }

    /// What was spent, and the shared store hasn't been told.
    pub(in crate::server) fn untold(&self) -> Cost {
        if self.shared.is_some() { self.book.untold() } else { Cost::ZERO }
    }

    pub(super) fn tellers(&self) -> MutexGuard<'_, JoinSet<()>> {
        lock(&self.tellers)
    }

    /// Tells the store what is spent, and asks it; `None` if nothing is shared.
    async fn exchange(&self, account: Account, wish: Option<Wish>) -> Option<Result<Seen, StoreError>> {
        let shared = self.shared.as_ref()?;
        let statement = self.book.statement(account);
        let seen = shared.exchange(account, &statement, wish).await;
        if let Ok(seen) = &seen {
            self.book.heard(account, &statement, seen, wish);
        }
        Some(seen)
    }

    /// Tells the store what is spent until it knows, also if it has to come back first. There is one of these for
    /// an account at a time, however many calls end meanwhile.
    async fn tell(self, account: Account) {
        let mut is_late = false;
        while let Some(answer) = self.exchange(account, None).await {
            match answer {
                Ok(_) if self.book.is_told(account) => return,
                Ok(_) => {}
                Err(error) => {
                    if !std::mem::replace(&mut is_late, true) {
                        let error_type = error.fault.as_str();
                        tracing::debug!(%error, error_type, "What was spent can't be booked yet");
                    }
                    if (self.clock)() >= account.ends_at() {
                        // Nobody is kept from anything by that day any more.
                        return self.book.close(account);
                    }
                    sleep(TELL_EVERY).await;
                }
            }
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
