//! Any sequence of events, against the reference: several circuits of one registry, permits that are held across
//! changes, dropped permits, time, and rules that change meanwhile.
//!
//! What is compared after each event: who is admitted, as what, or when to ask again; and how every circuit stands. In
//! the end all permits are dropped, and no slot of a half-open circuit may be missing.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tokio::time::advance;

use super::reference::{Held, Reference};
use super::*;
use crate::resilience::BreakerRegistry;

const MODELS: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone)]
enum Event {
    /// An attempt with that model.
    Admit(usize),
    /// Ends the held permit at this index, modulo their number.
    Succeed(usize),
    Fail(usize),
    Drop(usize),
    /// So many seconds pass.
    Advance(u64),
    /// Other rules.
    Reconfigure(BreakerConfig),
}

fn rules() -> impl Strategy<Value = BreakerConfig> {
    (0..8_u32, 1..=10_u32, 10..=300_u64, 1..=5_u32).prop_map(
        |(off, failure_threshold, seconds, half_open_attempts)| BreakerConfig {
            enabled: off > 0,
            failure_threshold,
            open_for: Duration::from_secs(seconds),
            half_open_attempts,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (0..MODELS.len()).prop_map(Event::Admit),
        4 => any::<usize>().prop_map(Event::Succeed),
        6 => any::<usize>().prop_map(Event::Fail),
        2 => any::<usize>().prop_map(Event::Drop),
        2 => (0..90_u64).prop_map(Event::Advance),
        1 => rules().prop_map(Event::Reconfigure),
    ]
}

/// A registry, and what it should do.
struct Both {
    registry: BreakerRegistry,
    references: BTreeMap<usize, Reference>,
    held: Vec<(usize, Permit, Held)>,
}

impl Both {
    fn new(config: BreakerConfig) -> Self {
        Self { registry: BreakerRegistry::new(config), references: BTreeMap::new(), held: Vec::new() }
    }

    fn breaker(&mut self, model: usize) -> (Arc<Breaker>, &mut Reference) {
        let config = self.registry.config();
        let reference = self.references.entry(model).or_insert_with(|| Reference::new(config));
        (self.registry.get("https://upstream", MODELS[model]), reference)
    }

    async fn play(&mut self, event: Event) -> Result<(), TestCaseError> {
        let now = Instant::now();
        match event {
            Event::Admit(model) => {
                let (breaker, reference) = self.breaker(model);
                match (breaker.admit(), reference.admit(now)) {
                    (Ok(permit), Ok(held)) => {
                        prop_assert_eq!(permit.is_probe(), held.is_probe);
                        self.held.push((model, permit, held));
                    }
                    (Err(open), Err(wait)) => prop_assert_eq!(open.retry_after, wait),
                    (ours, theirs) => prop_assert!(false, "{:?} rather than {:?}", ours, theirs),
                }
            }
            Event::Advance(seconds) => advance(Duration::from_secs(seconds)).await,
            Event::Reconfigure(config) => {
                self.registry.reconfigure(config);
                self.references.values_mut().for_each(|reference| reference.reconfigure(config));
            }
            Event::Succeed(at) => self.end(at, Some(true), now),
            Event::Fail(at) => self.end(at, Some(false), now),
            Event::Drop(at) => self.end(at, None, now),
        }
        Ok(())
    }

    fn end(&mut self, at: usize, outcome: Option<bool>, now: Instant) {
        if self.held.is_empty() {
            return;
        }
        let (model, permit, held) = self.held.remove(at % self.held.len());
        self.breaker(model).1.end(held, outcome, now);
        match outcome {
            Some(true) => permit.succeed(),
            Some(false) => permit.fail(),
            None => drop(permit),
        }
    }

    fn compare(&self) -> Result<(), TestCaseError> {
        let now = Instant::now();
        let ours: Vec<_> = self.registry.snapshot().iter().map(|status| status.state.as_str()).collect();
        let theirs: Vec<_> = self.references.values().map(|reference| reference.state(now)).collect();
        prop_assert_eq!(ours, theirs);
        Ok(())
    }

    fn no_slot_is_missing(&mut self) -> Result<(), TestCaseError> {
        while !self.held.is_empty() {
            self.end(0, None, Instant::now());
        }
        for (model, reference) in &self.references {
            let breaker = self.registry.get("https://upstream", MODELS[*model]);
            let expected = reference.room(Instant::now()).unwrap_or(MANY);
            prop_assert_eq!(room(&breaker), expected);
        }
        Ok(())
    }
}

async fn follow(config: BreakerConfig, events: Vec<Event>) -> Result<(), TestCaseError> {
    let mut both = Both::new(config);
    for event in events {
        both.play(event).await?;
        both.compare()?;
    }
    both.no_slot_is_missing()?;
    advance(Duration::from_mins(5)).await;
    both.compare()?;
    both.no_slot_is_missing()
}

proptest! {
    #[test]
    fn any_sequence_of_events_goes_as_the_contract_says(
        config in rules(),
        events in prop::collection::vec(event(), 0..200),
    ) {
        in_paused_time(follow(config, events))?;
    }
}
