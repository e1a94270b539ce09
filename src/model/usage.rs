//! What a call used, as far as the upstream has said so.

/// Tokens counted by the upstream. `None` is "not said", which is not the same as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Input tokens that were neither read from nor written to the cache.
    pub input: Option<u64>,
    /// Output tokens, thinking included.
    pub output: Option<u64>,
    /// Input tokens read from the cache.
    pub cache_read: Option<u64>,
    /// Input tokens written to the cache for five minutes.
    pub cache_write_5m: Option<u64>,
    /// Input tokens written to the cache for an hour.
    pub cache_write_1h: Option<u64>,
}

impl Usage {
    /// Takes over every figure that `later` has: the upstream's figures are cumulative, so they
    /// replace one another and must never be added up within a call.
    pub fn replace_with(&mut self, later: Usage) {
        self.input = later.input.or(self.input);
        self.output = later.output.or(self.output);
        self.cache_read = later.cache_read.or(self.cache_read);
        self.cache_write_5m = later.cache_write_5m.or(self.cache_write_5m);
        self.cache_write_1h = later.cache_write_1h.or(self.cache_write_1h);
    }

    /// Adds the figures of another call.
    pub fn add(&mut self, other: &Usage) {
        fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
            match (a, b) {
                (None, None) => None,
                (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
            }
        }
        self.input = sum(self.input, other.input);
        self.output = sum(self.output, other.output);
        self.cache_read = sum(self.cache_read, other.cache_read);
        self.cache_write_5m = sum(self.cache_write_5m, other.cache_write_5m);
        self.cache_write_1h = sum(self.cache_write_1h, other.cache_write_1h);
    }

    /// All cache writes together.
    #[must_use]
    pub fn cache_write(&self) -> Option<u64> {
        match (self.cache_write_5m, self.cache_write_1h) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0).saturating_add(b.unwrap_or(0))),
        }
    }

    /// The whole prompt: uncached input, cache reads and cache writes.
    #[must_use]
    pub fn prompt_tokens(&self) -> Option<u64> {
        let further = [self.cache_read, self.cache_write()].into_iter().flatten();
        self.input.map(|input| further.fold(input, u64::saturating_add))
    }
}

/// What one attempt used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptUsage {
    /// Nothing was billed: the upstream was never reached, or answered with an error.
    Nothing,
    /// The upstream's final figures.
    Counted(Usage),
    /// The call ended before the upstream's final figures came.
    Uncounted {
        /// What the upstream had counted by then; empty if it hadn't said anything.
        counted: Usage,
        /// Our estimate of the input tokens, if they weren't counted; else 0.
        estimated_input: u64,
        /// Our estimate of the output tokens received beyond what was counted.
        estimated_output: u64,
    },
}

impl AttemptUsage {
    /// What the upstream itself has counted.
    #[must_use]
    pub fn counted(&self) -> Usage {
        match self {
            Self::Nothing => Usage { input: Some(0), output: Some(0), ..Usage::default() },
            Self::Counted(usage) | Self::Uncounted { counted: usage, .. } => *usage,
        }
    }

    /// Whether the figures are final.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !matches!(self, Self::Uncounted { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_upstream_claims_beyond_counting_stays_the_most_that_can_be_counted() {
        let most = Some(u64::MAX);
        let usage =
            Usage { input: most, output: most, cache_read: most, cache_write_5m: most, cache_write_1h: most };
        assert_eq!((usage.prompt_tokens(), usage.cache_write()), (most, most));
        let mut sum = usage;
        sum.add(&usage);
        assert_eq!(sum, usage);
    }
}
