//! Both places where spending is kept, by the same rules; what is booked, and what while the store is gone.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all, pending, ready};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use tokio::time::sleep;
use uuid::Uuid;

use super::account::{Account, DAY};
use super::book::Statement;
use super::redis_store::RedisStore;
use super::store::{BudgetStore, SET_ASIDE_FOR, Seen, Standing, Wish};
use super::*;
use crate::chain::{Purse, PurseRefusal, SetAside};
use crate::model::{Catalog, Cost};
use crate::server::auth::Identity;
use crate::server::shared_store::StoreError;
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

/// A process's view of an account in a store.
struct Teller<'a> {
    store: &'a dyn BudgetStore,
    process: Uuid,
    account: Account,
}

impl<'a> Teller<'a> {
    fn new(store: &'a dyn BudgetStore, process: u128, account: Account) -> Self {
        Self { store, process: Uuid::from_u128(process), account }
    }

    async fn exchange(&self, spent: u64, freed: &[u64], wish: Option<(u64, u64)>) -> Seen {
        let told = Statement { process: self.process, spent: cents(spent), freed: freed.to_vec() };
        let wish = wish.map(|(call, amount)| Wish { call, amount: cents(amount), limit: cents(10) });
        self.store.exchange(self.account, &told, wish).await.unwrap()
    }
}

fn sees(spent: u64, reserved: u64, others: u64, has_room: bool) -> Seen {
    Seen { standing: stands(spent, reserved), others: cents(others), has_room }
}

#[tokio::test]
async fn of_two_processes_never_more_is_set_aside_than_is_left_and_what_was_not_needed_is_free_again() {
    let Some(server) = RedisServer::start() else { return };
    let redis = RedisStore::new(server.open().await);
    for store in [&Reference::default() as &dyn BudgetStore, &redis] {
        let ours = Teller::new(store, 1, account("alice"));
        let theirs = Teller::new(store, 2, account("alice"));
        assert_eq!(ours.exchange(0, &[], None).await, sees(0, 0, 0, false));
        assert_eq!(ours.exchange(0, &[], Some((1, 6))).await, sees(0, 0, 0, true));
        assert_eq!(theirs.exchange(0, &[], Some((1, 5))).await, sees(0, 6, 6, false), "eleven are too many");
        assert_eq!(theirs.exchange(0, &[], Some((2, 4))).await, sees(0, 6, 6, true), "ten aren't");
        assert_eq!(ours.exchange(2, &[1], None).await, sees(2, 4, 4, false));
        assert_eq!(ours.exchange(2, &[], Some((3, 4))).await, sees(2, 4, 4, true));
        assert_eq!(
            theirs.exchange(9, &[2], Some((4, 1))).await,
            sees(11, 4, 6, false),
            "it cost more than it might"
        );
        assert_eq!(
            ours.exchange(1, &[1, 2], None).await,
            sees(11, 4, 9, false),
            "told late, it changes nothing"
        );
        let others = Teller::new(store, 1, account("bob"));
        let tomorrow = Teller::new(store, 1, Account::of("alice", MORNING + DAY));
        for other in [others, tomorrow] {
            assert_eq!(other.exchange(0, &[], None).await, sees(0, 0, 0, false));
        }
    }
}

