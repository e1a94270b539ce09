//! The breakers of a process: one for each upstream and model, shared by all runs.
//!
//! It must not grow without bound, since model names may come from outside.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::breaker::Breaker;
use super::circuit::{BreakerConfig, BreakerState};
use super::observer::{BreakerObserver, Observer};
use crate::sync::lock;

/// Breakers kept at most: far more than the upstreams and models anyone has, few enough to be
/// looked through when room is needed.
const MAX_BREAKERS: usize = 1024;

/// Hands out the breaker for an upstream and a model.
#[derive(Debug)]
pub struct BreakerRegistry {
    breakers: Mutex<Breakers>,
    observer: Observer,
}

#[derive(Debug)]
struct Breakers {
    config: BreakerConfig,
    by_key: BTreeMap<Key, Arc<Breaker>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    upstream: String,
    model: String,
}

/// One breaker, as it stood when [`BreakerRegistry::snapshot`] was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerStatus {
    /// The upstream's origin.
    pub upstream: String,
    /// The model called there.
    pub model: String,
    /// Where the circuit stood.
    pub state: BreakerState,
}

impl BreakerRegistry {
    /// A registry whose breakers all follow `config`.
    #[must_use]
    pub fn new(config: BreakerConfig) -> Self {
        Self {
            breakers: Mutex::new(Breakers { config, by_key: BTreeMap::new() }),
            observer: Observer::default(),
        }
    }

    /// All breakers follow `config` from now on, those too that there are already: where each stands, it goes
    /// on from. Switched off, they forget what they know.
    pub fn reconfigure(&self, config: BreakerConfig) {
        let mut breakers = self.lock();
        breakers.config = config;
        for breaker in breakers.by_key.values() {
            breaker.reconfigure(config);
        }
    }

    /// What all of them follow.
    #[must_use]
    pub fn config(&self) -> BreakerConfig {
        self.lock().config
    }

    /// From now on `observer` is told of every change of every breaker, those included that there are
    /// already. There is one observer: a second is passed over.
    pub fn observe(&self, observer: Arc<dyn BreakerObserver>) {
        // Fails only if there is one already.
        drop(self.observer.set(observer));
    }

    /// The breaker for `model` at `upstream` (an origin), the same one for everyone who asks.
    ///
    /// The registry holds 1024 breakers. When it is full, a new one takes the place of the one
    /// with the least to remember: a closed one without failures, else the one with the fewest,
    /// else any; among equals one that no call is using. Calls that still use it go on, but the
    /// next to ask for it starts afresh.
    #[must_use]
    pub fn get(&self, upstream: &str, model: &str) -> Arc<Breaker> {
        let key = Key { upstream: upstream.to_owned(), model: model.to_owned() };
        let mut breakers = self.lock();
        let Breakers { config, by_key } = &mut *breakers;
        if !by_key.contains_key(&key) && by_key.len() >= MAX_BREAKERS {
            forget_one(by_key);
        }
        Arc::clone(by_key.entry(key).or_insert_with(|| {
            Arc::new(Breaker::watched(upstream, model, *config, Arc::clone(&self.observer)))
        }))
    }

