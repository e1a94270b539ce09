//! What ends a batch before its input does.

use promptchain::simulator::{End, Step};

use super::place::{Place, lines, parsed, statuses};

#[test]
fn a_budget_is_kept_by_all_lines_together_and_what_is_finished_stays() {
    let place = Place::new(&[]).with_questions(40);
    let args = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "4"];
    let ran = place.batch(&[&args[..], &["--max-cost", "0.08"]].concat()).exits(9).says_nothing();
    ran.complains("others left").complains("raise --max-cost").complains("--resume goes on from here");
    let done = place.results().len();
    assert!((2..20).contains(&done), "{done}");
    let cost: f64 = place.results().iter().map(|result| result["cost_usd"].as_f64().unwrap()).sum();
    assert!(cost <= 0.08, "{cost}");
    let before = place.calls().len();
    // What was spent counts when it goes on.
    place.batch(&[&args[..], &["--resume", "--max-cost", "0.08"]].concat()).exits(9);
    assert!(place.calls().len() <= before + 2, "{before} {}", place.calls().len());
    place.batch(&[&args[..], &["--resume"]].concat()).exits(0);
    assert_eq!(place.results().len(), 40);
    for step in [Step::Analyze, Step::Process, Step::Synthesize] {
        assert_eq!(place.calls_of(step), 40, "{step:?}");
    }
}

#[test]
fn after_so_many_failures_nothing_further_is_begun() {
    let place = Place::new(&["analyze:bad-request"]).with_questions(50);
    let ran =
        place.batch(&["in.jsonl", "-o", "out.jsonl", "--concurrency", "2", "--max-failures", "5"]).exits(1);
    ran.complains("ended after").complains("--max-failures");
    let results = place.results();
    assert!((5..=6).contains(&results.len()), "{}", results.len());
    assert!(statuses(&results).iter().all(|status| *status == "failed"));
}

#[test]
fn what_every_line_would_fail_for_ends_the_batch_at_once() {
    for (fault, code) in [("analyze:unauthorized", 7), ("analyze:not-found", 3)] {
        let place = Place::new(&[fault]).with_questions(50);
        place.batch(&["in.jsonl", "-o", "out.jsonl", "--concurrency", "2"]).exits(code);
        assert!(place.calls().len() <= 2, "{}", place.calls().len());
        assert_eq!(place.results().len(), 0, "the lines aren't to blame");
    }
}

#[test]
fn a_line_for_which_the_upstream_asks_for_patience_is_tried_again() {
    let place = Place::new(&["process:rate-limit=2@1"]).with_questions(4);
    let args = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "2"];
    // Two seconds don't fit into the step's time, but into the batch's.
    place.batch_with(&args, &[("CHAIN_PROCESS_TIMEOUT", "2")]).exits(0);
    assert_eq!(statuses(&place.results()), ["ok"; 4]);
    assert_eq!((place.calls_of(Step::Analyze), place.calls_of(Step::Process)), (4, 5));
}

#[test]
fn an_interrupted_batch_closes_its_calls_and_can_be_gone_on_with() {
    let place = Place::new(&["process:hang-mid-reply@3-4"]).with_questions(8);
    let args = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "2"];
    let batch = place.begin(&args);
    place
        .upstream
        .wait_for(|calls| calls.iter().filter(|call| call.step == Some(Step::Process)).count() >= 4);
    batch.signal("INT");
    let ran = batch.finish().exits(130);
    ran.complains("others left").complains("hint: --resume goes on from here");
    let calls = place.upstream.wait_for(|calls| calls.iter().all(|call| call.end.is_some()));
    let left = calls.iter().filter(|call| matches!(call.end, Some(End::ClientLeft { .. }))).count();
    assert_eq!(left, 2);
    place.batch(&[&args[..], &["--resume"]].concat()).exits(0);
    let results = place.results();
    assert_eq!(results.len(), 8);
    assert_eq!((place.calls_of(Step::Analyze), place.calls_of(Step::Process)), (8, 10));
    // What was cut off is counted with its line, as far as the upstream had told.
    let incomplete = results.iter().filter(|result| result["usage"]["complete"] == false).count();
    assert_eq!(incomplete, 2);
    let told: f64 = results.iter().map(|result| result["cost_usd"].as_f64().unwrap()).sum();
    assert!(told > 0.0);
}

#[test]
fn a_reader_that_leaves_ends_the_batch_quietly() {
    let place = Place::new(&[]).with_questions(200);
    let mut batch = place.begin(&["in.jsonl", "--no-journal", "--concurrency", "2"]);
    batch.read_and_close_stdout(10);
    let ran = batch.finish();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(place.calls_of(Step::Analyze) < 200);
    assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
}

#[test]
fn results_in_the_inputs_order_wait_for_one_another() {
    let place = Place::new(&["analyze:server-error@1"]).with_questions(6);
    let results =
        parsed(&place.batch(&["in.jsonl", "--order", "input", "--concurrency", "3"]).exits(0).stdout);
    assert_eq!(lines(&results), [1, 2, 3, 4, 5, 6]);
}