#[tokio::test]
async fn in_the_store_what_a_process_that_died_had_set_aside_ends_and_nobody_can_be_read_there() {
    let Some(server) = RedisServer::start() else { return };
    let redis = RedisStore::new(server.open().await);
    let teller = Teller::new(&redis, 1, account("alice"));
    teller.exchange(2, &[], Some((7, 8))).await;
    let mut connection = server.client().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*budget*").query_async(&mut connection).await.unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert!(!key.contains("alice"), "{key}");
    let field = format!("r:{}:7", Uuid::from_u128(1));
    let set_aside: String =
        redis::cmd("HGET").arg(key).arg(&field).query_async(&mut connection).await.unwrap();
    let now: (u64, u64) = redis::cmd("TIME").query_async(&mut connection).await.unwrap();
    let ends: u64 = set_aside.split_once(':').unwrap().1.parse().unwrap();
    let lasts = Duration::from_millis(ends - now.0 * 1000);
    assert!(lasts <= SET_ASIDE_FOR + Duration::from_secs(1) && lasts > SET_ASIDE_FOR / 2, "{lasts:?}");
    // As long ago as that.
    let past = format!("{}:{}", cents(8).picos(), now.0 * 1000 - 1);
    let () = redis::cmd("HSET").arg(key).arg(&field).arg(past).query_async(&mut connection).await.unwrap();
    assert_eq!(teller.exchange(2, &[], None).await, sees(2, 0, 0, false));
    let fields: Vec<String> = redis::cmd("HKEYS").arg(key).query_async(&mut connection).await.unwrap();
    assert_eq!(fields, [format!("s:{}", Uuid::from_u128(1))], "only what still counts is kept");
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
async fn a_server_that_ends_can_wait_until_everything_is_booked() {
    let budgets = in_memory(|| MORNING);
    let purse = budgets.purse(&alice(None)).unwrap();
    set_aside(&purse, 4).await.unwrap().settle(cents(3));
    budgets.settle_up().await;
    let standing = budgets.standing(&alice(None)).await.unwrap().unwrap().standing;
    assert_eq!(standing, stands(3, 0));
}

/// What the store is to do, in other words: a figure for each process, and what is set aside.
#[derive(Debug, Default)]
struct Reference {
    is_gone: AtomicBool,
    /// What is asked is done, and not answered.
    is_hanging: AtomicBool,
    exchanges: AtomicU64,
    accounts: Mutex<HashMap<Account, Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    spent: HashMap<Uuid, Cost>,
    reserved: HashMap<(Uuid, u64), Cost>,
}

impl BudgetStore for Reference {
    fn exchange<'a>(
        &'a self,
        account: Account,
        told: &'a Statement,
        wish: Option<Wish>,
    ) -> BoxFuture<'a, Result<Seen, StoreError>> {
        if self.is_gone.load(Ordering::SeqCst) {
            return ready(Err(StoreError::unexpected())).boxed();
        }
        self.exchanges.fetch_add(1, Ordering::SeqCst);
        let mut accounts = self.accounts.lock().unwrap();
        let kept = accounts.entry(account).or_default();
        let own = kept.spent.entry(told.process).or_default();
        *own = told.spent.max(*own);
        for call in &told.freed {
            kept.reserved.remove(&(told.process, *call));
        }
        let sum = |is_counted: &dyn Fn(&Uuid) -> bool| {
            let spent = kept.spent.iter().filter(|(process, _)| is_counted(process)).map(|(_, it)| *it).sum();
            let reserved = kept.reserved.iter().filter(|((process, _), _)| is_counted(process));
            Standing { spent, reserved: reserved.map(|(_, it)| *it).sum() }
        };
        let standing = sum(&|_| true);
        let others = sum(&|process| *process != told.process).total();
        let room = wish.filter(|wish| standing.total() + wish.amount <= wish.limit);
        kept.reserved.extend(room.map(|wish| ((told.process, wish.call), wish.amount)));
        if self.is_hanging.load(Ordering::SeqCst) {
            return pending().boxed();
        }
        ready(Ok(Seen { standing, others, has_room: room.is_some() })).boxed()
    }
}

