//! Plays the prompt cache: which part of a prompt is read from it, and which is written to it.
//!
//! Nothing expires, so that what a test sees doesn't depend on how long it takes.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use super::request::{CacheTime, Segment};
use super::tokens;

/// How the tokens of a prompt are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PromptTokens {
    /// Neither read nor written.
    pub(super) uncached: u64,
    /// Read from the cache.
    pub(super) read: u64,
    /// Written to the cache for five minutes.
    pub(super) written_5m: u64,
    /// Written to the cache for one hour.
    pub(super) written_1h: u64,
}

/// The prefixes that have been seen.
#[derive(Debug, Default)]
pub(super) struct PromptCache {
    seen: Mutex<HashSet<u64>>,
}

impl PromptCache {
    /// Counts a prompt for `model`, which caches prefixes of at least `cache_min` tokens (none if
    /// `None`), and remembers its marked prefixes. `uncacheable` tokens come on top.
    pub(super) fn count(
        &self,
        model: &str,
        cache_min: Option<u64>,
        segments: &[Segment],
        uncacheable: u64,
    ) -> PromptTokens {
        let mut prefix = DefaultHasher::new();
        model.hash(&mut prefix);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut total, mut read, mut cached, mut time) = (0, 0, 0, CacheTime::FiveMinutes);
        for segment in segments {
            segment.text.hash(&mut prefix);
            total += tokens::count(&segment.text);
            let long_enough = cache_min.is_some_and(|min| total >= min);
            if let Some(mark) = segment.cache.filter(|_| long_enough) {
                (cached, time) = (total, mark);
                if !seen.insert(prefix.finish()) {
                    read = total;
                }
            }
        }
        let written = cached - read;
        let counted =
            PromptTokens { uncached: total - cached + uncacheable, read, ..PromptTokens::default() };
        match time {
            CacheTime::FiveMinutes => PromptTokens { written_5m: written, ..counted },
            CacheTime::OneHour => PromptTokens { written_1h: written, ..counted },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(texts: &[(&str, bool)]) -> Vec<Segment> {
        let segment = |&(text, marked): &(&str, bool)| Segment {
            text: text.to_owned(),
            cache: marked.then_some(CacheTime::FiveMinutes),
        };
        texts.iter().map(segment).collect()
    }

    #[test]
    fn a_marked_prefix_is_written_first_and_read_afterwards() {
        let cache = PromptCache::default();
        let long = "word ".repeat(40);
        let prompt = segments(&[(&long, true), ("a question", false)]);
        let first = cache.count("m", Some(50), &prompt, 0);
        assert_eq!(first, PromptTokens { uncached: 3, written_5m: 50, ..PromptTokens::default() });
        let second = cache.count("m", Some(50), &prompt, 0);
        assert_eq!(second, PromptTokens { uncached: 3, read: 50, ..PromptTokens::default() });
        assert_eq!(cache.count("other", Some(50), &prompt, 0).read, 0, "each model has its own");
    }

    #[test]
    fn a_prefix_that_is_too_short_is_not_cached() {
        let cache = PromptCache::default();
        let prompt = segments(&[("short", true)]);
        for min in [Some(50), None] {
            assert_eq!(
                cache.count("m", min, &prompt, 5),
                PromptTokens { uncached: 7, ..PromptTokens::default() }
            );
        }
    }

    #[test]
    fn a_longer_prefix_writes_only_what_it_adds() {
        let cache = PromptCache::default();
        cache.count("m", Some(1), &segments(&[("system..", true)]), 0);
        let longer = cache.count("m", Some(1), &segments(&[("system..", true), ("turn", true)]), 0);
        assert_eq!(longer, PromptTokens { read: 2, written_5m: 1, ..PromptTokens::default() });
    }
}
