//! Where replicas keep what they spend together.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::account::Account;
use super::book::Statement;
use crate::model::Cost;
use crate::server::shared_store::StoreError;

/// How long what was set aside counts if nobody frees it, because its process died: longer than any run lasts,
/// whose limits are 270 seconds for each of two phases.
pub(super) const SET_ASIDE_FOR: Duration = Duration::from_mins(10);

/// How long a day's spending is kept.
pub(super) const KEPT_FOR: Duration = Duration::from_hours(48);

/// What of an account is spent or can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::server) struct Standing {
    /// What calls that have ended have cost.
    pub(in crate::server) spent: Cost,
    /// What is set aside for calls under way.
    pub(in crate::server) reserved: Cost,
}

impl Standing {
    /// Both.
    pub(super) fn total(self) -> Cost {
        self.spent + self.reserved
    }
}

/// What is to be set aside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// Of all calls of this process, which.
    pub(super) call: u64,
    pub(super) amount: Cost,
    /// The most that may be spent and set aside together.
    pub(super) limit: Cost,
}

/// How an account stands with all replicas together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// Before anything was set aside.
    pub(super) standing: Standing,
    /// What of it is others', not this process's.
    pub(super) others: Standing,
    /// Whether what was wished is set aside.
    pub(super) has_room: bool,
}

/// Where replicas keep what they spend together.
pub(super) trait BudgetStore: fmt::Debug + Send + Sync {
    /// Tells what this process has spent and which of its calls are under way, and sets aside what is wished, if there
    /// is room for it. Told late or twice, it is the same.
    ///
    /// # Errors
    /// Why there is no answer.
    fn exchange<'a>(
        &'a self,
        account: Account,
        told: &'a Statement,
        wish: Option<Wish>,
    ) -> BoxFuture<'a, Result<Seen, StoreError>>;
}
