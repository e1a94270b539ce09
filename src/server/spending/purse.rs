//! What a subject's calls are paid out of.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use uuid::Uuid;

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
            let id = Uuid::new_v4().simple().to_string();
            let account = self.budgets.reserve(&self.subject, &id, worst_case, self.limit).await?;
            let budgets = self.budgets.clone();
            let reserved = Reserved { budgets, account, id, worst_case, is_settled: false };
            Ok(Box::new(reserved) as Box<dyn SetAside>)
        }
        .boxed()
    }
}

/// What was set aside for a call.
#[derive(Debug)]
struct Reserved {
    budgets: Budgets,
    account: Account,
    id: String,
    worst_case: Cost,
    is_settled: bool,
}

impl SetAside for Reserved {
    fn settle(mut self: Box<Self>, spent: Cost) {
        self.is_settled = true;
        self.budgets.settle(self.account, self.id.clone(), spent);
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if !self.is_settled {
            self.budgets.settle(self.account, self.id.clone(), self.worst_case);
        }
    }
}
