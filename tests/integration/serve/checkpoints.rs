//! Repeats of requests under an `Idempotency-Key`, with two replicas and the store between them.

use std::thread;
use std::time::Duration;

use promptchain::simulator::SimulatorConfig;
use serde_json::Value;

use crate::support::{
    Metrics, Redis, Request, Response, SECRET, Served, Upstream, chat, chat_by, has_redis, question, token,
    token_for,
};

const KEY: &str = "Idempotency-Key";

const SECRET_KEY: &str = "2d48636a1e0d9c5f7b3a28b7c1e5a90f2d48636a1e0d9c5f7b3a28b7c1e5a90f";

const NEXT_KEY: &str = "9a1c5e0f7b3d28a64c1e5b90f72d48636a1e0d9c5f7b3a28b7c1e5a90f2d4863";

/// Two servers of one store, whose calls are tried once.
fn replicas(upstream: &Upstream, redis: &Redis, further: &[(&str, &str)]) -> [Served; 2] {
    let url = redis.url();
    let environment = [&[("REDIS_URL", url.as_str()), ("RETRY_MAX_ATTEMPTS", "1")], further].concat();
    let replicas = [(); 2].map(|()| upstream.serve(&environment));
    for replica in &replicas {
        replica.log().wait_for("The shared store answers");
    }
    replicas
}

fn keyed(key: &str) -> Request {
    chat(false).header(KEY, key)
}

fn tokens(response: &Response) -> u64 {
    response.json()["usage"]["total_tokens"].as_u64().unwrap_or_else(|| panic!("{response:?}"))
}

/// Whether the store was there all the time: on a busy machine it may not answer in time.
fn was_there(replicas: &[Served; 2]) -> bool {
    let gone = |served: &Served| served.log().entries("The shared store is gone").len();
    replicas.iter().map(gone).sum::<usize>() == 0
}

/// Repeats what is tried, with replicas of its own, until the store was there all the time.
fn with_replicas(
    upstream: impl Fn() -> Upstream,
    further: &[(&str, &str)],
    attempt: impl Fn(&Upstream, &Redis, &[Served; 2]),
) {
    if !has_redis() {
        return;
    }
    for _ in 0..5 {
        let redis = Redis::start(&[]);
        let upstream = upstream();
        let replicas = replicas(&upstream, &redis, further);
        let attempted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            attempt(&upstream, &redis, &replicas);
        }));
        match attempted {
            Ok(()) => return,
            Err(panic) if was_there(&replicas) => std::panic::resume_unwind(panic),
            Err(_) => {}
        }
    }
    panic!("the store is never there for long enough");
}

#[test]
fn after_a_failure_in_the_third_step_the_other_replica_makes_one_further_call() {
    with_replicas(
        || Upstream::with_faults(&["synthesize:overloaded@1"]),
        &[],
        |upstream, _, [one, other]| {
            let failed = one.ask(&keyed("k"));
            failed.is_error(503, "overloaded");
            assert_eq!((failed.header("x-should-retry"), upstream.calls().len()), (None, 3));
            let answered = other.ask(&keyed("k"));
            assert_eq!((answered.status, upstream.calls().len()), (200, 4), "{answered:?}");
            let again = one.ask(&keyed("k"));
            assert_eq!((again.answer(), upstream.calls().len()), (answered.answer(), 4));
            assert_eq!(tokens(&again), 0);
            let line = other.log().wait_for("Chat completion request completed");
            let whole = upstream.serve(&[]).ask(&chat(false));
            assert!(tokens(&answered) < tokens(&whole) / 2, "{answered:?} {whole:?}");
            assert_eq!(line["total_tokens"], tokens(&answered));
        },
    );
}

#[test]
fn of_two_at_once_at_two_replicas_one_runs_the_chain() {
    with_replicas(
        || Upstream::paced(Duration::from_millis(10)),
        &[],
        |upstream, _, replicas| {
            let answers: Vec<Response> = thread::scope(|scope| {
                let asking = replicas.each_ref().map(|served| scope.spawn(|| served.ask(&keyed("k"))));
                asking.into_iter().map(|asking| asking.join().unwrap()).collect()
            });
            assert_eq!(answers[0].answer(), answers[1].answer());
            assert_eq!(upstream.calls().len(), 3);
            let mut billed: Vec<u64> = answers.iter().map(tokens).collect();
            billed.sort_unstable();
            assert!(billed[0] == 0 && billed[1] > 0, "{billed:?}");
        },
    );
}

#[test]
fn one_that_waits_begins_no_chain_of_its_own_because_the_store_is_gone_for_a_moment() {
    with_replicas(
        || Upstream::with_faults(&["process:rate-limit=4@1"]),
        &[("RETRY_MAX_ATTEMPTS", "2")],
        |upstream, redis, [one, other]| {
            let mut first = one.connect();
            first.send(keyed("k").bytes());
            upstream.wait_for(|calls| calls.len() == 2 && calls[1].status.is_some());
            let mut second = other.connect();
            second.send(keyed("k").bytes());
            other.log().wait_for("The same request is under way, and is waited for");
            redis.signal("STOP");
            other.log().wait_for("The shared store is gone");
            redis.signal("CONT");
            let answers = [first.response(), second.response()];
            assert_eq!(answers[0].answer(), answers[1].answer());
            assert_eq!((tokens(&answers[1]), upstream.calls().len()), (0, 4));
        },
    );
}

