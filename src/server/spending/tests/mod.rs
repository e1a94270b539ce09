//! Both places where spending is kept, by the same rules; and what is booked, by those who spend.

mod unsteady;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::time::sleep;

use super::account::{Account, DAY};
use super::memory_store::MemoryStore;
use super::redis_store::RedisStore;
use super::store::{BudgetStore, SET_ASIDE_FOR, Standing, Wish};
use super::*;
use crate::chain::{Purse, PurseRefusal, SetAside};
use crate::model::{Catalog, Cost};
use crate::server::auth::Identity;
use crate::server::shared_store::tests::redis_server::RedisServer;
use crate::settings::OnStorageError;
use crate::telemetry::metrics::{KnownModels, Metrics};

const MORNING: u64 = 20_783 * DAY + 36_000;

fn cents(cents: u64) -> Cost {
    Cost::from_picos(cents * 10_000_000_000)
}

fn stands(spent: u64, reserved: u64) -> Standing {
    Standing { spent: cents(spent), reserved: cents(reserved) }
}

fn account(subject: &str) -> Account {
    Account::of(subject, MORNING)
}

async fn reserve(store: &dyn BudgetStore, account: Account, id: &str, amount: u64) -> (Standing, bool) {
    store.reserve(account, Wish { id, amount: cents(amount), limit: cents(10) }).await.unwrap()
}

/// One thing after the other, on an account that nothing was spent of.
async fn follow_the_rules(store: &dyn BudgetStore, account: Account) {
    assert_eq!(store.read(account).await.unwrap(), stands(0, 0));
    assert_eq!(reserve(store, account, "a", 6).await, (stands(0, 0), true));
    assert_eq!(reserve(store, account, "b", 5).await, (stands(0, 6), false), "eleven are too many");
    assert_eq!(reserve(store, account, "c", 4).await, (stands(0, 6), true), "all of it may be set aside");
    store.settle(account, "a", cents(2)).await.unwrap();
    assert_eq!(store.read(account).await.unwrap(), stands(2, 4));
    assert_eq!(reserve(store, account, "d", 4).await, (stands(2, 4), true));
    store.settle(account, "c", Cost::ZERO).await.unwrap();
    store.settle(account, "d", cents(9)).await.unwrap();
    assert_eq!(reserve(store, account, "e", 1).await, (stands(11, 0), false), "it cost more than it might");
    store.settle(account, "unheard of", cents(1)).await.unwrap();
    assert_eq!(store.read(account).await.unwrap(), stands(12, 0), "it is booked all the same");
}

#[tokio::test]
async fn never_more_is_set_aside_than_is_left_and_what_was_not_needed_is_free_again() {
    let memory = MemoryStore::default();
    for subject in ["alice", "bob"] {
        follow_the_rules(&memory, account(subject)).await;
    }
    let Some(server) = RedisServer::start() else { return };
    let redis = RedisStore::new(server.open().await);
    for subject in ["alice", "bob"] {
        follow_the_rules(&redis, account(subject)).await;
    }
    let tomorrow = Account::of("alice", MORNING + DAY);
    assert_eq!(redis.read(tomorrow).await.unwrap(), stands(0, 0));
}

#[tokio::test]
async fn in_the_store_nothing_is_booked_twice_and_what_a_process_that_died_had_set_aside_ends() {
    let Some(server) = RedisServer::start() else { return };
    let redis = RedisStore::new(server.open().await);
    reserve(&redis, account("alice"), "a", 6).await;
    for _ in 0..3 {
        redis.settle(account("alice"), "a", cents(2)).await.unwrap();
    }
    assert_eq!(redis.read(account("alice")).await.unwrap(), stands(2, 0));
    reserve(&redis, account("alice"), "died", 8).await;
    let mut connection = server.client().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*budget*").query_async(&mut connection).await.unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert!(!key.contains("alice"), "{key}");
    let set_aside: String =
        redis::cmd("HGET").arg(key).arg("died").query_async(&mut connection).await.unwrap();
    let now: (u64, u64) = redis::cmd("TIME").query_async(&mut connection).await.unwrap();
    let ends: u64 = set_aside.split_once(':').unwrap().1.parse().unwrap();
    let lasts = Duration::from_millis(ends - now.0 * 1000);
    assert!(lasts <= SET_ASIDE_FOR + Duration::from_secs(1) && lasts > SET_ASIDE_FOR / 2, "{lasts:?}");
    // As long ago as that.
    let past = format!("{}:{}", cents(8).picos(), now.0 * 1000 - 1);
    let () = redis::cmd("HSET").arg(key).arg("died").arg(past).query_async(&mut connection).await.unwrap();
    assert_eq!(redis.read(account("alice")).await.unwrap(), stands(2, 0));
}

