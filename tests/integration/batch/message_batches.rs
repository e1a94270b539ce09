//! Steps run as Message Batches: at half the price, across crashes, and with everything that can go wrong.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use promptchain::simulator::{LogEntry, SimulatorConfig, Step};
use serde_json::Value;

use super::place::{Place, lines, statuses};
use crate::support::{Answering, Command, promptchain};

const ARGS: [&str; 5] = ["in.jsonl", "-o", "out.jsonl", "--message-batches", "--resume"];
const STEPS: [Step; 3] = [Step::Analyze, Step::Process, Step::Synthesize];

/// A simulator that takes that long for a batch.
fn slow(batch_time: Duration, faults: &[&str]) -> Place {
    let faults = faults.iter().map(|rule| rule.parse().unwrap()).collect();
    Place::start(SimulatorConfig { batch_time, faults, ..SimulatorConfig::default() })
}

/// The steps and the sizes of the batches that were worked on, in order.
fn batches(calls: &[LogEntry]) -> Vec<(Step, usize)> {
    let mut sizes: BTreeMap<String, (Step, usize)> = BTreeMap::new();
    for call in calls {
        let Some(batched) = &call.batch else { continue };
        sizes.entry(batched.batch_id.clone()).or_insert((call.step.unwrap(), 0)).1 += 1;
    }
    sizes.into_values().collect()
}

fn costs(results: &[Value]) -> f64 {
    results.iter().map(|result| result["cost_usd"].as_f64().unwrap()).sum()
}

/// How many batches were asked for.
fn created(place: &Place) -> usize {
    place.calls().iter().filter(|call| call.method == "POST" && call.path.ends_with("/batches")).count()
}

#[test]
fn each_step_is_one_batch_and_costs_half() {
    let place = Place::new(&[]).with_questions(30);
    let ran = place.batch(&ARGS).exits(0).says_nothing();
    ran.complains("a batch of 30 requests is sent").complains("30 done, 0 failed");
    assert_eq!(batches(&place.calls()), STEPS.map(|step| (step, 30)));
    assert_eq!(created(&place), 3);
    let results = place.results();
    let mut seen = lines(&results);
    seen.sort_unstable();
    assert_eq!(seen, (1..=30).collect::<Vec<_>>());
    let whole = Place::new(&[]).with_questions(30);
    whole.batch(&["in.jsonl", "-o", "out.jsonl"]).exits(0);
    assert!((costs(&results) * 2.0 - costs(&whole.results())).abs() < 1e-6);
    let texts = |results: &[Value]| -> BTreeMap<u64, String> {
        results.iter().map(|it| (it["line"].as_u64().unwrap(), it["text"].to_string())).collect()
    };
    assert_eq!(texts(&results), texts(&whole.results()), "the same chain");
}

#[test]
fn repairs_are_a_small_batch_of_their_own() {
    let place = Place::new(&["process:low-confidence@1-2"]).with_questions(6);
    place.batch(&ARGS).exits(0);
    let mut sizes = batches(&place.calls());
    sizes.sort_unstable_by_key(|(step, size)| (format!("{step:?}"), *size));
    let of = |step| sizes.iter().filter(|(of, _)| *of == step).map(|(_, size)| *size).collect::<Vec<_>>();
    assert_eq!(of(Step::Analyze), [6]);
    assert_eq!(of(Step::Process), [2, 6]);
    assert_eq!(of(Step::Synthesize).iter().sum::<usize>(), 6);
    assert_eq!(statuses(&place.results()), ["ok"; 6]);
}

#[test]
fn what_expires_or_fails_is_sent_again_within_limits() {
    let place = Place::new(&["analyze:expired@1-2", "process:server-error@3", "synthesize:canceled@1"])
        .with_questions(5);
    place.batch(&ARGS).exits(0);
    assert_eq!(statuses(&place.results()), ["ok"; 5]);
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [7, 6, 6]);

    let hopeless = Place::new(&["analyze:expired"]).with_questions(2);
    hopeless.batch(&ARGS).exits(1);
    assert_eq!(hopeless.calls_of(Step::Analyze), 6, "three attempts each");
    let message = hopeless.results()[0]["error"]["causes"][0].to_string();
    assert!(message.contains("expired"), "{message}");
}

