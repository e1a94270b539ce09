//! How much is tried, and from which seed.

use std::env;
use std::io::Write;

/// Kills, where nobody asks for more.
const KILLS: usize = 20;

/// How much is tried.
#[derive(Debug, Clone)]
pub(super) struct Effort {
    kills: usize,
    seed: u64,
}

impl Effort {
    pub(super) fn asked_for() -> Self {
        let number = |name| env::var(name).ok().map(|value| value.parse().unwrap());
        let kills = number("PROMPTCHAIN_TEST_KILLS").unwrap_or(KILLS as u64);
        Self { kills: usize::try_from(kills).unwrap(), seed: number("PROMPTCHAIN_TEST_SEED").unwrap_or(1) }
    }

    /// That share of all kills.
    pub(super) fn percent(&self, share: usize) -> usize {
        (self.kills * share).div_ceil(100)
    }

    /// Whether everything is tried, and not only some of it.
    pub(super) fn is_whole(&self) -> bool {
        self.kills > KILLS
    }

    /// Tells what came of trying everything: past the test harness, which shows only what failing tests say.
    pub(super) fn tell(&self, text: &str) {
        if self.is_whole() {
            std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
        }
    }

    /// What draws for the test of that name.
    pub(super) fn rng(&self, test: &str) -> fastrand::Rng {
        let own = test.bytes().fold(self.seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        fastrand::Rng::with_seed(own)
    }
}
