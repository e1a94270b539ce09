//! Limits that two replicas share, while their store is there, while it isn't, and afterwards.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use serde_json::Value;

use crate::support::{
    Metrics, Passes, Proxy, Redis, Request, Response, SECRET, Served, Upstream, chat_by, free_port,
    has_redis, question, serve, token_for,
};

/// Two servers, of whose lists of models each subject may ask for so many, and further settings.
fn replicas(url: &str, limit: &str, further: &[(&str, &str)]) -> [Served; 2] {
    let limits = [
        // Nobody calls it.
        ("ANTHROPIC_BASE_URL", "http://127.0.0.1:1"),
        ("RATE_LIMIT_ENABLED", "true"),
        ("RATE_LIMIT_MODELS", limit),
        ("REDIS_URL", url),
    ];
    let environment = [&limits, further].concat();
    [(); 2].map(|()| Served::start(serve(&environment)))
}

fn subject() -> String {
    static SUBJECTS: AtomicU32 = AtomicU32::new(0);
    token_for(&format!("subject {}", SUBJECTS.fetch_add(1, Ordering::Relaxed)), SECRET)
}

fn ask(served: &Served, token: &str) -> Response {
    served.ask(&Request::get("/v1/models").by(token))
}

fn status(served: &Served, token: &str) -> u16 {
    ask(served, token).status
}

/// How many decisions each server has made without the store that it should have used.
fn degraded(served: &Served) -> f64 {
    Metrics::of(served).sum("promptchain_rate_limit_decisions_total", "degraded=\"true\"")
}

/// Repeats what is tried until the store was there all the time: on a busy machine it may not answer in time.
fn while_the_store_is_there(replicas: &[Served; 2], mut attempt: impl FnMut(&str)) {
    for _ in 0..10 {
        for replica in replicas {
            is_shared(replica);
        }
        let before: f64 = replicas.iter().map(degraded).sum();
        let token = subject();
        let attempted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| attempt(&token)));
        let was_there = replicas.iter().map(degraded).sum::<f64>() <= before;
        match attempted {
            Ok(()) if was_there => return,
            Err(panic) if was_there => std::panic::resume_unwind(panic),
            _ => {}
        }
    }
    panic!("the store is never there for long enough");
}

/// Waits until a server's store is there.
fn is_shared(served: &Served) {
    served.log().wait_for_last("The shared store ", &["answers", "is back"]);
}

/// Asserts that what is used up with one server is used up with the other.
fn share_their_limits(replicas: &[Served; 2]) {
    while_the_store_is_there(replicas, |token| {
        let [one, other] = replicas;
        let statuses = [one, other, one, other, one, other].map(|served| status(served, token));
        assert_eq!(statuses, [200, 200, 200, 200, 429, 429]);
    });
}

/// The log's lines about the store, with their levels.
fn told(served: &Served) -> Vec<String> {
    let lines = served.log().text();
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let about = lines.filter(|line| text(&line["message"]).starts_with("The shared store"));
    about.map(|line| format!("{} {}", text(&line["level"]), text(&line["message"]))).collect()
}

#[test]
fn of_requests_to_two_replicas_at_once_exactly_as_many_pass_as_may() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let replicas = replicas(&redis.url(), "20/hour;35/day", &[]);
    while_the_store_is_there(&replicas, |token| {
        let responses: Vec<Response> = thread::scope(|scope| {
            let asking: Vec<_> = (0..50)
                .map(|n| {
                    scope.spawn({
                        let served = &replicas[n % 2];
                        move || ask(served, token)
                    })
                })
                .collect();
            asking.into_iter().map(|asking| asking.join().unwrap()).collect()
        });
        let (passed, refused): (Vec<_>, Vec<_>) = responses.iter().partition(|it| it.status == 200);
        assert_eq!((passed.len(), refused.len()), (20, 30));
        let mut remaining: Vec<u32> =
            passed.iter().map(|it| it.header("x-ratelimit-remaining").unwrap().parse().unwrap()).collect();
        remaining.sort_unstable();
        assert_eq!(remaining, (0..20).collect::<Vec<_>>(), "each has a place of its own");
        for response in refused {
            response.is_error(429, "rate_limit_exceeded");
            assert_eq!(response.json()["detail"], "20 per 1 hour");
            let wait: u64 = response.header("retry-after").unwrap().parse().unwrap();
            assert!((3500..=3600).contains(&wait), "{wait}");
        }
    });
    let keys = redis.cli(&["--scan", "--pattern", "promptchain:v1:limit:models:*"]);
    assert!(!keys.is_empty());
    for key in keys.lines() {
        let left: i64 = redis.cli(&["TTL", key]).parse().unwrap();
        assert!((80_000..=86_400).contains(&left), "{key}: {left}");
    }
}

