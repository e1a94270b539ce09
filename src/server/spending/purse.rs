//! What a subject's calls are paid out of.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::Budgets;
use super::account::Account;
use crate::chain::{Purse, PurseRefusal, SetAside};
use crate::model::Cost;

/// A subject's budget.
#[derive(Debug)]
pub(super) struct SubjectPurse {
    pub(super) budgets: Budgets,
    pub(super) subject: String,
    pub(super) limit: Cost,
}

impl Purse for SubjectPurse {
    fn reserve(&self, worst_case: Cost) -> BoxFuture<'_, Result<Box<dyn SetAside>, PurseRefusal>> {
        async move {
            let reserved = self.budgets.reserve(&self.subject, worst_case, self.limit).await?;
            Ok(Box::new(reserved) as Box<dyn SetAside>)
        }
        .boxed()
    }
}

/// What was set aside for a call, or may have been.
#[derive(Debug)]
pub(super) struct Reserved {
    pub(super) budgets: Budgets,
    pub(super) account: Account,
    pub(super) call: u64,
    /// What is booked when it goes: nothing while the call can't have begun, then what it may cost at most.
    pub(super) cost: Cost,
    /// Whether it is refused, so that nothing is held for it here.
    pub(super) is_refused: bool,
    /// Whether the store that replicas share may hold something for it.
    pub(super) may_be_shared: bool,
}

impl SetAside for Reserved {
    fn settle(mut self: Box<Self>, spent: Cost) {
        self.cost = spent;
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.may_be_shared || !self.is_refused {
            self.budgets.settle(self);
        }
    }
}