#[test]
fn a_crash_costs_nothing_that_was_sent() {
    let place = slow(Duration::from_secs(1), &[]).with_questions(12);
    for at in 1..=3 {
        let batch = place.begin(&ARGS);
        place.upstream.wait_for(|calls| {
            calls.iter().filter(|call| call.method == "POST" && call.status == Some(200)).count() >= at
        });
        batch.signal("KILL");
        batch.finish();
    }
    place.batch(&ARGS).exits(0);
    assert_eq!(statuses(&place.results()), ["ok"; 12]);
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [12, 12, 12]);
    assert_eq!(created(&place), 3);
    let complete = place.results().iter().all(|result| result["usage"]["complete"] == true);
    assert!(complete, "what went on upstream was picked up, and counted");
}

#[test]
fn an_interrupted_batch_leaves_its_batches_to_be_picked_up() {
    let place = slow(Duration::from_secs(1), &[]).with_questions(4);
    let batch = place.begin(&ARGS);
    place
        .upstream
        .wait_for(|calls| calls.iter().any(|call| call.method == "POST" && call.status == Some(200)));
    batch.signal("INT");
    batch.finish().exits(130).complains("1 batch goes on upstream").complains("--resume");
    place.batch(&ARGS).exits(0).complains("4 requests of an earlier batch are picked up");
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [4, 4, 4]);
}

#[test]
fn a_batch_whose_creation_was_not_answered_is_found_again() {
    let place = Place::new(&["batch-create:reset-before-head@1"]).with_questions(3);
    place.batch(&ARGS).exits(0);
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [3, 3, 3]);
}

#[test]
fn an_upstream_that_fails_to_answer_about_a_batch_is_asked_again() {
    for fault in [
        "batch-create:overloaded@1",
        "batch-poll:server-error@1-2",
        "batch-results:truncated@1",
        "batch-results:reset-mid-reply@1",
    ] {
        let place = Place::new(&[fault]).with_questions(3);
        place.batch(&ARGS).exits(0);
        assert_eq!(STEPS.map(|step| place.calls_of(step)), [3, 3, 3], "{fault}");
    }
}

#[test]
fn what_no_batch_can_go_on_after_ends_it_with_its_own_code() {
    for (fault, code) in [("batch-create:unauthorized", 7), ("batch-create:bad-request", 4)] {
        let place = Place::new(&[fault]).with_questions(3);
        place.batch(&ARGS).exits(code).complains("the batch can't be created");
        assert_eq!(place.results().len(), 0);
    }
}

#[test]
fn a_budget_holds_although_all_calls_wait_together() {
    let place = Place::new(&[]).with_questions(20);
    let ran = place.batch(&[&ARGS[..], &["--max-cost", "0.04"]].concat());
    assert_eq!(ran.code, Some(9), "{}", ran.stderr);
    assert!(costs(&place.results()) <= 0.04);
    place.batch(&ARGS).exits(0);
    assert_eq!(statuses(&place.results()), ["ok"; 20]);
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [20, 20, 20]);
}

#[test]
fn a_journal_is_gone_on_with_as_it_was_begun() {
    let place = Place::new(&[]).with_questions(1);
    place.batch(&ARGS).exits(0);
    place
        .batch(&["in.jsonl", "-o", "out.jsonl", "--resume"])
        .exits(3)
        .complains("was begun with --message-batches");
    place.batch(&["in.jsonl", "--message-batches", "--no-journal"]).exits(2);
    place.batch_of(&["-", "--message-batches"], "\"x\"").exits(2).complains("needs a journal");
    place.batch(&["in.jsonl", "--concurrency", "1000"]).exits(2).complains("at most 500");
}

#[test]
fn process_is_not_divided_whatever_the_settings_say() {
    let place = Place::new(&[]);
    place.write("in.jsonl", "\"What is ownership? What is borrowing? What are lifetimes?\"\n");
    let environment = [("CHAIN_PROCESS_WORKERS", "4"), ("CHAIN_WORKERS_FROM", "simple")];
    place.batch_with(&ARGS, &environment).exits(0);
    let calls = place.calls();
    let analyze = calls.iter().find(|call| call.step == Some(Step::Analyze)).unwrap();
    assert!(!analyze.body.to_string().contains("subtasks"), "nor is analyze asked for parts");
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [1, 1, 1]);
    place.batch(&["in.jsonl", "--message-batches", "--workers", "3"]).exits(2);
}

#[test]
fn a_batch_that_the_upstream_forgets_at_once_is_no_reason_to_send_another() {
    let place = Place::new(&["batch-poll:not-found"]).with_questions(3);
    place.batch(&ARGS).exits(4).complains("can't be asked after");
    assert_eq!(created(&place), 1);
}