#[test]
fn what_is_refused_for_another_replicas_sake_makes_no_call() {
    if !has_redis() {
        return;
    }
    let (redis, upstream) = (Redis::start(&[]), Upstream::good());
    let limits = [
        ("RATE_LIMIT_ENABLED", "true"),
        ("RATE_LIMIT_CHAT_COMPLETIONS", "1/hour"),
        ("RATE_LIMIT_STORAGE_URI", &redis.url()),
    ];
    let replicas = [(); 2].map(|()| upstream.serve(&limits));
    while_the_store_is_there(&replicas, |token| {
        let before = upstream.calls().len();
        let chat = chat_by(token, &question("hello", false));
        assert_eq!(replicas[0].ask(&chat).status, 200);
        replicas[1].ask(&chat).is_error(429, "rate_limit_exceeded");
        assert_eq!(upstream.calls().len() - before, 3);
    });
}

#[test]
fn a_frozen_store_makes_each_replica_count_for_itself_until_it_wakes_up() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let replicas = replicas(&redis.url(), "4/hour", &[]);
    share_their_limits(&replicas);
    redis.signal("STOP");
    let token = subject();
    for served in &replicas {
        let statuses: Vec<_> = (0..6).map(|_| status(served, &token)).collect();
        assert_eq!(statuses, [200, 200, 200, 200, 429, 429]);
        assert_eq!(served.get("/health/ready").status, 200);
        served.log().wait_for("The shared store is gone");
    }
    redis.signal("CONT");
    share_their_limits(&replicas);
    for served in &replicas {
        let told = told(served);
        assert!(told.len() >= 3 && told[0] == "INFO The shared store answers", "{told:?}");
        // Once for each time, however many requests there were meanwhile.
        for (at, line) in told[1..].iter().enumerate() {
            let turns = ["WARNING The shared store is gone", "INFO The shared store is back"];
            assert_eq!(line, turns[at % 2], "{told:?}");
        }
    }
}

#[test]
fn a_frozen_store_refuses_everybody_if_that_is_asked_for() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let replicas = replicas(&redis.url(), "4/hour", &[("RATE_LIMIT_ON_STORAGE_ERROR", "deny")]);
    share_their_limits(&replicas);
    redis.signal("STOP");
    let token = subject();
    for served in &replicas {
        for _ in 0..3 {
            let refused = ask(served, &token);
            refused.is_error(503, "rate_limit_unavailable");
            assert_eq!(refused.header("retry-after"), Some("1"));
        }
        assert_eq!(served.get("/health/ready").status, 200);
    }
    redis.signal("CONT");
    share_their_limits(&replicas);
}

#[test]
fn a_store_that_was_killed_and_comes_back_empty_is_shared_again() {
    if !has_redis() {
        return;
    }
    let mut redis = Redis::start(&[]);
    let replicas = replicas(&redis.url(), "4/hour", &[]);
    share_their_limits(&replicas);
    for _ in 0..2 {
        redis.kill();
        let token = subject();
        for served in &replicas {
            let statuses: Vec<_> = (0..5).map(|_| status(served, &token)).collect();
            assert_eq!(statuses, [200, 200, 200, 200, 429]);
        }
        redis.start_again();
        share_their_limits(&replicas);
    }
}

#[test]
fn a_connection_that_hangs_or_breaks_within_an_answer_is_got_over() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let proxy = Proxy::before(redis.port());
    let replicas = replicas(&format!("redis://{}", proxy.address()), "4/hour", &[]);
    share_their_limits(&replicas);
    for passes in [Passes::Nothing, Passes::OneByte] {
        proxy.pass(passes);
        let token = subject();
        for served in &replicas {
            let statuses: Vec<_> = (0..5).map(|_| status(served, &token)).collect();
            assert_eq!(statuses, [200, 200, 200, 200, 429]);
        }
        proxy.pass(Passes::All);
        share_their_limits(&replicas);
    }
}

#[test]
fn a_server_starts_without_its_store_and_uses_it_once_it_is_there() {
    if !has_redis() {
        return;
    }
    let port = free_port();
    let replicas = replicas(&format!("redis://127.0.0.1:{port}"), "4/hour", &[]);
    let token = subject();
    for served in &replicas {
        let statuses: Vec<_> = (0..5).map(|_| status(served, &token)).collect();
        assert_eq!(statuses, [200, 200, 200, 200, 429]);
        assert_eq!(told(served), ["WARNING The shared store is gone"]);
    }
    let _redis = Redis::start_on(port, &[]);
    share_their_limits(&replicas);
}