    /// All breakers, sorted by upstream and model.
    #[must_use]
    pub fn snapshot(&self) -> Vec<BreakerStatus> {
        let status = |(key, breaker): (&Key, &Arc<Breaker>)| BreakerStatus {
            upstream: key.upstream.clone(),
            model: key.model.clone(),
            state: breaker.state(),
        };
        self.lock().by_key.iter().map(status).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Breakers> {
        lock(&self.breakers)
    }
}

fn forget_one(breakers: &mut BTreeMap<Key, Arc<Breaker>>) {
    let least = breakers.iter().min_by_key(|(_, breaker)| (breaker.memory(), Arc::strong_count(breaker)));
    if let Some(key) = least.map(|(key, _)| key.clone()) {
        breakers.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::circuit::Transition;
    use super::*;

    fn registry() -> BreakerRegistry {
        let open_for = Duration::from_secs(30);
        BreakerRegistry::new(BreakerConfig {
            enabled: true,
            failure_threshold: 2,
            open_for,
            half_open_attempts: 1,
        })
    }

    fn fail(breaker: &Arc<Breaker>) {
        breaker.admit().unwrap().fail();
    }

    #[test]
    fn everyone_who_asks_for_the_same_upstream_and_model_gets_the_same_breaker() {
        let registry = registry();
        let one = registry.get("https://a", "m");
        assert!(Arc::ptr_eq(&one, &registry.get("https://a", "m")));
        assert!(!Arc::ptr_eq(&one, &registry.get("https://a", "n")));
        assert!(!Arc::ptr_eq(&one, &registry.get("https://b", "m")));
    }

    #[test]
    fn a_model_that_fails_leaves_the_others_alone() {
        let registry = registry();
        let ill = registry.get("https://a", "ill");
        let well = registry.get("https://a", "well");
        fail(&ill);
        fail(&ill);
        assert!(ill.admit().is_err());
        assert!(well.admit().is_ok());
    }

    #[test]
    fn a_snapshot_names_every_breaker_and_its_state_in_order() {
        let registry = registry();
        let ill = registry.get("https://b", "m");
        let _ = registry.get("https://a", "m");
        fail(&ill);
        fail(&ill);
        let seen: Vec<_> =
            registry.snapshot().into_iter().map(|s| (s.upstream, s.model, s.state.as_str())).collect();
        let expected = [("https://a", "m", "closed"), ("https://b", "m", "open")];
        assert_eq!(seen, expected.map(|(u, m, s)| (u.to_owned(), m.to_owned(), s)));
    }

    #[tokio::test(start_paused = true)]
    async fn other_rules_hold_for_all_breakers_at_once_from_where_each_stands() {
        let registry = registry();
        let (ill, ailing) = (registry.get("u", "ill"), registry.get("u", "ailing"));
        fail(&ill);
        fail(&ill);
        fail(&ailing);
        let stricter =
            BreakerConfig { open_for: Duration::from_mins(1), failure_threshold: 3, ..registry.config() };
        registry.reconfigure(stricter);
        fail(&ailing);
        assert!(ailing.admit().is_ok(), "two of three");
        assert!(ill.admit().is_err(), "it is open still");
        tokio::time::advance(Duration::from_secs(30)).await;
        fail(&ill);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(ill.admit().is_err(), "by the longer time");
        fail(&ailing);
        assert!(ailing.admit().is_err());
        assert_eq!(registry.get("u", "new").admit().map(|permit| permit.is_probe()), Ok(false));
    }

    #[test]
    fn switched_off_breakers_forget_and_what_was_admitted_before_settles_nothing() {
        let registry = registry();
        let ill = registry.get("u", "ill");
        let earlier = ill.admit().unwrap();
        fail(&ill);
        fail(&ill);
        let config = registry.config();
        registry.reconfigure(BreakerConfig { enabled: false, ..config });
        for _ in 0..5 {
            fail(&ill);
        }
        assert_eq!(ill.state(), BreakerState::Closed);
        let while_off = ill.admit().unwrap();
        registry.reconfigure(config);
        earlier.fail();
        while_off.fail();
        fail(&ill);
        assert!(ill.admit().is_ok());
        fail(&ill);
        assert!(ill.admit().is_err());
    }

    fn models(registry: &BreakerRegistry) -> Vec<String> {
        registry.snapshot().into_iter().map(|status| status.model).collect()
    }

    #[test]
    fn a_full_registry_forgets_no_open_circuit() {
        let registry = registry();
        let ill = registry.get("u", "ill");
        fail(&ill);
        fail(&ill);
        drop(ill);
        for n in 0..2 * MAX_BREAKERS {
            fail(&registry.get("u", &format!("failing {n}")));
        }
        assert_eq!(models(&registry).len(), MAX_BREAKERS);
        assert!(registry.get("u", "ill").admit().is_err());
    }

    #[test]
    fn a_full_registry_forgets_first_what_has_no_failures() {
        let registry = registry();
        for n in 1..MAX_BREAKERS {
            fail(&registry.get("u", &format!("failing {n}")));
        }
        let _in_use = registry.get("u", "well");
        fail(&registry.get("u", "one more"));
        assert_eq!(models(&registry).len(), MAX_BREAKERS);
        assert!(!models(&registry).contains(&"well".to_owned()));
    }

    #[test]
    fn among_equals_a_full_registry_forgets_what_is_not_in_use() {
        let registry = registry();
        let in_use: Vec<_> = (1..MAX_BREAKERS).map(|n| registry.get("u", &format!("used {n}"))).collect();
        drop(registry.get("u", "zzz unused"));
        drop(registry.get("u", "one more"));
        let models = models(&registry);
        assert_eq!(models.len(), in_use.len() + 1);
        assert!(!models.contains(&"zzz unused".to_owned()));
    }

    /// Remembers what it is told.
    #[derive(Debug, Default)]
    struct Heard(Mutex<Vec<String>>);

    impl BreakerObserver for Heard {
        fn changed(&self, model: &str, transition: Transition) {
            let Transition { from, to, reason } = transition;
            let heard = format!("{model}: {} to {}, {reason:?}", from.as_str(), to.as_str());
            self.0.lock().unwrap().push(heard);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_observer_is_told_of_every_change_of_all_breakers_and_a_second_one_of_none() {
        let registry = registry();
        let earlier = registry.get("https://a", "earlier");
        let [heard, second] = [(); 2].map(|()| Arc::new(Heard::default()));
        registry.observe(heard.clone());
        registry.observe(second.clone());
        let later = registry.get("https://a", "later");
        for breaker in [&earlier, &earlier, &later, &later] {
            fail(breaker);
        }
        tokio::time::advance(Duration::from_secs(30)).await;
        fail(&earlier);
        later.admit().unwrap().succeed();
        let expected = [
            "earlier: closed to open, Consecutive",
            "later: closed to open, Consecutive",
            "earlier: open to half-open, TimeOutPassed",
            "earlier: half-open to open, ProbeFailed",
            "later: open to half-open, TimeOutPassed",
            "later: half-open to closed, ProbesSucceeded",
        ];
        assert_eq!(*heard.0.lock().unwrap(), expected);
        assert!(second.0.lock().unwrap().is_empty());
    }
}
