//! What this process has spent and set aside, and what it has last heard of what others have. It decides where
//! nothing is shared, and while the shared store is gone.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use tokio::time::Instant;
use uuid::Uuid;

use super::account::Account;
use super::store::{SET_ASIDE_FOR, Seen, Standing, Wish};
use crate::model::Cost;
use crate::sync::lock;

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
    /// The number of the latest call.
    latest_call: u64,
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
    /// Its calls under way, and what is set aside for each; nothing yet while that is asked for.
    under_way: HashMap<u64, Cost>,
    /// What others had spent and set aside when the store was last asked, and until when the latter counts.
    others: Standing,
    others_until: Instant,
    /// How much of `spent` the store is known to know.
    told: Cost,
    /// How many calls of this process have ended, and of how many the store is known to know.
    ended: u64,
    told_ended: u64,
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
    /// The number of the latest call that it knows of.
    pub(super) latest_call: u64,
    /// Those calls up to it that haven't ended.
    pub(super) under_way: Vec<u64>,
    /// How many have ended, by which it is known what the store has been told.
    pub(super) ended: u64,
}

impl Book {
    /// A number for a call, which is under way from now on.
    pub(super) fn begin(&self, account: Account) -> u64 {
        let mut pages = self.pages();
        pages.latest_call += 1;
        let call = pages.latest_call;
        pages.of(account).under_way.insert(call, Cost::ZERO);
        call
    }

    /// What the store is to be told.
    pub(super) fn statement(&self, account: Account) -> Statement {
        let mut pages = self.pages();
        let latest_call = pages.latest_call;
        let page = pages.of(account);
        let under_way = page.under_way.keys().copied().collect();
        Statement { process: page.process, spent: page.spent, latest_call, under_way, ended: page.ended }
    }

    /// The store was told that, and answered so. What was wished is set aside if there was room, else the call is
    /// over.
    pub(super) fn heard(&self, account: Account, told: &Statement, seen: &Seen, wish: Option<Wish>) {
        let mut pages = self.pages();
        let page = pages.of(account);
        (page.others, page.others_until) = (seen.others, Instant::now() + SET_ASIDE_FOR);
        if page.process == told.process {
            page.told = page.told.max(told.spent);
            page.told_ended = page.told_ended.max(told.ended);
        }
        if let Some(wish) = wish {
            page.decide(wish, seen.has_room);
        }
    }

    /// Sets that aside if, by all that is known here, there is room for it, else the call is over; how the account stood before, and whether
    /// there was.
    pub(super) fn set_aside(&self, account: Account, wish: Wish) -> (Standing, bool) {
        let mut pages = self.pages();
        let page = pages.of(account);
        let standing = page.standing();
        let has_room = standing.total() + wish.amount <= wish.limit;
        page.decide(wish, has_room);
        (standing, has_room)
    }

    /// The call has ended, and has cost that.
    pub(super) fn settle(&self, account: Account, call: u64, cost: Cost) {
        let mut pages = self.pages();
        let page = pages.of(account);
        page.under_way.remove(&call);
        page.spent += cost;
        page.ended += 1;
    }

    /// Whether somebody has to go and tell the store, because nobody is on the way.
    pub(super) fn must_be_told(&self, account: Account) -> bool {
        !std::mem::replace(&mut self.pages().of(account).is_being_told, true)
    }

    /// Whether the store has been told everything, so that whoever tells it can go.
    pub(super) fn is_told(&self, account: Account) -> bool {
        let mut pages = self.pages();
        let page = pages.of(account);
        page.is_being_told = page.told_ended < page.ended;
        !page.is_being_told
    }

    /// The store won't be told any more.
    pub(super) fn close(&self, account: Account) {
        let mut pages = self.pages();
        let page = pages.of(account);
        (page.is_being_told, page.told, page.told_ended) = (false, page.spent, page.ended);
    }

    /// How it stands, by all that is known here.
    pub(super) fn standing(&self, account: Account) -> Standing {
        self.pages().by_account.get(&account).map(Page::standing).unwrap_or_default()
    }

    /// Of whom the store hasn't been told everything.
    pub(super) fn with_news(&self) -> Vec<Account> {
        let pages = self.pages();
        let with_news = pages.by_account.iter().filter(|(_, page)| page.told_ended < page.ended);
        with_news.map(|(account, _)| *account).collect()
    }

    /// What the store hasn't been told of all that is spent.
    pub(super) fn untold(&self) -> Cost {
        self.pages().by_account.values().map(|page| page.spent - page.told).sum()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        lock(&self.pages)
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
            under_way: HashMap::new(),
            others: Standing::default(),
            others_until: Instant::now(),
            told: Cost::ZERO,
            ended: 0,
            told_ended: 0,
            is_being_told: false,
        }
    }

    fn decide(&mut self, wish: Wish, has_room: bool) {
        if has_room {
            self.under_way.insert(wish.call, wish.amount);
        } else {
            self.under_way.remove(&wish.call);
        }
    }

    /// Whether something is under way that its end would be missed for.
    fn is_open(&self) -> bool {
        self.is_being_told || !self.under_way.is_empty()
    }

    fn standing(&self) -> Standing {
        let others = if Instant::now() < self.others_until { self.others.reserved } else { Cost::ZERO };
        let own: Cost = self.under_way.values().copied().sum();
        Standing { spent: self.others.spent + self.spent, reserved: others + own }
    }
}
