//! The windows of a bounded number of keys, in memory.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::decision::Standing;
use super::key::CompactKey;
use crate::settings::RateLimit;

/// How many keys whose windows have ended a request may cost. As it adds at most one, any number above
/// that keeps the table from filling with them.
const ENDED_PER_REQUEST: usize = 4;

/// The windows of keys, each with one for every length among the limits.
#[derive(Debug)]
pub(super) struct WindowTable {
    max_keys: usize,
    windows: HashMap<CompactKey, Box<[Window]>>,
    /// The same keys by when their last window ends.
    by_end: BTreeSet<(Instant, CompactKey)>,
}

/// A window that has begun.
#[derive(Debug, Clone, Copy)]
struct Window {
    used: u32,
    ends: Instant,
    /// By which it is found again when limits have changed.
    length: Duration,
}

impl WindowTable {
    pub(super) fn new(max_keys: usize) -> Self {
        Self { max_keys, windows: HashMap::new(), by_end: BTreeSet::new() }
    }

    /// How each limit stands before a request, which is counted if none is exhausted. Limits may
    /// differ from call to call.
    pub(super) fn take(&mut self, limits: &[RateLimit], key: CompactKey, now: Instant) -> Vec<Standing> {
        self.drop_ended(now);
        let windows = self.current(limits, key, now);
        let standing = |(&limit, window): (&RateLimit, &Window)| Standing {
            limit,
            used: window.used,
            reset_in: window.ends.saturating_duration_since(now),
        };
        let standings: Vec<_> = limits.iter().zip(&windows).map(standing).collect();
        if standings.iter().all(|standing| standing.remaining() > 0) {
            self.count(key, windows);
        }
        standings
    }

    /// Takes over how each limit stood elsewhere before a request, which was counted if none was exhausted.
    pub(super) fn learn(&mut self, key: CompactKey, standings: &[Standing], now: Instant) {
        self.drop_ended(now);
        let window = |standing: &Standing| Window {
            used: standing.used,
            ends: now + standing.reset_in,
            length: standing.limit.window(),
        };
        let windows = standings.iter().map(window).collect();
        if standings.iter().all(|standing| standing.remaining() > 0) {
            self.count(key, windows);
        } else {
            self.remember(key, windows);
        }
    }

    /// The key's windows; one that has ended, or never began, begins now if the request passes.
    fn current(&self, limits: &[RateLimit], key: CompactKey, now: Instant) -> Box<[Window]> {
        let known = self.windows.get(&key).map(AsRef::as_ref).unwrap_or_default();
        let current = |limit: &RateLimit| {
            let length = limit.window();
            let known = known.iter().find(|window| window.length == length && window.ends > now);
            known.copied().unwrap_or(Window { used: 0, ends: now + length, length })
        };
        limits.iter().map(current).collect()
    }

    fn count(&mut self, key: CompactKey, mut windows: Box<[Window]>) {
        for window in &mut windows {
            window.used += 1;
        }
        self.remember(key, windows);
    }

    fn remember(&mut self, key: CompactKey, windows: Box<[Window]>) {
        self.forget(key);
        if self.windows.len() >= self.max_keys
            && let Some((_, soonest)) = self.by_end.pop_first()
        {
            self.windows.remove(&soonest);
        }
        if let Some(end) = last_end(&windows) {
            self.by_end.insert((end, key));
            self.windows.insert(key, windows);
        }
    }

    /// How many keys are remembered.
    pub(super) fn keys(&self) -> usize {
        self.windows.len()
    }

    fn forget(&mut self, key: CompactKey) {
        if let Some(end) = self.windows.remove(&key).as_deref().and_then(last_end) {
            self.by_end.remove(&(end, key));
        }
    }

    fn drop_ended(&mut self, now: Instant) {
        for _ in 0..ENDED_PER_REQUEST {
            match self.by_end.first() {
                Some(&(end, key)) if end <= now => self.forget(key),
                _ => return,
            }
        }
    }
}

