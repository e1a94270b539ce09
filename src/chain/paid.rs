//! What is set aside for a call, in the run's own budget and elsewhere.

use super::budget::{Reservation, spent};
use super::{Purse, PurseRefusal, SetAside};
use crate::model::{AttemptUsage, Cost};

/// What is set aside for a call. Dropped, it is free again if the call wasn't sent; else it is spent.
pub(super) struct Paid<'a> {
    /// `None` once it is settled.
    set_aside: Option<Everywhere<'a>>,
    worst_case: Cost,
    is_sent: bool,
}

struct Everywhere<'a> {
    own: Reservation<'a>,
    of_purse: Option<Box<dyn SetAside>>,
}

impl<'a> Paid<'a> {
    /// That much, which the run's own budget has already, out of the purse too.
    pub(super) async fn out_of(
        own: Reservation<'a>,
        purse: Option<&dyn Purse>,
        worst_case: Cost,
    ) -> Result<Self, PurseRefusal> {
        let mut paid =
            Self { set_aside: Some(Everywhere { own, of_purse: None }), worst_case, is_sent: false };
        if let Some(purse) = purse {
            // Refused, or no longer waited for: what the run's own budget has set aside is free with `paid`.
            let of_purse = purse.reserve(worst_case).await?;
            if let Some(set_aside) = &mut paid.set_aside {
                set_aside.of_purse = Some(of_purse);
            }
        }
        Ok(paid)
    }

    /// From now on, nobody knows what the upstream counts until the call has ended.
    pub(super) fn sent(&mut self) {
        self.is_sent = true;
    }

    /// The call has ended.
    pub(super) fn settle(mut self, usage: &AttemptUsage, cost: Option<Cost>) {
        self.end(usage, cost);
    }

    fn end(&mut self, usage: &AttemptUsage, cost: Option<Cost>) {
        let Some(Everywhere { own, of_purse }) = self.set_aside.take() else { return };
        if let Some(of_purse) = of_purse {
            of_purse.settle(spent(self.worst_case, usage, cost));
        }
        own.settle(usage, cost);
    }
}

impl Drop for Paid<'_> {
    fn drop(&mut self) {
        if !self.is_sent {
            self.end(&AttemptUsage::Nothing, Some(Cost::ZERO));
        }
    }
}