#[tokio::test]
async fn in_the_store_what_is_settled_before_it_is_set_aside_is_not_set_aside_any_more() {
    let Some(server) = RedisServer::start() else { return };
    let redis = RedisStore::new(server.open().await);
    // As when a connection was given up, and what was sent over it comes late.
    redis.settle(account("alice"), "late", Cost::ZERO).await.unwrap();
    reserve(&redis, account("alice"), "late", 6).await;
    assert_eq!(redis.read(account("alice")).await.unwrap(), stands(0, 0));
    // As when it comes twice.
    for _ in 0..2 {
        assert!(reserve(&redis, account("alice"), "twice", 6).await.1);
    }
    assert_eq!(redis.read(account("alice")).await.unwrap(), stands(0, 6));
}

#[tokio::test(start_paused = true)]
async fn in_memory_what_is_never_settled_ends() {
    let memory = MemoryStore::default();
    reserve(&memory, account("alice"), "a", 6).await;
    sleep(SET_ASIDE_FOR).await;
    assert_eq!(memory.read(account("alice")).await.unwrap(), stands(0, 0));
}

fn metrics() -> Arc<Metrics> {
    Arc::new(Metrics::new(KnownModels::new(Arc::new(Catalog::built_in()), [])))
}

fn alice(budget_usd: Option<f64>) -> Identity {
    Identity { subject: "alice".to_owned(), budget_usd }
}

fn in_memory(clock: fn() -> u64) -> Budgets {
    Budgets::over(None, OnStorageError::Memory, metrics(), clock).with(Some(0.10))
}

async fn set_aside(purse: &Arc<dyn Purse>, amount: u64) -> Result<Box<dyn SetAside>, PurseRefusal> {
    purse.reserve(cents(amount)).await
}

/// Lets what is to be booked be booked.
async fn booked(budgets: &Budgets, identity: &Identity) -> Standing {
    sleep(Duration::from_millis(1)).await;
    budgets.standing(identity).await.unwrap().unwrap().standing
}