fn last_end(windows: &[Window]) -> Option<Instant> {
    windows.iter().map(|window| window.ends).max()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::server::rate_limit::{Decision, Outcome};
    use crate::settings::RateUnit;

    fn decide(table: &mut WindowTable, limits: &[RateLimit], number: u32, now: Instant) -> Decision {
        Decision::of(&table.take(limits, key(number), now)).unwrap()
    }

    fn per_seconds(count: u32, periods: u32) -> RateLimit {
        RateLimit { count, periods, unit: RateUnit::Second }
    }

    fn key(number: u32) -> CompactKey {
        CompactKey::Address(IpAddr::from(number.to_be_bytes()))
    }

    fn passes(table: &mut WindowTable, limit: RateLimit, number: u32, now: Instant) -> bool {
        decide(table, &[limit], number, now).outcome == Outcome::Allowed
    }

    #[test]
    fn a_full_table_forgets_the_key_that_resets_soonest_and_no_other() {
        let (mut table, start) = (WindowTable::new(3), Instant::now());
        for number in 1..=4 {
            let now = start + Duration::from_secs(number.into());
            assert!(passes(&mut table, per_seconds(1, 60), number, now));
        }
        assert_eq!((table.windows.len(), table.by_end.len()), (3, 3));
        let now = start + Duration::from_secs(5);
        for number in [2, 3, 4] {
            assert!(!passes(&mut table, per_seconds(1, 60), number, now), "key {number} is remembered");
        }
        assert!(passes(&mut table, per_seconds(1, 60), 1, now), "key 1 is forgotten");
    }

    #[test]
    fn a_known_key_pushes_nobody_out() {
        let (mut table, now) = (WindowTable::new(2), Instant::now());
        for number in [1, 2, 1, 1, 2] {
            assert!(passes(&mut table, per_seconds(3, 60), number, now));
        }
        assert!(!passes(&mut table, per_seconds(3, 60), 1, now));
        assert!(passes(&mut table, per_seconds(3, 60), 2, now));
        assert!(!passes(&mut table, per_seconds(3, 60), 2, now));
    }

    #[test]
    fn keys_whose_windows_have_ended_go_as_others_come() {
        let (mut table, start) = (WindowTable::new(1_000), Instant::now());
        for number in 0..900 {
            assert!(passes(&mut table, per_seconds(5, 1), number, start));
        }
        assert_eq!(table.windows.len(), 900);
        for request in 0..300 {
            let now = start + Duration::from_secs(1);
            passes(&mut table, per_seconds(1_000, 1), 5_000, now);
            let dropped = (request + 1) * ENDED_PER_REQUEST;
            assert_eq!(table.windows.len(), 900_usize.saturating_sub(dropped) + 1);
        }
        assert_eq!((table.windows.len(), table.by_end.len()), (1, 1));
    }

    #[test]
    fn a_key_is_kept_while_any_of_its_windows_lasts() {
        let (mut table, start) = (WindowTable::new(10), Instant::now());
        let limits = [per_seconds(1, 1), per_seconds(2, 10)];
        let mut outcome = |seconds| {
            let decision = decide(&mut table, &limits, 1, start + Duration::from_secs(seconds));
            (decision.outcome == Outcome::Allowed, table.windows.len())
        };
        assert_eq!(outcome(0), (true, 1));
        assert_eq!(outcome(5), (true, 1));
        assert_eq!(outcome(9), (false, 1), "by the longer limit");
        assert_eq!(outcome(10), (true, 1));
    }

    #[test]
    fn what_was_counted_elsewhere_goes_on_here() {
        let (mut table, start) = (WindowTable::new(10), Instant::now());
        let limits = [per_seconds(5, 10), per_seconds(7, 60)];
        let stood = |used: [u32; 2], reset_in: [u64; 2]| -> Vec<Standing> {
            let standing = |at: usize| Standing {
                limit: limits[at],
                used: used[at],
                reset_in: Duration::from_secs(reset_in[at]),
            };
            vec![standing(0), standing(1)]
        };
        let mut shown = |seconds: u64| {
            let decision = decide(&mut table, &limits, 1, start + Duration::from_secs(seconds));
            (decision.limit.count, decision.remaining, decision.reset_in.as_secs())
        };
        assert_eq!(shown(0), (5, 4, 10));
        table.learn(key(1), &stood([3, 3], [4, 40]), start + Duration::from_secs(1));
        let mut shown = |seconds: u64| {
            let decision = decide(&mut table, &limits, 1, start + Duration::from_secs(seconds));
            (decision.limit.count, decision.remaining, decision.reset_in.as_secs(), decision.outcome)
        };
        assert_eq!(shown(2), (5, 0, 3, Outcome::Allowed), "the fifth, after the one that was counted there");
        assert_eq!(shown(2), (5, 0, 3, Outcome::Refused));
        assert_eq!(shown(5), (7, 1, 36, Outcome::Allowed), "the shorter window has ended");
        table.learn(key(1), &stood([5, 6], [9, 35]), start + Duration::from_secs(6));
        let decision = decide(&mut table, &limits, 1, start + Duration::from_secs(7));
        assert_eq!((decision.outcome, decision.reset_in.as_secs()), (Outcome::Refused, 8), "and not counted");
    }
}
