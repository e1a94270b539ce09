//! What this process has spent and set aside, and what it has last heard of what others have. It decides where
//! nothing is shared, and while the shared store is gone.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::account::Account;
use super::store::{Seen, Standing, Wish};
use crate::model::Cost;

/// The most accounts of a day. Subjects can't be made up: whoever has more than that should share a store.
const MAX_ACCOUNTS: usize = 100_000;

/// What this process knows of all accounts.
#[derive(Debug, Default)]
pub(super) struct Book {
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    /// The latest day that anything was asked of.
    day: u64,
    /// How many calls there have been.
    calls: u64,
    by_account: HashMap<Account, Page>,
}

/// What it knows of one.
#[derive(Debug)]
struct Page {
    /// What the store knows this page by. One that was given up and begun anew is another process to it, so that
    /// what was told before still counts.
    process: Uuid,
    /// What calls of this process have cost.
    spent: Cost,
    /// What is set aside for those under way.
    set_aside: HashMap<u64, Cost>,
    /// What others had spent and set aside when the store was last asked.
    others: Cost,
    /// How much of `spent` the store is known to know.
    told: Cost,
    /// Calls that have ended, for which something may still be set aside in the store.
    freed: Vec<u64>,
    /// Whether somebody is on the way to tell the store.
    is_being_told: bool,
}

/// What the store is told of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// Who tells it.
    pub(super) process: Uuid,
    /// What it has spent so far.
    pub(super) spent: Cost,
    /// Calls that have ended.
    pub(super) freed: Vec<u64>,
}

impl Book {
    /// A number for a call.
    pub(super) fn number(&self) -> u64 {
        let mut pages = self.pages();
        pages.calls += 1;
        pages.calls
    }

    /// What the store is to be told.
    pub(super) fn statement(&self, account: Account) -> Statement {
        let mut pages = self.pages();
        let page = pages.of(account);
        Statement { process: page.process, spent: page.spent, freed: page.freed.clone() }
    }

    /// The store was told that, and answered so. What was wished is set aside if there was room.
    pub(super) fn heard(&self, account: Account, told: &Statement, seen: &Seen, wish: Option<Wish>) {
        let mut pages = self.pages();
        let page = pages.of(account);
        page.others = seen.others;
        if page.process == told.process {
            page.told = page.told.max(told.spent);
            page.freed.retain(|call| !told.freed.contains(call));
        }
        if let Some(wish) = wish.filter(|_| seen.has_room) {
            page.set_aside.insert(wish.call, wish.amount);
        }
    }

    /// Sets that aside if, by all that is known here, there is room for it.
    pub(super) fn set_aside(&self, account: Account, wish: Wish) -> bool {
        let mut pages = self.pages();
        let page = pages.of(account);
        let has_room = page.standing().total() + wish.amount <= wish.limit;
        if has_room {
            page.set_aside.insert(wish.call, wish.amount);
        }
        has_room
    }

    /// The call has ended, and has cost that.
    pub(super) fn settle(&self, account: Account, call: u64, cost: Cost) {
        let mut pages = self.pages();
        let page = pages.of(account);
        page.set_aside.remove(&call);
        page.spent += cost;
    }

    /// The call has ended, which the store doesn't know yet. Whether somebody has to go and tell it.
    pub(super) fn must_tell(&self, account: Account, call: u64) -> bool {
        let mut pages = self.pages();
        let page = pages.of(account);
        page.freed.push(call);
        !std::mem::replace(&mut page.is_being_told, true)
    }

    /// Whether the store has been told everything, so that whoever tells it can go.
    pub(super) fn is_told(&self, account: Account) -> bool {
        let mut pages = self.pages();
        let page = pages.of(account);
        page.is_being_told = page.told < page.spent || !page.freed.is_empty();
        !page.is_being_told
    }

    /// The store won't be told any more.
    pub(super) fn close(&self, account: Account) {
        let mut pages = self.pages();
        let page = pages.of(account);
        (page.is_being_told, page.freed) = (false, Vec::new());
    }

    /// How it stands, by all that is known here.
    pub(super) fn standing(&self, account: Account) -> Standing {
        self.pages().by_account.get(&account).map(Page::standing).unwrap_or_default()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    /// The account's page, for which finished ones of earlier days make room.
    fn of(&mut self, account: Account) -> &mut Page {
        if account.day > self.day {
            self.day = account.day;
            self.by_account.retain(|_, page| page.is_open());
        }
        if self.by_account.len() >= MAX_ACCOUNTS && !self.by_account.contains_key(&account) {
            // What has been spent least is missed least.
            let closed = self.by_account.iter().filter(|(_, page)| !page.is_open());
            let least = closed.min_by_key(|(_, page)| page.spent).map(|(account, _)| *account);
            least.and_then(|least| self.by_account.remove(&least));
        }
        self.by_account.entry(account).or_insert_with(Page::new)
    }
}

impl Page {
    fn new() -> Self {
        Self {
            process: Uuid::new_v4(),
            spent: Cost::ZERO,
            set_aside: HashMap::new(),
            others: Cost::ZERO,
            told: Cost::ZERO,
            freed: Vec::new(),
            is_being_told: false,
        }
    }

    /// Whether something is under way that its end would be missed for.
    fn is_open(&self) -> bool {
        self.is_being_told || !self.set_aside.is_empty()
    }

    /// What others have set aside counts as spent: nobody here will hear what becomes of it.
    fn standing(&self) -> Standing {
        Standing { spent: self.others + self.spent, reserved: self.set_aside.values().copied().sum() }
    }
}