fn unsteady(on_error: OnStorageError) -> (Arc<Reference>, Budgets) {
    let store = Arc::new(Reference::default());
    let budgets = Budgets::over(Some(store.clone()), on_error, metrics(), || MORNING);
    (store, budgets.with(Some(0.10)))
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_gone_memory_goes_on_from_what_it_saw_and_books_it_when_it_is_back() {
    let (store, budgets) = unsteady(OnStorageError::Memory);
    let purse = budgets.purse(&alice(None)).unwrap();
    set_aside(&purse, 4).await.unwrap().settle(cents(4));
    let under_way = set_aside(&purse, 2).await.unwrap();
    store.is_gone.store(true, Ordering::SeqCst);
    assert!(set_aside(&purse, 5).await.is_err(), "six are gone");
    set_aside(&purse, 3).await.unwrap().settle(cents(3));
    under_way.settle(cents(1));
    assert_eq!(booked(&budgets, &alice(None)).await, stands(8, 0));
    store.is_gone.store(false, Ordering::SeqCst);
    sleep(Duration::from_secs(6)).await;
    assert_eq!(booked(&budgets, &alice(None)).await, stands(8, 0), "all of it, once");
}

#[tokio::test(start_paused = true)]
async fn or_nothing_is_paid_for() {
    let (store, budgets) = unsteady(OnStorageError::Deny);
    let purse = budgets.purse(&alice(None)).unwrap();
    store.is_gone.store(true, Ordering::SeqCst);
    assert_eq!(set_aside(&purse, 1).await.unwrap_err(), PurseRefusal::Unavailable);
    assert_eq!(budgets.standing(&alice(None)).await, Err(PurseRefusal::Unavailable));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_has_lost_everything_hears_of_it_again() {
    let (store, budgets) = unsteady(OnStorageError::Memory);
    let purse = budgets.purse(&alice(None)).unwrap();
    set_aside(&purse, 8).await.unwrap().settle(cents(8));
    assert_eq!(booked(&budgets, &alice(None)).await, stands(8, 0));
    store.accounts.lock().unwrap().clear();
    assert!(set_aside(&purse, 5).await.is_err(), "eight are spent, whatever the store remembers");
    assert_eq!(booked(&budgets, &alice(None)).await, stands(8, 0));
}

#[tokio::test(start_paused = true)]
async fn of_many_calls_that_end_at_once_the_store_is_told_together_and_a_refusal_tells_it_nothing() {
    let (store, budgets) = unsteady(OnStorageError::Memory);
    let purse = budgets.purse(&alice(None)).unwrap();
    let calls = join_all((0..10).map(|_| set_aside(&purse, 1))).await;
    assert!(set_aside(&purse, 1).await.is_err());
    assert_eq!(store.exchanges.load(Ordering::SeqCst), 11, "one for each that was asked");
    calls.into_iter().for_each(|call| call.unwrap().settle(cents(1)));
    budgets.settle_up().await;
    assert_eq!(store.exchanges.load(Ordering::SeqCst), 12);
    assert_eq!(booked(&budgets, &alice(None)).await, stands(10, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_before_it_is_known_whether_there_is_room_holds_nothing() {
    let (store, budgets) = unsteady(OnStorageError::Deny);
    let purse = budgets.purse(&alice(None)).unwrap();
    // As if the answer never came: the store has it, and we don't know.
    let told = Statement { process: Uuid::nil(), spent: Cost::ZERO, freed: vec![] };
    {
        let asking = budgets.reserve("alice", cents(6), cents(10));
        let mut asking = std::pin::pin!(asking);
        store.is_hanging.store(true, Ordering::SeqCst);
        assert!(futures_util::poll!(&mut asking).is_pending());
        store.is_hanging.store(false, Ordering::SeqCst);
        let seen = store.exchange(account("alice"), &told, None).await.unwrap();
        assert_eq!(seen.standing, stands(0, 6));
    }
    assert_eq!(booked(&budgets, &alice(None)).await, stands(0, 0));
    assert!(set_aside(&purse, 10).await.is_ok());
}

static SERVER: LazyLock<Option<RedisServer>> = LazyLock::new(RedisServer::start);
static SERVED: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
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

/// What happens to a store: who tells it, how much more it has spent, which call it frees, what it wishes.
type Step = (u128, u64, Option<u64>, Option<(u64, u64)>);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_script_does_what_the_reference_does(
        steps in vec((1_u128..4, 0_u64..3, of(0_u64..5), of((0_u64..5, 0_u64..6))), 0..30),
        subject in "[a-z]{12}",
    ) {
        let Some(server) = SERVER.as_ref() else { return Ok(()) };
        SERVED.block_on(async {
            let redis = RedisStore::new(server.open().await);
            let reference = Reference::default();
            let mut spent: HashMap<u128, u64> = HashMap::new();
            for (process, more, freed, wish) in steps as Vec<Step> {
                let all = spent.entry(process).or_default();
                *all += more;
                let [actual, expected] = [&redis as &dyn BudgetStore, &reference]
                    .map(|store| Teller::new(store, process, account(&subject)));
                let freed: Vec<u64> = freed.into_iter().collect();
                let actual = actual.exchange(*all, &freed, wish).await;
                assert_eq!(actual, expected.exchange(*all, &freed, wish).await);
            }
        });
    }
}
