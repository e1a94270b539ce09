//! Where spending is kept: a seam with two sides, in memory and shared.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::account::Account;
use crate::model::Cost;
use crate::server::shared_store::StoreError;

/// How long what was set aside counts if it is never settled: longer than any run lasts, whose limits are 270
/// seconds for each of two phases.
pub(super) const SET_ASIDE_FOR: Duration = Duration::from_mins(10);

/// How long a day's spending is kept.
pub(super) const KEPT_FOR: Duration = Duration::from_hours(48);

/// What is spent of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::server) struct Standing {
    /// What calls that have ended have cost.
    pub(in crate::server) spent: Cost,
    /// What is set aside for calls under way.
    pub(in crate::server) reserved: Cost,
}

impl Standing {
    /// What can't be set aside.
    pub(super) fn total(&self) -> Cost {
        self.spent + self.reserved
    }
}

/// What is to be set aside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) id: &'a str,
    pub(super) amount: Cost,
    /// The most that may be spent and set aside together.
    pub(super) limit: Cost,
}

/// Where spending is kept.
pub(super) trait BudgetStore: fmt::Debug + Send + Sync {
    /// Sets that aside if there is room for it; how the account stood before, and whether there was.
    fn reserve<'a>(
        &'a self,
        account: Account,
        wish: Wish<'a>,
    ) -> BoxFuture<'a, Result<(Standing, bool), StoreError>>;

    /// What was set aside under that id is free, and so much is spent.
    fn settle<'a>(
        &'a self,
        account: Account,
        id: &'a str,
        spent: Cost,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// How the account stands.
    fn read(&self, account: Account) -> BoxFuture<'_, Result<Standing, StoreError>>;
}
