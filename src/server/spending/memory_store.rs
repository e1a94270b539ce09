//! Spending in memory, of a bounded number of accounts.

use std::collections::HashMap;
use std::fmt;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::account::Account;
use super::store::{BudgetStore, SET_ASIDE_FOR, Standing, Wish};
use crate::model::Cost;
use crate::server::shared_store::StoreError;

/// The most accounts of a day. Subjects can't be made up: whoever has more than that should share a store.
const MAX_ACCOUNTS: usize = 100_000;

/// Keeps spending in memory.
#[derive(Default)]
pub(super) struct MemoryStore {
    accounts: Mutex<HashMap<Account, Spending>>,
}

#[derive(Default)]
struct Spending {
    spent: Cost,
    set_aside: HashMap<String, (Cost, Instant)>,
}

impl Spending {
    fn standing(&mut self) -> Standing {
        let now = Instant::now();
        self.set_aside.retain(|_, (_, ends)| *ends > now);
        let reserved = self.set_aside.values().fold(Cost::ZERO, |sum, (amount, _)| sum + *amount);
        Standing { spent: self.spent, reserved }
    }
}

impl MemoryStore {
    /// The account was seen to stand so elsewhere: what was set aside there counts as spent here.
    pub(super) fn learn(&self, account: Account, standing: Standing) {
        let mut accounts = self.accounts();
        let spending = of(&mut accounts, account);
        spending.spent = standing.spent + standing.reserved;
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<Account, Spending>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The account, for which those of earlier days make room.
fn of(accounts: &mut HashMap<Account, Spending>, account: Account) -> &mut Spending {
    if !accounts.contains_key(&account) && accounts.len() >= MAX_ACCOUNTS {
        accounts.retain(|other, _| other.day >= account.day);
        // What has been spent least is missed least.
        let least = accounts.iter().min_by_key(|(_, it)| it.spent.picos()).map(|(account, _)| *account);
        if let Some(least) = least.filter(|_| accounts.len() >= MAX_ACCOUNTS) {
            accounts.remove(&least);
        }
    }
    accounts.entry(account).or_default()
}

impl BudgetStore for MemoryStore {
    fn reserve<'a>(
        &'a self,
        account: Account,
        wish: Wish<'a>,
    ) -> BoxFuture<'a, Result<(Standing, bool), StoreError>> {
        let mut accounts = self.accounts();
        let spending = of(&mut accounts, account);
        let standing = spending.standing();
        let has_room = standing.spent + standing.reserved + wish.amount <= wish.limit;
        if has_room {
            spending.set_aside.insert(wish.id.to_owned(), (wish.amount, Instant::now() + SET_ASIDE_FOR));
        }
        ready(Ok((standing, has_room))).boxed()
    }

    fn settle<'a>(
        &'a self,
        account: Account,
        id: &'a str,
        spent: Cost,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut accounts = self.accounts();
        let spending = of(&mut accounts, account);
        spending.set_aside.remove(id);
        spending.spent += spent;
        ready(Ok(())).boxed()
    }

    fn read(&self, account: Account) -> BoxFuture<'_, Result<Standing, StoreError>> {
        let standing = self.accounts().get_mut(&account).map(Spending::standing).unwrap_or_default();
        ready(Ok(standing)).boxed()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MemoryStore")
    }
}