#[test]
fn a_process_that_is_killed_in_the_middle_leaves_its_steps_to_the_one_that_waits() {
    with_replicas(
        || Upstream::with_faults(&["synthesize:hang-mid-reply@1"]),
        &[],
        |upstream, _, [one, other]| {
            let mut first = one.connect();
            first.send(keyed("k").bytes());
            upstream.wait_for(|calls| calls.len() == 3);
            let mut second = other.connect();
            second.send(keyed("k").bytes());
            other.log().wait_for("The same request is under way, and is waited for");
            one.signal("KILL");
            let answered = second.response();
            assert_eq!((answered.status, upstream.calls().len()), (200, 4), "{answered:?}");
        },
    );
}

#[test]
fn neither_another_body_nor_another_subject_gets_at_what_is_kept() {
    with_replicas(Upstream::good, &[], |upstream, redis, [one, other]| {
        assert_eq!(one.ask(&keyed("k")).status, 200);
        let another = chat_by(token(), &question("Say goodbye", false)).header(KEY, "k");
        other.ask(&another).is_error(422, "idempotency_key_reused");
        let mallory = token_for("mallory", SECRET);
        let theirs = other.ask(&chat_by(&mallory, &question("Say hello", false)).header(KEY, "k"));
        assert!(tokens(&theirs) > 0);
        assert_eq!(upstream.calls().len(), 6);
        let keys = redis.cli(&["--scan", "--pattern", "*checkpoint*"]);
        assert_eq!(keys.lines().count(), 2);
        assert!(!keys.contains("tester") && !keys.contains("mallory"), "{keys}");
    });
}

/// What the store has under its one checkpoint.
fn kept(redis: &Redis) -> String {
    let key = redis.cli(&["--scan", "--pattern", "*checkpoint*"]);
    redis.cli(&["--no-raw", "HGET", &key, "v"])
}

#[test]
fn with_a_key_nobody_who_reads_the_store_learns_anything_and_without_it_nothing_is_reused() {
    with_replicas(Upstream::good, &[], |_, redis, [one, _]| {
        assert_eq!(one.ask(&keyed("k")).status, 200);
        assert!(kept(redis).contains("final_text"), "it is in plain text, as it is said");
    });
    with_replicas(Upstream::good, &[("CHECKPOINT_KEY", SECRET_KEY)], |upstream, redis, [one, other]| {
        let answer = one.ask(&keyed("k")).answer();
        let value = kept(redis);
        assert!(value.len() > 500 && !value.contains("final_text") && !value.contains("intent"), "{value}");
        assert_eq!(other.ask(&keyed("k")).answer(), answer);
        assert_eq!(upstream.calls().len(), 3);
        let stranger = upstream.serve(&[("REDIS_URL", redis.url().as_str())]);
        stranger.log().wait_for("The shared store answers");
        assert!(tokens(&stranger.ask(&keyed("k"))) > 0);
        assert_eq!(upstream.calls().len(), 6);
        let line = stranger.log().wait_for("A checkpoint can't be read, and counts as none");
        assert_eq!(line["level"], "WARNING");
    });
}

#[test]
fn a_key_is_changed_on_one_replica_after_the_other_without_a_step_being_paid_twice() {
    with_replicas(
        Upstream::good,
        &[("CHECKPOINT_KEY", SECRET_KEY), ("CHECKPOINT_KEY_PREVIOUS", NEXT_KEY)],
        |upstream, redis, [one, _]| {
            let answer = one.ask(&keyed("before")).answer();
            let url = redis.url();
            let renewed = upstream.serve(&[
                ("REDIS_URL", url.as_str()),
                ("CHECKPOINT_KEY", NEXT_KEY),
                ("CHECKPOINT_KEY_PREVIOUS", SECRET_KEY),
            ]);
            renewed.log().wait_for("The shared store answers");
            assert_eq!(renewed.ask(&keyed("before")).answer(), answer);
            let answer = renewed.ask(&keyed("after")).answer();
            assert_eq!((one.ask(&keyed("after")).answer(), upstream.calls().len()), (answer, 6));
            for served in [one, &renewed] {
                let text = served.log().text();
                assert!(!text.contains(SECRET_KEY) && !text.contains(NEXT_KEY), "{text}");
            }
        },
    );
}

#[test]
fn with_the_store_frozen_a_run_goes_on_without_and_says_so() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let upstream = Upstream::with_faults(&["synthesize:overloaded@2"]);
    let [one, _] = replicas(&upstream, &redis, &[]);
    redis.signal("STOP");
    let answered = one.ask(&keyed("k"));
    redis.signal("CONT");
    assert_eq!(answered.status, 200);
    let line = one.log().wait_for("Checkpoints can't be kept, and the run goes on without");
    assert_eq!((&line["level"], &line["error_type"]), (&Value::from("WARNING"), &Value::from("timeout")));
    let unavailable = "result=\"unavailable\"";
    assert!((Metrics::of(&one).sum("promptchain_checkpoint_requests_total", unavailable) - 1.0).abs() < 0.1);
    redis.signal("STOP");
    let failed = one.ask(&keyed("other"));
    redis.signal("CONT");
    failed.is_error(503, "overloaded");
    assert_eq!(failed.header("x-should-retry"), Some("false"), "nothing of it is kept");
}

#[test]
fn a_server_by_itself_keeps_steps_in_memory_over_a_reload_that_changes_nothing_for_them() {
    let upstream = Upstream::start(SimulatorConfig {
        faults: vec!["synthesize:overloaded@1".parse().unwrap()],
        ..SimulatorConfig::default()
    });
    let served = upstream.serve(&[("RETRY_MAX_ATTEMPTS", "1")]);
    served.ask(&keyed("k")).is_error(503, "overloaded");
    served.signal("HUP");
    served.log().wait_for("Configuration reloaded");
    assert_eq!(served.ask(&keyed("k")).status, 200);
    assert_eq!(upstream.calls().len(), 4);
}
