//! Processes that are killed as they enter a system call that writes: before each of them, one after the other.

use std::time::Duration;

use promptchain::simulator::SimulatorConfig;

use super::runs::Place as RunPlace;
use super::{Effort, Ledger};
use crate::batch::place::Place;
use crate::support::{Command, Ran, has_program};

const HOW_TO_GET_STRACE: &str = "apt-get install strace";
/// How often at most at one of them: beyond that, all are of one kind.
const MOST: usize = 40;

/// Runs it until a thread enters that call for the `nth` time, which kills it.
fn killed_at(command: Command, call: &str, nth: usize) -> Ran {
    let inject = format!("inject={call}:signal=KILL:when={nth}");
    let trace = format!("trace={call}");
    command.under(&["strace", "-f", "-qqq", "-o", "/dev/null", "-e", &trace, "-e", &inject]).run()
}

/// Tries `kill`, which says whether there was such a moment, at every entry of each of these calls; or at some.
fn at_every(calls: &[&'static str], some: usize, mut kill: impl FnMut(&'static str, usize) -> bool) {
    let effort = Effort::asked_for();
    let mut rng = effort.rng(calls[0]);
    let mut killed = 0;
    if !effort.is_whole() {
        while killed < some {
            killed += usize::from(kill(calls[rng.usize(..calls.len())], rng.usize(1..=6)));
        }
        return;
    }
    for call in calls {
        let times = (1..=MOST).take_while(|nth| kill(call, *nth)).count();
        assert!(times > 0, "nobody enters {call}");
        killed += times;
    }
    effort.tell(&format!("killed {killed} times at {calls:?}"));
}

#[test]
fn a_run_that_is_killed_before_any_write_leaves_whole_files() {
    if !has_program("strace", HOW_TO_GET_STRACE) {
        return;
    }
    let answer = RunPlace::answer();
    at_every(&["fsync", "linkat", "renameat", "write"], 5, |call, nth| {
        let place = RunPlace::new();
        let ran = killed_at(place.whole_run(), call, nth);
        assert!(ran.code.is_none_or(|code| code == 0), "{call} {nth}: {:?} {}", ran.code, ran.stderr);
        // Only just before it is renamed has a file a name that isn't its own.
        place.look_and_go_on(&answer, call == "renameat");
        ran.code.is_none()
    });
}

#[test]
fn a_batch_that_is_killed_before_any_write_pays_for_nothing_twice_that_it_had_finished() {
    if !has_program("strace", HOW_TO_GET_STRACE) {
        return;
    }
    for args in [
        ["in.jsonl", "-o", "out.jsonl", "--concurrency", "2", "--resume"],
        ["in.jsonl", "-o", "out.jsonl", "--message-batches", "-q", "--resume"],
    ] {
        at_every(&["fdatasync", "fsync", "ftruncate", "write"], 3, |call, nth| {
            let batch_time = Duration::from_millis(20);
            let config = SimulatorConfig { batch_time, ..SimulatorConfig::default() };
            let (place, mut ledger) = (Place::start(config).with_questions(3), Ledger::new(3));
            let ran = killed_at(place.command(&args), call, nth);
            assert!(ran.code.is_none_or(|code| code == 0), "{call} {nth}: {:?} {}", ran.code, ran.stderr);
            ledger.look(&place, "out.jsonl.journal");
            place.batch(&args).exits(0);
            ledger.conclude(&place, "out.jsonl.journal");
            ran.code.is_none()
        });
    }
}