#[tokio::test(start_paused = true)]
async fn a_claim_only_lowers_what_the_server_allows() {
    let budgets = in_memory(|| MORNING);
    let limit = async |budgets: &Budgets, claimed| {
        budgets.standing(&alice(claimed)).await.unwrap().map(|it| it.limit)
    };
    for (claimed, expected) in [(None, 10), (Some(0.04), 4), (Some(5.0), 10), (Some(0.0), 0)] {
        assert_eq!(limit(&budgets, claimed).await, Some(cents(expected)), "{claimed:?}");
    }
    let without = budgets.with(None);
    assert_eq!(limit(&without, Some(0.04)).await, Some(cents(4)));
    assert_eq!(limit(&without, None).await, None);
    assert!(without.purse(&alice(None)).is_none());
    let nothing = budgets.purse(&alice(Some(0.0))).unwrap();
    assert!(set_aside(&nothing, 1).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_counts_at_its_worst_and_a_reload_forgets_nothing() {
    let budgets = in_memory(|| MORNING);
    let purse = budgets.purse(&alice(None)).unwrap();
    set_aside(&purse, 4).await.unwrap().settle(cents(1));
    drop(set_aside(&purse, 5).await.unwrap());
    assert_eq!(booked(&budgets, &alice(None)).await, stands(6, 0));
    let more_in = Duration::from_secs(DAY - 36_000);
    assert_eq!(set_aside(&purse, 5).await.unwrap_err(), PurseRefusal::Spent { more_in });
    let raised = budgets.with(Some(0.20)).purse(&alice(None)).unwrap();
    assert!(set_aside(&raised, 5).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_new_day_has_a_new_budget_and_a_call_is_booked_on_the_day_that_it_began() {
    static NOW: AtomicU64 = AtomicU64::new(MORNING);
    let budgets = in_memory(|| NOW.load(Ordering::SeqCst));
    let purse = budgets.purse(&alice(None)).unwrap();
    let over_midnight = set_aside(&purse, 9).await.unwrap();
    NOW.store(MORNING + DAY, Ordering::SeqCst);
    let today = set_aside(&purse, 9).await.unwrap();
    over_midnight.settle(cents(9));
    assert_eq!(booked(&budgets, &alice(None)).await, stands(0, 9));
    today.settle(cents(3));
    assert_eq!(booked(&budgets, &alice(None)).await, stands(3, 0));
}

#[tokio::test(start_paused = true)]
async fn in_memory_what_is_settled_is_booked_at_once_and_nobody_is_needed_for_it() {
    let budgets = in_memory(|| MORNING);
    let purse = budgets.purse(&alice(None)).unwrap();
    set_aside(&purse, 4).await.unwrap().settle(cents(3));
    let now = |budgets: &Budgets| {
        budgets.standing(&alice(None)).now_or_never().unwrap().unwrap().unwrap().standing
    };
    assert_eq!(now(&budgets), stands(3, 0));
    let left_over = set_aside(&purse, 2).await.unwrap();
    // As when a runtime ends, and drops what it still has.
    std::thread::spawn(|| drop(left_over)).join().unwrap();
    assert_eq!(now(&budgets), stands(5, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_refused_for_what_others_have_only_set_aside_need_not_wait_for_a_new_day() {
    let budgets = in_memory(|| MORNING);
    let purse = budgets.purse(&alice(None)).unwrap();
    let under_way = set_aside(&purse, 6).await.unwrap();
    let more_in = Duration::from_secs(1);
    assert_eq!(set_aside(&purse, 5).await.unwrap_err(), PurseRefusal::Spent { more_in });
    under_way.settle(cents(6));
    let more_in = Duration::from_secs(DAY - 36_000);
    assert_eq!(set_aside(&purse, 5).await.unwrap_err(), PurseRefusal::Spent { more_in });
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_can_wait_until_everything_is_booked() {
    let budgets = in_memory(|| MORNING);
    let purse = budgets.purse(&alice(None)).unwrap();
    set_aside(&purse, 4).await.unwrap().settle(cents(3));
    budgets.settle_up().await;
    let standing = budgets.standing(&alice(None)).await.unwrap().unwrap().standing;
    assert_eq!(standing, stands(3, 0));
}

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Calls at once, each of which may cost so much, takes so long, and costs a part of it.
    #[test]
    fn whatever_happens_at_once_the_limit_holds_and_what_is_spent_is_what_calls_cost(
        calls in vec((1_u64..6, 0_u64..50, 0_u64..6, any::<bool>()), 0..40),
    ) {
        RUNTIME.block_on(async {
            let budgets = in_memory(|| MORNING);
            let purse = budgets.purse(&alice(None)).unwrap();
            let ledger = join_all(calls.iter().map(|&(worst, millis, cost, is_settled)| {
                let (purse, budgets) = (&purse, &budgets);
                async move {
                    sleep(Duration::from_millis(millis)).await;
                    let Ok(call) = set_aside(purse, worst).await else { return 0 };
                    let Standing { spent, reserved } =
                        budgets.standing(&alice(None)).await.unwrap().unwrap().standing;
                    assert!(spent + reserved <= cents(10), "{spent:?} {reserved:?}");
                    sleep(Duration::from_millis(7)).await;
                    if !is_settled {
                        return worst;
                    }
                    call.settle(cents(cost.min(worst)));
                    cost.min(worst)
                }
            })).await;
            let total: u64 = ledger.into_iter().sum();
            assert_eq!(booked(&budgets, &alice(None)).await, stands(total, 0));
            assert!(total <= 10);
        });
    }
}
