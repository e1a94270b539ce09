//! Truth under faults: whatever goes wrong upstream, by whichever settings, and whenever the run is dropped, it
//! ends once, says what was sent, and counts what was used as the simulator's ledger has it. What isn't known is
//! said not to be.
//!
//! `PROPTEST_CASES=5000 cargo test truth` plays more cases.

mod ledger;
mod played;
mod rules;
mod scenario;

use proptest::test_runner::{Config, TestRunner};

use self::played::play;
use self::scenario::scenario;
use crate::support::configured;

#[test]
fn a_run_ends_once_says_what_was_sent_and_counts_what_was_used() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let defaults = configured(&[], false).chain;
    // A case that fails becomes a test of its own; a file of seeds would tell nobody what it was.
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&scenario(), |scenario| {
        let played = runtime.block_on(play(&scenario, &defaults));
        rules::check(&scenario, &played)
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