#[test]
fn a_lost_batch_is_picked_up_whole_however_few_lines_are_begun_at_a_time() {
    let place = slow(Duration::from_millis(300), &["batch-create:hang-before-head@1"]).with_questions(6);
    let batch = place.begin(&ARGS);
    place.upstream.wait_for(|calls| calls.iter().filter(|call| call.batch.is_some()).count() == 6);
    batch.signal("KILL");
    batch.finish();
    place.batch(&[&ARGS[..], &["--concurrency", "2"]].concat()).exits(0);
    assert_eq!(statuses(&place.results()), ["ok"; 6]);
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [6, 6, 6]);
}

#[test]
fn a_batch_of_which_not_all_is_asked_for_yet_stays_known() {
    let place = slow(Duration::from_secs(1), &[]).with_questions(6);
    let few = [&ARGS[..], &["--concurrency", "2"]].concat();
    let batch = place.begin(&ARGS);
    place
        .upstream
        .wait_for(|calls| calls.iter().any(|call| call.method == "POST" && call.status == Some(200)));
    batch.signal("KILL");
    batch.finish();
    // Two lines are picked up, and go on; then it dies again.
    let batch = place.begin(&few);
    place.upstream.wait_for(|calls| {
        calls.iter().filter(|call| call.method == "POST" && call.status == Some(200)).count() == 2
    });
    batch.signal("KILL");
    batch.finish();
    place.batch(&ARGS).exits(0);
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [6, 6, 6]);
}

#[test]
fn a_batch_of_somebody_elses_is_not_taken_for_a_lost_one() {
    let place = Place::new(&["batch-create:reset-before-head@2"]).with_questions(2);
    place.write("other.jsonl", "\"another one\"\n\"and yet another\"\n");
    let other = ["other.jsonl", "-o", "other-out.jsonl", "--message-batches", "--resume"];
    // Theirs is created first, of the same size; then ours, whose answer is lost.
    let theirs = place.begin(&other);
    place
        .upstream
        .wait_for(|calls| calls.iter().any(|call| call.method == "POST" && call.status == Some(200)));
    let ours = place.batch(&ARGS).exits(0);
    drop(ours);
    theirs.finish().exits(0);
    assert_eq!(STEPS.map(|step| place.calls_of(step)), [4, 4, 4]);
}

/// A batch of two lines against that server.
fn against(upstream: &Answering) -> Command {
    let mut command = promptchain(&["batch", "in.jsonl", "-o", "out.jsonl", "--message-batches"]);
    command.file("in.jsonl", "\"One?\"\n\"Two?\"\n").env("ANTHROPIC_BASE_URL", &upstream.url());
    command.env("ANTHROPIC_API_KEY", "sk-ant-some-key-0123456789");
    command
}

#[test]
fn a_list_whose_pages_lead_back_to_one_another_is_not_gone_through_for_ever() {
    let upstream = Answering::with(|asked| {
        let page = |last| format!(r#"{{"data":[],"has_more":true,"last_id":"msgbatch_{last}"}}"#);
        let body = match asked.head.lines().next().unwrap_or_default() {
            // Whether there is a batch can't be told from this: it is looked for in the list.
            line if line.starts_with("POST") => "{}".to_owned(),
            line if line.contains("msgbatch_a") => page("b"),
            _ => page("a"),
        };
        ("200 OK\r\nContent-Type: application/json".to_owned(), body)
    });
    let ran = against(&upstream).run().exits(4);
    ran.complains("the batches can't be listed to the end").complains("leads back to an earlier one");
    assert_eq!(upstream.asked().len(), 4, "a creation, and a, b, a");
}

#[test]
fn a_long_wait_for_a_batch_that_was_refused_is_told_and_ends_at_once_at_no_cost() {
    let upstream =
        Answering::with(|_| ("429 Too Many Requests\r\nRetry-After: 9999999".to_owned(), String::new()));
    let mut batch = against(&upstream).start();
    let mut stderr = BufReader::new(batch.take_stderr());
    let mut said = String::new();
    while !said.contains("tried again in") {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
    }
    assert!(said.contains("the batch can't be created: upstream answered 429"), "{said}");
    assert!(said.contains("tried again in 3600s"), "{said}");
    batch.signal("INT");
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(batch.wait(), Some(130));
    assert!(
        !said.contains("upstream\n") && !said.contains("unknown") && !said.contains("uncounted"),
        "{said}"
    );
    assert_eq!(upstream.asked().len(), 1);
}
