//! Who pays for the calls of a run, beyond the cap that it has of its own: whoever it is for may have a budget that
//! other runs, and other processes, spend out of too.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::model::Cost;

/// What the calls of a run are paid out of.
pub trait Purse: fmt::Debug + Send + Sync {
    /// Sets aside what a call may cost at most.
    fn reserve(&self, worst_case: Cost) -> BoxFuture<'_, Result<Box<dyn SetAside>, PurseRefusal>>;
}

/// What was set aside for a call. Dropped without being settled, it is spent: nobody knows what the upstream
/// went on to count.
pub trait SetAside: fmt::Debug + Send {
    /// The call has ended, and has cost that.
    fn settle(self: Box<Self>, spent: Cost);
}

/// Why a call isn't paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PurseRefusal {
    /// The call could cost more than is left.
    #[error("it could cost more than is left of the budget for the day")]
    Spent {
        /// How long until there is more.
        more_in: Duration,
    },
    /// The call could cost more than there is for a whole day: no other day helps.
    #[error("it could cost up to ${:.6}, more than the whole budget of ${:.6} for a day", worst_case.usd(), limit.usd())]
    TooDear {
        /// What it could cost at most.
        worst_case: Cost,
        /// The budget for a day.
        limit: Cost,
    },
    /// What is left is set aside for calls under way, of which most will cost less.
    #[error("what is left of the budget for the day is set aside for calls under way")]
    SetAside {
        /// When it is worth asking again.
        more_in: Duration,
    },
    /// Nobody can say what is left.
    #[error("what is left of the budget can't be found out")]
    Unavailable,
}
