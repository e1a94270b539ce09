//! What is booked by those who spend, and the store that replicas share against a reference.

mod orders;
mod reference;
mod sequences;
mod unsteady;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::time::sleep;
use uuid::Uuid;

use self::reference::Reference;
use super::account::{Account, DAY};
use super::book::Statement;
use super::redis_store::RedisStore;
use super::store::{BudgetStore, SET_ASIDE_FOR, Seen, Standing, Wish};
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

/// The latest call, and which are under way.
type Calls<'a> = (u64, &'a [u64]);

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

    /// Of calls up to the latest, those are under way.
    async fn exchange(
        &self,
        spent: u64,
        (latest_call, under_way): Calls<'_>,
        wish: Option<(u64, u64)>,
    ) -> Seen {
        let (process, under_way) = (self.process, under_way.to_vec());
        let told = Statement { process, spent: cents(spent), latest_call, under_way, ended: 0 };
        let wish = wish.map(|(call, amount)| Wish { call, amount: cents(amount), limit: cents(10) });
        self.store.exchange(self.account, &told, wish).await.unwrap()
    }
}

fn sees(standing: (u64, u64), others: (u64, u64), has_room: bool) -> Seen {
    Seen { standing: stands(standing.0, standing.1), others: stands(others.0, others.1), has_room }
}

#[tokio::test]
async fn of_two_processes_never_more_is_set_aside_than_is_left_and_what_was_not_needed_is_free_again() {
    let Some(server) = RedisServer::start() else { return };
    let redis = RedisStore::new(server.open().await);
    for store in [&Reference::default() as &dyn BudgetStore, &redis] {
        let ours = Teller::new(store, 1, account("alice"));
        let theirs = Teller::new(store, 2, account("alice"));
        assert_eq!(ours.exchange(0, (0, &[]), None).await, sees((0, 0), (0, 0), false));
        assert_eq!(ours.exchange(0, (1, &[1]), Some((1, 6))).await, sees((0, 0), (0, 0), true));
        let refused = theirs.exchange(0, (1, &[1]), Some((1, 5))).await;
        assert_eq!(refused, sees((0, 6), (0, 6), false), "eleven are too many");
        assert_eq!(
            theirs.exchange(0, (2, &[2]), Some((2, 4))).await,
            sees((0, 6), (0, 6), true),
            "ten aren't"
        );
        assert_eq!(ours.exchange(2, (2, &[]), None).await, sees((2, 4), (0, 4), false));
        assert_eq!(ours.exchange(2, (3, &[3]), Some((3, 4))).await, sees((2, 4), (0, 4), true));
        let refused = theirs.exchange(9, (3, &[3]), Some((3, 1))).await;
        assert_eq!(refused, sees((11, 4), (2, 4), false), "it cost more than it might");
        let late = ours.exchange(1, (2, &[]), None).await;
        assert_eq!(late, sees((11, 4), (9, 0), false), "told late, it changes nothing");
        assert_eq!(ours.exchange(2, (3, &[]), None).await, sees((11, 0), (9, 0), false));
        let other_subject = Teller::new(store, 1, account("bob"));
        let tomorrow = Teller::new(store, 1, Account::of("alice", MORNING + DAY));
        for other in [other_subject, tomorrow] {
            assert_eq!(other.exchange(0, (3, &[]), None).await, sees((0, 0), (0, 0), false));
        }
    }
}

#[tokio::test]
async fn what_is_set_aside_late_for_a_call_that_has_ended_is_free_when_its_process_is_heard_again() {
    let Some(server) = RedisServer::start() else { return };
    let redis = RedisStore::new(server.open().await);
    for store in [&Reference::default() as &dyn BudgetStore, &redis] {
        let teller = Teller::new(store, 1, account("alice"));
        // As when a connection was given up, and what was sent over it comes after what was sent over the next.
        teller.exchange(1, (1, &[]), None).await;
        teller.exchange(0, (1, &[1]), Some((1, 6))).await;
        assert_eq!(teller.exchange(1, (1, &[]), None).await, sees((1, 0), (0, 0), false));
    }
}

#[tokio::test]
async fn in_the_store_what_a_process_that_died_had_set_aside_ends_and_nobody_can_be_read_there() {
    let Some(server) = RedisServer::start() else { return };
    let redis = RedisStore::new(server.open().await);
    let teller = Teller::new(&redis, 1, account("alice"));
    teller.exchange(2, (7, &[7]), Some((7, 8))).await;
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
    assert_eq!(teller.exchange(2, (7, &[7]), None).await, sees((2, 0), (0, 0), false));
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
    let too_dear = PurseRefusal::TooDear { worst_case: cents(11), limit: cents(10) };
    assert_eq!(set_aside(&purse, 11).await.unwrap_err(), too_dear, "no other day would help");
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
    let now =
        |budgets: &Budgets| budgets.standing(&alice(None)).now_or_never().unwrap().unwrap().unwrap().standing;
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
    assert_eq!(set_aside(&purse, 5).await.unwrap_err(), PurseRefusal::SetAside { more_in });
    under_way.settle(cents(6));
    let more_in = Duration::from_secs(DAY - 36_000);
    assert_eq!(set_aside(&purse, 5).await.unwrap_err(), PurseRefusal::Spent { more_in });
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

/// What happens to a store: who tells it, how much more it has spent, up to which call it knows, which of them are
/// under way, what it wishes.
type Step = (u128, u64, u64, Vec<u64>, Option<(u64, u64)>);

#[test]
fn the_script_does_what_the_reference_does() {
    let Some(server) = RedisServer::start() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let redis = runtime.block_on(async { RedisStore::new(server.open().await) });
    let step = (1_u128..4, 0_u64..3, 0_u64..6, vec(0_u64..6, 0..3), of((0_u64..6, 0_u64..6)));
    let subjects = std::cell::Cell::new(0);
    TestRunner::new(ProptestConfig::with_cases(64))
        .run(&vec(step, 0..30), |steps: Vec<Step>| {
            // An account of its own for each.
            subjects.set(subjects.get() + 1);
            let account = account(&subjects.get().to_string());
            let reference = Reference::default();
            let mut spent: HashMap<u128, u64> = HashMap::new();
            for (process, more, latest, under_way, wish) in steps {
                let all = spent.entry(process).or_default();
                *all += more;
                let [actual, expected] = [&redis as &dyn BudgetStore, &reference].map(|store| {
                    let teller = Teller::new(store, process, account);
                    runtime.block_on(teller.exchange(*all, (latest, &under_way), wish))
                });
                prop_assert_eq!(actual, expected);
            }
            Ok(())
        })
        .unwrap();
}
