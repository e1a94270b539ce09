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
            let mut reserved = Reserved::nothing(&self.budgets, &self.subject);
            self.budgets.reserve(&mut reserved, worst_case, self.limit).await?;
            reserved.if_dropped = worst_case;
            Ok(Box::new(reserved) as Box<dyn SetAside>)
        }
        .boxed()
    }
}

/// What is set aside for a call, or was asked for.
#[derive(Debug)]
pub(super) struct Reserved {
    budgets: Budgets,
    pub(super) account: Account,
    pub(super) id: String,
    pub(super) place: Place,
    /// What is spent if this is dropped: nothing, until the call is let pass.
    if_dropped: Cost,
}

/// Where something is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere, or it is settled.
    Nowhere,
    /// In memory alone.
    Memory,
    /// In the shared store; or it may be, for all that is known.
    Shared,
}

impl Reserved {
    fn nothing(budgets: &Budgets, subject: &str) -> Self {
        Self {
            account: budgets.account(subject),
            budgets: budgets.clone(),
            id: Uuid::new_v4().simple().to_string(),
            place: Place::Nowhere,
            if_dropped: Cost::ZERO,
        }
    }

    fn end(&mut self, spent: Cost) {
        match std::mem::replace(&mut self.place, Place::Nowhere) {
            Place::Nowhere => {}
            place => self.budgets.settle(self.account, std::mem::take(&mut self.id), place, spent),
        }
    }
}

impl SetAside for Reserved {
    fn settle(mut self: Box<Self>, spent: Cost) {
        self.end(spent);
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.end(self.if_dropped);
    }
}
