//! A batch that is killed: nothing that was finished is run again, and no line is lost or doubled.

use std::time::Duration;

use promptchain::simulator::{SimulatorConfig, Step};

use super::place::{Place, lines};

const STEPS: [Step; 3] = [Step::Analyze, Step::Process, Step::Synthesize];

#[test]
fn a_batch_that_is_killed_again_and_again_runs_every_step_of_every_line_once() {
    const LINES: usize = 120;
    const CONCURRENCY: usize = 4;
    let config = SimulatorConfig { latency: Duration::from_millis(5), ..SimulatorConfig::default() };
    let place = Place::start(config).with_questions(LINES);
    let args = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "4", "--resume"];
    for kill in 1..=3 {
        let batch = place.begin(&args);
        place.upstream.wait_for(|calls| calls.len() >= kill * 80);
        batch.signal("KILL");
        batch.finish();
    }
    place.batch(&args).exits(0);
    let mut done = lines(&place.results());
    done.sort_unstable();
    assert_eq!(done, (1..=LINES as u64).collect::<Vec<_>>());
    let of_steps = STEPS.map(|step| place.calls_of(step));
    assert!(of_steps.iter().all(|calls| *calls >= LINES), "{of_steps:?}");
    let surplus: usize = of_steps.iter().map(|calls| calls - LINES).sum();
    assert!(surplus <= 3 * CONCURRENCY, "{of_steps:?}");
}

#[test]
fn a_run_that_died_between_two_steps_goes_on_from_the_last_that_was_finished() {
    let place = Place::new(&["synthesize:hang-before-head@1-2"]).with_questions(2);
    let args = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "2", "--resume"];
    let batch = place.begin(&args);
    place
        .upstream
        .wait_for(|calls| calls.iter().filter(|call| call.step == Some(Step::Synthesize)).count() == 2);
    batch.signal("KILL");
    batch.finish();
    place.batch(&args).exits(0);
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [2, 2, 4]);
    for result in place.results() {
        let statuses: Vec<_> =
            result["steps"].as_array().unwrap().iter().map(|step| step["status"].clone()).collect();
        assert_eq!(statuses, ["reused", "reused", "ok"]);
        // The call in flight at the kill is one of which nobody knows what it came to.
        assert_eq!(result["usage"]["uncounted_attempts"], 1);
    }
}
