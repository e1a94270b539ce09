//! Spending in the store that replicas share: one hash for each subject and day.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::account::Account;
use super::book::Statement;
use super::store::{BudgetStore, KEPT_FOR, SET_ASIDE_FOR, Seen, Standing, Wish};
use crate::model::Cost;
use crate::server::shared_store::{Reply, Script, SharedStore, StoreError};

/// Keeps spending in the shared store.
pub(super) struct RedisStore {
    store: Arc<SharedStore>,
    ledger: Script,
}

impl RedisStore {
    pub(super) fn new(store: Arc<SharedStore>) -> Self {
        Self { store, ledger: Script::new(include_str!("ledger.lua")) }
    }
}

impl BudgetStore for RedisStore {
    fn exchange<'a>(
        &'a self,
        account: Account,
        told: &'a Statement,
        wish: Option<Wish>,
    ) -> BoxFuture<'a, Result<Seen, StoreError>> {
        async move {
            let key = self.store.key(&format!("budget:{}", account.day), &account.name());
            let args = arguments(told, wish);
            let args: Vec<&[u8]> = args.iter().map(String::as_bytes).collect();
            self.store.run(&self.ledger, &key, &args, seen).await
        }
        .boxed()
    }
}

fn arguments(told: &Statement, wish: Option<Wish>) -> Vec<String> {
    let (call, amount, limit) = match wish {
        Some(wish) => (wish.call.to_string(), wish.amount, wish.limit),
        None => (String::new(), Cost::ZERO, Cost::ZERO),
    };
    let wished = [
        told.process.to_string(),
        picos(told.spent),
        told.latest_call.to_string(),
        millis(KEPT_FOR),
        call,
        picos(amount),
        picos(limit),
        millis(SET_ASIDE_FOR),
    ];
    wished.into_iter().chain(told.under_way.iter().map(u64::to_string)).collect()
}

fn seen(reply: Reply) -> Option<Seen> {
    let Reply::List(parts) = reply else { return None };
    let has_room = *parts.last()? == Reply::Number(1);
    let amounts = parts.into_iter().take(4).map(cost).collect::<Option<Vec<_>>>()?;
    let [spent, reserved, others_spent, others_reserved] = <[Cost; 4]>::try_from(amounts).ok()?;
    let others = Standing { spent: others_spent, reserved: others_reserved };
    Some(Seen { standing: Standing { spent, reserved }, others, has_room })
}

fn cost(reply: Reply) -> Option<Cost> {
    let Reply::Bytes(digits) = reply else { return None };
    Some(Cost::from_picos(String::from_utf8(digits).ok()?.parse().ok()?))
}

fn picos(cost: Cost) -> String {
    cost.picos().to_string()
}

fn millis(time: Duration) -> String {
    time.as_millis().to_string()
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RedisStore").field("store", &self.store).finish_non_exhaustive()
    }
}
