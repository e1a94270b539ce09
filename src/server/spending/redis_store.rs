//! Spending in the store that replicas share: one hash for each subject and day.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::account::Account;
use super::store::{BudgetStore, KEPT_FOR, SET_ASIDE_FOR, Standing, Wish};
use crate::model::Cost;
use crate::server::shared_store::{Reply, Script, SharedStore, StoreError};

/// How long it is remembered that something is booked, so that trying again doesn't book it twice. All that is
/// remembered of an account is looked through whenever something is to be set aside.
const REMEMBERED_FOR: Duration = SET_ASIDE_FOR;

/// Keeps spending in the shared store.
pub(super) struct RedisStore {
    store: Arc<SharedStore>,
    reserve: Script,
    settle: Script,
}

impl RedisStore {
    pub(super) fn new(store: Arc<SharedStore>) -> Self {
        let (reserve, settle) =
            (Script::new(include_str!("reserve.lua")), Script::new(include_str!("settle.lua")));
        Self { store, reserve, settle }
    }

    async fn ask(&self, account: Account, wish: Wish<'_>) -> Result<(Standing, bool), StoreError> {
        let args = [
            wish.id.to_owned(),
            picos(wish.amount),
            picos(wish.limit),
            millis(SET_ASIDE_FOR),
            millis(KEPT_FOR),
        ];
        self.run(&self.reserve, account, &args, standing).await
    }

    async fn run<T>(
        &self,
        script: &Script,
        account: Account,
        args: &[String],
        read: impl FnOnce(Reply) -> Option<T>,
    ) -> Result<T, StoreError> {
        let key = self.store.key(&format!("budget:{}", account.day), &account.name());
        let args: Vec<&[u8]> = args.iter().map(String::as_bytes).collect();
        self.store.run(script, &key, &args, read).await
    }
}

impl BudgetStore for RedisStore {
    fn reserve<'a>(
        &'a self,
        account: Account,
        wish: Wish<'a>,
    ) -> BoxFuture<'a, Result<(Standing, bool), StoreError>> {
        self.ask(account, wish).boxed()
    }

    fn settle<'a>(
        &'a self,
        account: Account,
        id: &'a str,
        spent: Cost,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let args = [id.to_owned(), picos(spent), millis(REMEMBERED_FOR), millis(KEPT_FOR)];
            self.run(&self.settle, account, &args, |reply| (reply == Reply::Number(1)).then_some(())).await
        }
        .boxed()
    }

    fn read(&self, account: Account) -> BoxFuture<'_, Result<Standing, StoreError>> {
        let nothing = Wish { id: "", amount: Cost::ZERO, limit: Cost::ZERO };
        async move { self.ask(account, nothing).await.map(|(standing, _)| standing) }.boxed()
    }
}

fn standing(reply: Reply) -> Option<(Standing, bool)> {
    let Reply::List(parts) = reply else { return None };
    let [Reply::Bytes(spent), Reply::Bytes(reserved), Reply::Number(has_room)] =
        <[Reply; 3]>::try_from(parts).ok()?
    else {
        return None;
    };
    let cost = |digits: Vec<u8>| Some(Cost::from_picos(String::from_utf8(digits).ok()?.parse().ok()?));
    Some((Standing { spent: cost(spent)?, reserved: cost(reserved)? }, has_room == 1))
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
