//! How long to wait before the next attempt, and whether there is one. The only file that names backon.
//!
//! It must not sleep or decide what is worth another attempt: callers do both.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// How often a call is attempted, and how long it rests in between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included, 1–10.
    pub max_attempts: u32,
    /// The first delay in seconds, 0.5–5.0; each further one is twice the one before.
    pub multiplier: f64,
    /// The longest delay, 5–300 s.
    pub max_delay: Duration,
}

impl RetryPolicy {
    /// The delays between the attempts of one call, each cut to a random 0.5–1.0 of itself, so
    /// that calls that failed together don't come back together.
    #[must_use]
    pub fn delays(&self) -> Delays {
        self.delays_with(fastrand::Rng::new())
    }

    /// [`delays`](Self::delays), with the randomness out of `rng`: a seed makes them repeatable.
    #[must_use]
    pub fn delays_with(&self, rng: fastrand::Rng) -> Delays {
        let retries = usize::try_from(self.max_attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let first = Duration::try_from_secs_f64(self.multiplier).unwrap_or(self.max_delay);
        let backoff = ExponentialBuilder::new()
            .with_factor(2.0)
            // backon caps every delay but the first.
            .with_min_delay(first.min(self.max_delay))
            .with_max_delay(self.max_delay)
            .with_max_times(retries)
            .build();
        Delays { backoff, rng }
    }
}

/// The delays between the attempts of one call; ends with the last attempt.
#[derive(Debug)]
pub struct Delays {
    backoff: ExponentialBackoff,
    rng: fastrand::Rng,
}

/// What follows a failed attempt that may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Wait this long, then try again.
    After(Duration),
    /// That was the last attempt.
    Exhausted,
    /// This wait would use up the remaining time: fail now rather than later.
    DoesNotFit(Duration),
}

impl Delays {
    /// What to do after an attempt failed, with `remaining` time for the whole call.
    ///
    /// The upstream's `retry_after` replaces the computed delay, be it longer or shorter. A wait
    /// fits if it leaves any time for the attempt that follows.
    pub fn next_wait(&mut self, retry_after: Option<Duration>, remaining: Duration) -> Wait {
        match self.next() {
            None => Wait::Exhausted,
            Some(delay) => match retry_after.unwrap_or(delay) {
                wait if wait < remaining => Wait::After(wait),
                wait => Wait::DoesNotFit(wait),
            },
        }
    }
}

impl Iterator for Delays {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let full = self.backoff.next()?;
        Some(full.mul_f64(0.5 + self.rng.f64() / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn policy(max_attempts: u32, multiplier: f64, max_delay_seconds: u64) -> RetryPolicy {
        RetryPolicy { max_attempts, multiplier, max_delay: Duration::from_secs(max_delay_seconds) }
    }

    /// Checks that every delay lies between half and the whole of what is expected, in seconds,
    /// and over many seeds comes near to both ends.
    #[track_caller]
    fn check(policy: RetryPolicy, expected: &[f64]) {
        for (n, full) in expected.iter().enumerate() {
            let factors: Vec<f64> = (0..1000)
                .map(|seed| {
                    let delays: Vec<_> = policy.delays_with(fastrand::Rng::with_seed(seed)).collect();
                    assert_eq!(delays.len(), expected.len());
                    delays[n].as_secs_f64() / full
                })
                .collect();
            let least = factors.iter().copied().fold(f64::MAX, f64::min);
            let most = factors.iter().copied().fold(0.0, f64::max);
            assert!((0.5..0.51).contains(&least), "delay {n} is at least {least} of {full} s");
            assert!((0.99..=1.0).contains(&most), "delay {n} is at most {most} of {full} s");
        }
    }

    #[test]
    fn delays_double_from_the_multiplier_up_to_the_longest() {
        check(policy(3, 1.0, 30), &[1.0, 2.0]);
        check(policy(10, 1.0, 30), &[1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0, 30.0]);
        check(policy(5, 0.5, 300), &[0.5, 1.0, 2.0, 4.0]);
        check(policy(4, 5.0, 5), &[5.0, 5.0, 5.0]);
        check(policy(3, 5.0, 2), &[2.0, 2.0]);
        check(policy(2, f64::NAN, 7), &[7.0]);
    }

    #[test]
    fn one_attempt_or_none_means_no_delay() {
        assert_eq!(policy(1, 1.0, 30).delays().next(), None);
        assert_eq!(policy(0, 1.0, 30).delays().next(), None);
    }

    #[test]
    fn two_calls_that_fail_together_wait_differently() {
        let policy = policy(10, 1.0, 30);
        assert_ne!(policy.delays().collect::<Vec<_>>(), policy.delays().collect::<Vec<_>>());
    }

    #[test]
    fn the_upstreams_wish_wins_be_it_longer_or_shorter() {
        let mut delays = policy(10, 1.0, 30).delays();
        for wish in [Duration::from_secs(90), Duration::from_millis(1), Duration::ZERO] {
            assert_eq!(delays.next_wait(Some(wish), HOUR), Wait::After(wish));
        }
    }

    #[test]
    fn a_wish_does_not_add_attempts() {
        let mut delays = policy(3, 1.0, 30).delays();
        let wish = Some(Duration::from_secs(1));
        let waits = [(); 3].map(|()| delays.next_wait(wish, HOUR));
        let after = Wait::After(Duration::from_secs(1));
        assert_eq!(waits, [after, after, Wait::Exhausted]);
    }

    #[test]
    fn a_wait_that_leaves_no_time_for_an_attempt_is_not_begun() {
        let ten = Duration::from_secs(10);
        let wait = |remaining| policy(3, 1.0, 30).delays().next_wait(Some(ten), remaining);
        assert_eq!(wait(ten + Duration::from_nanos(1)), Wait::After(ten));
        assert_eq!(wait(ten), Wait::DoesNotFit(ten));
        assert_eq!(wait(Duration::ZERO), Wait::DoesNotFit(ten));

        let own = policy(3, 1.0, 30).delays().next_wait(None, Duration::from_millis(499));
        assert!(matches!(own, Wait::DoesNotFit(wait) if wait >= Duration::from_millis(500)), "{own:?}");
    }
}
