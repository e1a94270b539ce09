//! Any sequence of calls, of reloads and of what a shared store may do, against a few sums: what a replica knows is never
//! less and never more than what it has done, and once the store is there, nothing is booked twice or forgotten.
//!
//! There is one replica: what several may overspend while the store is gone is documented, and not proven here. That
//! the store's script does what [`Reference`] does is for the tests with a real server.

use super::reference::Mood;
use super::unsteady::{later, tellers, unsteady};
use super::*;

#[derive(Debug, Clone)]
enum Event {
    /// A call that may cost so many cents.
    Reserve(u64),
    /// The call at this index, modulo their number, ends: it has cost that many cents of what it may; or it is dropped.
    Settle(usize, u64),
    Drop(usize),
    /// From now on the store is so.
    Store(Mood),
    /// Another limit, in cents.
    Reload(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let mood = prop_oneof![Just(Mood::There), Just(Mood::Gone), Just(Mood::Late)];
    prop_oneof![
        6 => (0_u64..6).prop_map(Event::Reserve),
        4 => (any::<usize>(), 0_u64..6).prop_map(|(at, cost)| Event::Settle(at, cost)),
        2 => any::<usize>().prop_map(Event::Drop),
        2 => mood.prop_map(Event::Store),
        1 => (0_u64..30).prop_map(Event::Reload),
    ]
}

/// A call under way: what it may cost, and whether the store has set it aside too.
struct Call {
    reserved: Box<dyn SetAside>,
    worst: u64,
    is_in_store: bool,
}

struct Both {
    store: Arc<Reference>,
    mood: Mood,
    budgets: Budgets,
    limit: u64,
    spent: u64,
    calls: Vec<Call>,
}

impl Both {
    /// What is set aside, as far as whoever decides now knows.
    fn reserved(&self) -> u64 {
        let knows_all = !matches!(self.mood, Mood::There);
        self.calls.iter().filter(|call| knows_all || call.is_in_store).map(|call| call.worst).sum()
    }

    async fn play(&mut self, event: Event) -> Result<(), TestCaseError> {
        match event {
            Event::Reserve(worst) => {
                let purse = self.budgets.with(Some(cents(self.limit).usd())).purse(&alice(None)).unwrap();
                let has_room = self.spent + self.reserved() + worst <= self.limit;
                let reserved = set_aside(&purse, worst).await;
                prop_assert_eq!(reserved.is_ok(), has_room);
                if let Ok(reserved) = reserved {
                    let is_in_store = !matches!(self.mood, Mood::Gone);
                    self.calls.push(Call { reserved, worst, is_in_store });
                }
            }
            Event::Settle(..) | Event::Drop(_) if self.calls.is_empty() => {}
            Event::Settle(at, cost) => {
                let call = self.calls.remove(at % self.calls.len());
                self.spent += cost.min(call.worst);
                call.reserved.settle(cents(cost.min(call.worst)));
            }
            Event::Drop(at) => self.spent += self.calls.remove(at % self.calls.len()).worst,
            Event::Store(mood) => {
                self.mood = mood;
                self.store.is(mood);
            }
            Event::Reload(limit) => self.limit = limit,
        }
        later().await;
        Ok(())
    }

    /// A store that answers late isn't asked: it would be in doubt what it says.
    async fn compare(&self) -> Result<(), TestCaseError> {
        if !matches!(self.mood, Mood::Late) {
            prop_assert_eq!(booked(&self.budgets, &alice(None)).await, stands(self.spent, self.reserved()));
        }
        Ok(())
    }
}

async fn follow(events: Vec<Event>) -> Result<(), TestCaseError> {
    let (store, budgets, _) = unsteady(OnStorageError::Memory);
    let mut both = Both { store, mood: Mood::There, budgets, limit: 10, spent: 0, calls: Vec::new() };
    for event in events {
        both.play(event).await?;
        both.compare().await?;
    }
    both.play(Event::Store(Mood::There)).await?;
    while !both.calls.is_empty() {
        both.play(Event::Drop(0)).await?;
    }
    both.compare().await?;
    prop_assert_eq!((tellers(&both.budgets), both.budgets.untold()), (0, Cost::ZERO));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_the_store_does_what_is_told_is_what_calls_have_cost(events in vec(event(), 0..60)) {
        // A runtime of its own, with whose end everything ends.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.unwrap().block_on(follow(events))?;
    }
}
