//! Spending in memory, of a bounded number of accounts: all of it, or what is known of the shared store's while that
//! is gone.

use std::collections::HashMap;
use std::fmt;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::account::Account;
use super::ledger::Ledger;
use super::store::{BudgetStore, Standing, Wish};
use crate::model::Cost;
use crate::server::shared_store::StoreError;

/// The most accounts of a day. Subjects can't be made up: whoever has more than that should share a store.
const MAX_ACCOUNTS: usize = 100_000;

/// When there are too many, one in so many goes at a time, so that room is seldom looked for.
const FORGOTTEN_PART: usize = 64;

/// Keeps spending in memory.
pub(super) struct MemoryStore {
    accounts: Mutex<HashMap<Account, Ledger>>,
    max_accounts: usize,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_room_for(MAX_ACCOUNTS)
    }
}

impl MemoryStore {
    pub(super) fn with_room_for(max_accounts: usize) -> Self {
        Self { accounts: Mutex::default(), max_accounts }
    }

    /// Whatever is to be done with an account, at once.
    pub(super) fn with<T>(&self, account: Account, act: impl FnOnce(&mut Ledger, Instant) -> T) -> T {
        let mut accounts = self.accounts();
        if accounts.len() >= self.max_accounts && !accounts.contains_key(&account) {
            make_room(&mut accounts, account.day, self.max_accounts);
        }
        act(accounts.entry(account).or_default(), Instant::now())
    }

    /// How the account stands.
    pub(super) fn standing(&self, account: Account) -> Standing {
        let now = Instant::now();
        self.accounts().get_mut(&account).map(|ledger| ledger.standing(now)).unwrap_or_default()
    }

    /// What was spent of all accounts, and isn't booked elsewhere yet.
    pub(super) fn unbooked(&self) -> Cost {
        self.accounts().values().map(Ledger::unbooked).sum()
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<Account, Ledger>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accounts of earlier days go, and then those of which least would be missed.
fn make_room(accounts: &mut HashMap<Account, Ledger>, day: u64, max_accounts: usize) {
    accounts.retain(|account, _| account.day >= day);
    if accounts.len() < max_accounts {
        return;
    }
    let now = Instant::now();
    let mut known: Vec<_> =
        accounts.iter_mut().map(|(account, ledger)| (ledger.standing(now).total(), *account)).collect();
    let forgotten = (max_accounts / FORGOTTEN_PART).min(known.len().saturating_sub(1));
    let (less, least, _) = known.select_nth_unstable_by_key(forgotten, |(total, _)| *total);
    for (_, account) in less.iter().chain([&*least]) {
        accounts.remove(account);
    }
}

impl BudgetStore for MemoryStore {
    fn reserve<'a>(
        &'a self,
        account: Account,
        wish: Wish<'a>,
    ) -> BoxFuture<'a, Result<(Standing, bool), StoreError>> {
        ready(Ok(self.with(account, |ledger, now| ledger.reserve(wish, now)))).boxed()
    }

    fn settle<'a>(
        &'a self,
        account: Account,
        id: &'a str,
        spent: Cost,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.with(account, |ledger, _| ledger.settle(id, spent));
        ready(Ok(())).boxed()
    }

    fn read(&self, account: Account) -> BoxFuture<'_, Result<Standing, StoreError>> {
        ready(Ok(self.standing(account))).boxed()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MemoryStore")
    }
}
