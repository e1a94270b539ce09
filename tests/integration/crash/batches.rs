//! `batch`, killed again and again.

use std::time::Duration;

use promptchain::simulator::SimulatorConfig;

use super::{Effort, Ledger, Life, Moment};
use crate::batch::place::Place;

const LINES: u64 = 12;
const PLAIN: [&str; 6] = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "3", "--resume"];
const MESSAGE_BATCHES: [&str; 5] = ["in.jsonl", "-o", "out.jsonl", "--message-batches", "--resume"];
const JOURNAL: &str = "out.jsonl.journal";
/// How often each batch is killed.
const KILLS_OF_ONE: usize = 5;

fn place() -> Place {
    let config = SimulatorConfig {
        latency: Duration::from_millis(2),
        batch_time: Duration::from_millis(30),
        ..SimulatorConfig::default()
    };
    Place::start(config).with_questions(usize::try_from(LINES).unwrap())
}

/// Kills batches at that share of all kills, and has each go on to its end.
fn kill_and_go_on(test: &str, args: &[&str], share: usize) {
    let effort = Effort::asked_for();
    let mut rng = effort.rng(test);
    let undisturbed = place();
    let life = Life::of(undisturbed.begin(args), &undisturbed.upstream, &undisturbed.path(JOURNAL));
    let mut left = effort.percent(share);
    while left > 0 {
        let (place, mut ledger) = (place(), Ledger::new(LINES));
        for _ in 0..KILLS_OF_ONE.min(left) {
            let moment = Moment::draw(&mut rng, life);
            let mut batch = place.begin(args);
            let was_killed = moment.kill(&mut batch, &place.upstream, &place.path(JOURNAL));
            let ran = batch.finish();
            assert!(was_killed || ran.code == Some(0), "{moment:?}: {}", ran.stderr);
            left -= usize::from(was_killed);
            ledger.look(&place, JOURNAL);
        }
        place.batch(args).exits(0);
        ledger.conclude(&place, JOURNAL);
    }
    effort.tell(&format!("{test}: killed {} times", effort.percent(share)));
}

#[test]
fn a_batch_that_is_killed_at_any_moment_pays_for_nothing_twice_that_it_had_finished() {
    kill_and_go_on("batch", &PLAIN, 40);
}

#[test]
fn message_batches_that_are_killed_at_any_moment_pay_for_nothing_twice_at_all() {
    kill_and_go_on("message batches", &MESSAGE_BATCHES, 20);
}
