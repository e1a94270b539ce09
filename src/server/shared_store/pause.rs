//! How long a store that is gone is left alone.

use std::time::Duration;

/// The shortest wait: a store that was restarted is found soon.
const SHORTEST: Duration = Duration::from_millis(250);

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(5);

/// After how long a store that was there is trusted again.
const TRUSTED_AFTER: Duration = Duration::from_secs(30);

/// Waits that get longer for as long as the store isn't well, so that one that comes and goes isn't told of
/// all the time.
#[derive(Debug)]
pub(super) struct Pause {
    next: Duration,
}

impl Pause {
    pub(super) fn new() -> Self {
        Self { next: SHORTEST }
    }

    /// How long to wait after a failure, before which the store was there for so long.
    pub(super) fn after(&mut self, there: Duration) -> Duration {
        if there >= TRUSTED_AFTER {
            self.next = SHORTEST;
        }
        let pause = self.next;
        self.next = LONGEST.min(pause * 2);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_get_longer_until_the_store_was_well_for_a_while() {
        let mut pause = Pause::new();
        let mut waits = |there: &[u64]| -> Vec<u128> {
            there.iter().map(|&there| pause.after(Duration::from_secs(there)).as_millis()).collect()
        };
        assert_eq!(waits(&[0, 0, 0, 29, 0, 0, 0]), [250, 500, 1000, 2000, 4000, 5000, 5000]);
        assert_eq!(waits(&[30, 0, 3600, 3600]), [250, 500, 250, 250]);
    }
}
