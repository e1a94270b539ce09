//! What is booked, and told, while the shared store is gone, late or on its way back.

use super::reference::Mood;
use super::*;

pub(super) fn unsteady(on_error: OnStorageError) -> (Arc<Reference>, Budgets, Arc<dyn Purse>) {
    let store = Arc::new(Reference::default());
    let budgets = Budgets::over(Some(store.clone()), on_error, metrics(), || MORNING).with(Some(0.10));
    let purse = budgets.purse(&alice(None)).unwrap();
    (store, budgets, purse)
}

/// How many are on the way to tell the store.
pub(super) fn tellers(budgets: &Budgets) -> usize {
    let mut tellers = budgets.tellers();
    while tellers.try_join_next().is_some() {}
    tellers.len()
}

/// Time enough for whatever is to be booked.
pub(super) async fn later() {
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
    Teller::new(&*store, 7, account("alice")).exchange(0, (1, &[1]), Some((1, 5))).await;
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
    assert_eq!(tellers(&budgets), 1);
    assert_eq!(budgets.untold(), Cost::from_picos(3500));
    store.is(Mood::There);
    later().await;
    assert_eq!(told(&budgets).await.spent, Cost::from_picos(3500));
    assert_eq!((tellers(&budgets), budgets.untold()), (0, Cost::ZERO));
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
    assert_eq!(tellers(&budgets), 0, "the store was never asked, so nothing is to be given back");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_has_lost_everything_hears_of_it_again() {
    let (store, budgets, purse) = unsteady(OnStorageError::Memory);
    set_aside(&purse, 8).await.unwrap().settle(cents(8));
    assert_eq!(told(&budgets).await, stands(8, 0));
    store.empty();
    assert!(set_aside(&purse, 5).await.is_err(), "eight are spent, whatever the store remembers");
    assert_eq!(told(&budgets).await, stands(8, 0));
}

#[tokio::test(start_paused = true)]
async fn of_many_calls_that_end_at_once_the_store_is_told_together_and_of_a_refused_one_nothing() {
    let (store, budgets, purse) = unsteady(OnStorageError::Memory);
    let calls = join_all((0..10).map(|_| set_aside(&purse, 1))).await;
    assert!(set_aside(&purse, 1).await.is_err());
    assert_eq!(store.exchanges(), 11, "one for each that was asked for");
    for call in calls {
        call.unwrap().settle(cents(1));
    }
    budgets.settle_up().await;
    assert_eq!(store.exchanges(), 12);
    assert_eq!(told(&budgets).await, stands(10, 0));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_tells_what_it_has_spent_as_soon_as_the_store_is_back() {
    let (store, budgets, purse) = unsteady(OnStorageError::Memory);
    store.is(Mood::Gone);
    set_aside(&purse, 3).await.unwrap().settle(cents(3));
    sleep(Duration::from_millis(10)).await;
    let back = async {
        sleep(Duration::from_millis(300)).await;
        store.is(Mood::There);
    };
    let begin = tokio::time::Instant::now();
    tokio::join!(budgets.settle_up(), back);
    assert!(begin.elapsed() < Duration::from_millis(400), "{:?}", begin.elapsed());
    assert_eq!((told(&budgets).await, budgets.untold()), (stands(3, 0), Cost::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_one_who_left_was_to_tell_is_told_by_others() {
    let (store, budgets, purse) = unsteady(OnStorageError::Memory);
    let under_way = set_aside(&purse, 4).await.unwrap();
    // Somebody is on the way to the store, which doesn't answer.
    let other = set_aside(&purse, 1).await.unwrap();
    store.is(Mood::Late);
    other.settle(cents(1));
    sleep(Duration::from_millis(1)).await;
    under_way.settle(Cost::ZERO);
    store.is(Mood::Silent);
    assert!(budgets.standing(&alice(None)).now_or_never().is_none(), "who asked how it stands has left");
    store.is(Mood::There);
    later().await;
    assert_eq!(tellers(&budgets), 0);
    let seen = Teller::new(&*store, 7, account("alice")).exchange(0, (0, &[]), None).await;
    assert_eq!(seen.standing, stands(1, 0), "as the store knows it");
}
