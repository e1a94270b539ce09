//! What is set aside for a call, in the run's own budget and elsewhere.

use super::budget::{Reservation, spent};
use super::{Purse, PurseRefusal, SetAside};
use crate::model::{AttemptUsage, Cost};

/// What is set aside for a call.
pub(super) struct Paid<'a> {
    own: Reservation<'a>,
    of_purse: Option<Box<dyn SetAside>>,
    worst_case: Cost,
}

impl<'a> Paid<'a> {
    /// That much, which the run's own budget has already, out of the purse too.
    pub(super) async fn out_of(
        own: Reservation<'a>,
        purse: Option<&dyn Purse>,
        worst_case: Cost,
    ) -> Result<Self, PurseRefusal> {
        let of_purse = match purse {
            None => None,
            Some(purse) => match purse.reserve(worst_case).await {
                Ok(set_aside) => Some(set_aside),
                Err(refusal) => {
                    own.release();
                    return Err(refusal);
                }
            },
        };
        Ok(Self { own, of_purse, worst_case })
    }

    /// Nothing was sent.
    pub(super) fn release(self) {
        self.settle(&AttemptUsage::Nothing, Some(Cost::ZERO));
    }

    /// The call has ended.
    pub(super) fn settle(self, usage: &AttemptUsage, cost: Option<Cost>) {
        if let Some(set_aside) = self.of_purse {
            set_aside.settle(spent(self.worst_case, usage, cost));
        }
        self.own.settle(usage, cost);
    }
}
