//! What is spent of one account, as far as this process knows: plain figures, without a lock or a clock.

use std::collections::HashMap;

use tokio::time::Instant;

use super::store::{SET_ASIDE_FOR, Standing, Wish};
use crate::model::Cost;

/// What is spent of an account.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// What is spent; where a store is shared, what it was last heard to say.
    spent: Cost,
    /// What is spent besides, of which the shared store doesn't know yet.
    unbooked: Cost,
    /// What this process has set aside, by id.
    set_aside: HashMap<String, SetAside>,
    /// What others have set aside in the shared store, and until when that counts.
    elsewhere: Option<(Cost, Instant)>,
}

#[derive(Debug)]
struct SetAside {
    amount: Cost,
    ends: Instant,
    /// Whether it is set aside in the shared store too.
    is_shared: bool,
    /// Whether it has been spent, of which the store may not know yet.
    is_spent: bool,
}

impl Ledger {
    pub(super) fn standing(&mut self, now: Instant) -> Standing {
        self.set_aside.retain(|_, it| it.ends > now);
        self.elsewhere = self.elsewhere.filter(|(_, ends)| *ends > now);
        let own: Cost = self.set_aside.values().filter(|it| !it.is_spent).map(|it| it.amount).sum();
        let elsewhere = self.elsewhere.map(|(amount, _)| amount).unwrap_or_default();
        Standing { spent: self.spent + self.unbooked, reserved: own + elsewhere }
    }

    /// Sets that aside if there is room for it; how the account stood before, and whether there was.
    pub(super) fn reserve(&mut self, wish: Wish<'_>, now: Instant) -> (Standing, bool) {
        let standing = self.standing(now);
        let has_room = standing.total() + wish.amount <= wish.limit;
        if has_room {
            self.hold(wish, now, false);
        }
        (standing, has_room)
    }

    /// What was set aside under that id is free, and so much is spent.
    pub(super) fn settle(&mut self, id: &str, spent: Cost) {
        self.set_aside.remove(id);
        self.spent += spent;
    }

    /// The shared store said that the account stood so, before it set aside what was wished for, if there was room.
    pub(super) fn learn(&mut self, standing: Standing, wish: Wish<'_>, has_room: bool, now: Instant) {
        let shared = self.set_aside.values().filter(|it| it.is_shared && it.ends > now);
        let own: Cost = shared.map(|it| it.amount).sum();
        self.spent = standing.spent;
        self.elsewhere = Some((standing.reserved - own, now + SET_ASIDE_FOR));
        if has_room {
            self.hold(wish, now, true);
        }
    }

    /// Of what was set aside under that id so much is spent, which is still to be booked. What is set aside in the shared
    /// store is so until then.
    pub(super) fn owe(&mut self, id: &str, spent: Cost) {
        match self.set_aside.get_mut(id) {
            Some(it) if it.is_shared => it.is_spent = true,
            _ => drop(self.set_aside.remove(id)),
        }
        self.unbooked += spent;
    }

    /// So much of that is booked now, under that id.
    pub(super) fn booked(&mut self, id: &str, spent: Cost) {
        self.set_aside.remove(id);
        self.unbooked = self.unbooked - spent;
        self.spent += spent;
    }

    pub(super) fn unbooked(&self) -> Cost {
        self.unbooked
    }

    fn hold(&mut self, Wish { id, amount, .. }: Wish<'_>, now: Instant, is_shared: bool) {
        self.set_aside.insert(id.to_owned(), SetAside { amount, ends: now + SET_ASIDE_FOR, is_shared, is_spent: false });
    }
}
