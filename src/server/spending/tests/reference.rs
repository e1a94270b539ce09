//! What the store is to do, in other words, and a store that may fail at it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending, ready};
use uuid::Uuid;

use super::super::account::Account;
use super::super::book::Statement;
use super::super::store::{BudgetStore, Seen, Standing, Wish};
use crate::model::Cost;
use crate::server::shared_store::StoreError;

/// How a store is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Mood {
    #[default]
    There,
    Gone,
    /// It does what it is asked for, and its answer comes too late.
    Late,
    /// It does what it is asked for, and doesn't answer.
    Silent,
}

/// A store in memory. What is set aside there doesn't end by itself.
#[derive(Debug, Default)]
pub(super) struct Reference {
    mood: Mutex<Mood>,
    exchanges: AtomicU64,
    accounts: Mutex<HashMap<Account, Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    spent: HashMap<Uuid, Cost>,
    reserved: HashMap<(Uuid, u64), Cost>,
}

impl Reference {
    pub(super) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Loses everything.
    pub(super) fn empty(&self) {
        self.accounts.lock().unwrap().clear();
    }

    /// How often it was asked.
    pub(super) fn exchanges(&self) -> u64 {
        self.exchanges.load(Ordering::SeqCst)
    }
}

impl Kept {
    fn standing(&self, is_counted: impl Fn(Uuid) -> bool) -> Standing {
        let spent = self.spent.iter().filter(|(process, _)| is_counted(**process));
        let reserved = self.reserved.iter().filter(|((process, _), _)| is_counted(*process));
        Standing { spent: spent.map(|(_, it)| *it).sum(), reserved: reserved.map(|(_, it)| *it).sum() }
    }

    fn exchange(&mut self, told: &Statement, wish: Option<Wish>) -> Seen {
        let own = self.spent.entry(told.process).or_default();
        *own = told.spent.max(*own);
        self.reserved.retain(|(process, call), _| {
            *process != told.process || *call > told.latest_call || told.under_way.contains(call)
        });
        let standing = self.standing(|_| true);
        let room = wish.filter(|wish| standing.total() + wish.amount <= wish.limit);
        let others = self.standing(|process| process != told.process);
        self.reserved.extend(room.map(|wish| ((told.process, wish.call), wish.amount)));
        Seen { standing, others, has_room: room.is_some() }
    }
}

impl BudgetStore for Reference {
    fn exchange<'a>(
        &'a self,
        account: Account,
        told: &'a Statement,
        wish: Option<Wish>,
    ) -> BoxFuture<'a, Result<Seen, StoreError>> {
        let mood = *self.mood.lock().unwrap();
        if let Mood::Gone = mood {
            return ready(Err(StoreError::connecting())).boxed();
        }
        self.exchanges.fetch_add(1, Ordering::SeqCst);
        let seen = self.accounts.lock().unwrap().entry(account).or_default().exchange(told, wish);
        match mood {
            Mood::Late => ready(Err(StoreError::late().in_doubt())).boxed(),
            Mood::Silent => pending().boxed(),
            Mood::There | Mood::Gone => ready(Ok(seen)).boxed(),
        }
    }
}
