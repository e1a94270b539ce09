//! What is booked, and told, while the shared store is gone, late or on its way back.

use std::future::pending;
use std::sync::Mutex;

use futures_util::future::{BoxFuture, ready};

use super::*;
use crate::server::shared_store::StoreError;

/// How a store is.
#[derive(Debug, Clone, Copy)]
enum Mood {
    There,
    Gone,
    /// It does what it is asked for, and its answer comes too late.
    Late,
    /// It does what it is asked for, and doesn't answer.
    Silent,
}

/// A store that is there or isn't.
#[derive(Debug)]
struct Unsteady {
    mood: Mutex<Mood>,
    store: MemoryStore,
}

impl Unsteady {
    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn after<'a, T: Send + 'a>(
        &self,
        done: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        let mood = *self.mood.lock().unwrap();
        if let Mood::Gone = mood {
            return ready(Err(StoreError::connecting())).boxed();
        }
        let done = done().now_or_never().unwrap();
        match mood {
            Mood::Late => ready(Err(StoreError::late().in_doubt())).boxed(),
            Mood::Silent => pending().boxed(),
            Mood::There | Mood::Gone => ready(done).boxed(),
        }
    }
}

impl BudgetStore for Unsteady {
    fn reserve<'a>(
        &'a self,
        account: Account,
        wish: Wish<'a>,
    ) -> BoxFuture<'a, Result<(Standing, bool), StoreError>> {
        self.after(|| self.store.reserve(account, wish))
    }

    fn settle<'a>(
        &'a self,
        account: Account,
        id: &'a str,
        spent: Cost,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.after(|| self.store.settle(account, id, spent))
    }

    fn read(&self, account: Account) -> BoxFuture<'_, Result<Standing, StoreError>> {
        self.after(|| self.store.read(account))
    }
}

fn unsteady(on_error: OnStorageError) -> (Arc<Unsteady>, Budgets, Arc<dyn Purse>) {
    let store = Arc::new(Unsteady { mood: Mutex::new(Mood::There), store: MemoryStore::default() });
    let budgets =
        Budgets::over(Some(store.clone()), on_error, metrics(), || MORNING).with(Some(0.10));
    let purse = budgets.purse(&alice(None)).unwrap();
    (store, budgets, purse)
}

/// Time enough for whatever is to be booked.
async fn later() {
    sleep(Duration::from_secs(6)).await;
}

async fn told(budgets: &Budgets) -> Standing {
    booked(budgets, &alice(None)).await
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_gone_memory_goes_on_from_what_it_saw_and_books_it_when_it_is_back() {
    let (store, budgets, purse) = unsteady(OnStorageError::Memory);
    set_aside(&purse, 4).await.unwrap().settle(cents(4));
    let under_way = set_aside(&purse, 2).await.unwrap();
    store.is(Mood::Gone);
    assert_eq!(told(&budgets).await, stands(4, 2));
    assert!(set_aside(&purse, 5).await.is_err(), "six are gone");
    set_aside(&purse, 3).await.unwrap().settle(cents(3));
    under_way.settle(cents(1));
    assert_eq!(told(&budgets).await, stands(8, 0), "neither more nor less");
    store.is(Mood::There);
    later().await;
    assert_eq!(told(&budgets).await, stands(8, 0), "all of it, once");
    store.is(Mood::Gone);
    assert_eq!(told(&budgets).await, stands(8, 0));
}

#[tokio::test(start_paused = true)]
async fn what_others_have_set_aside_counts_while_the_store_is_gone_and_no_longer_than_it_would_there() {
    let (store, budgets, purse) = unsteady(OnStorageError::Memory);
    reserve(&store.store, account("alice"), "of another replica", 5).await;
    set_aside(&purse, 1).await.unwrap().settle(cents(1));
    store.is(Mood::Gone);
    assert_eq!(told(&budgets).await, stands(1, 5));
    sleep(SET_ASIDE_FOR).await;
    assert_eq!(told(&budgets).await, stands(1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_booked_yet_is_not_forgotten_when_the_store_comes_and_goes() {
    let (store, budgets, purse) = unsteady(OnStorageError::Memory);
    set_aside(&purse, 1).await.unwrap().settle(cents(1));
    told(&budgets).await;
    store.is(Mood::Gone);
    set_aside(&purse, 6).await.unwrap().settle(cents(6));
    told(&budgets).await;
    store.is(Mood::There);
    set_aside(&purse, 1).await.unwrap().settle(Cost::ZERO);
    store.is(Mood::Gone);
    assert_eq!(told(&budgets).await.spent, cents(7));
    assert!(set_aside(&purse, 4).await.is_err());
    store.is(Mood::There);
    later().await;
    assert_eq!(told(&budgets).await, stands(7, 0));
}

#[tokio::test(start_paused = true)]
async fn however_many_calls_end_while_the_store_is_gone_one_booking_waits_for_each_account() {
    let (store, budgets, purse) = unsteady(OnStorageError::Memory);
    store.is(Mood::Gone);
    for _ in 0..500 {
        set_aside(&purse, 1).await.unwrap().settle(Cost::from_picos(7));
    }
    assert!(budgets.waiting() <= 1, "{}", budgets.waiting());
    assert_eq!(budgets.unbooked(), Cost::from_picos(3500));
    store.is(Mood::There);
    later().await;
    assert_eq!(told(&budgets).await.spent, Cost::from_picos(3500));
    assert_eq!((budgets.waiting(), budgets.unbooked()), (0, Cost::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_set_aside_for_a_call_that_is_not_made_is_given_back() {
    for on_error in [OnStorageError::Deny, OnStorageError::Memory] {
        let (store, budgets, purse) = unsteady(on_error);
        // Nobody waits for the answer any more.
        store.is(Mood::Silent);
        assert!(set_aside(&purse, 5).now_or_never().is_none());
        store.is(Mood::There);
        later().await;
        assert_eq!(told(&budgets).await, stands(0, 0), "{on_error:?}");
        // The answer comes too late.
        set_aside(&purse, 8).await.unwrap().settle(cents(8));
        told(&budgets).await;
        store.is(Mood::Late);
        let refused = set_aside(&purse, 2).await;
        store.is(Mood::There);
        later().await;
        match on_error {
            OnStorageError::Deny => {
                assert_eq!(refused.unwrap_err(), PurseRefusal::Unavailable);
                assert_eq!(told(&budgets).await, stands(8, 0));
            }
            OnStorageError::Memory => {
                assert_eq!(told(&budgets).await, stands(8, 2), "it is the one that memory let pass");
                refused.unwrap().settle(cents(1));
                later().await;
                assert_eq!(told(&budgets).await, stands(9, 0));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn or_nothing_is_paid_for() {
    let (store, budgets, purse) = unsteady(OnStorageError::Deny);
    store.is(Mood::Gone);
    assert_eq!(set_aside(&purse, 1).await.unwrap_err(), PurseRefusal::Unavailable);
    assert_eq!(budgets.standing(&alice(None)).await, Err(PurseRefusal::Unavailable));
    later().await;
    assert_eq!(budgets.waiting(), 0, "the store was never asked, so nothing is to be given back");
}
