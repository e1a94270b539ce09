//! What callers may spend in a day, with two replicas and the store between them.

use std::thread;

use promptchain::model::{Catalog, Cost, Usage};
use promptchain::simulator::LogEntry;
use serde_json::Value;

use crate::support::{Redis, Request, Response, Served, Upstream, chat, has_redis, token};

const LIMIT: f64 = 0.08;

/// What a caller has spent, once nothing is set aside any more.
fn settled(served: &Served) -> Value {
    loop {
        let told = served.ask(&Request::get("/v1/usage").by(token())).json();
        if told["reserved_usd"] == 0.0 {
            return told;
        }
    }
}

/// What the upstream has counted, at its prices.
fn cost(calls: &[LogEntry]) -> Cost {
    let catalog = Catalog::built_in();
    let of = |call: &LogEntry| {
        let usage = Usage {
            input: Some(call.ledger.input_tokens),
            output: Some(call.ledger.output_tokens),
            cache_read: Some(call.ledger.cache_read_tokens),
            cache_write_5m: Some(call.ledger.cache_write_tokens),
            cache_write_1h: None,
        };
        catalog.cost(call.model.as_ref().unwrap(), &usage).unwrap().total()
    };
    calls.iter().map(of).fold(Cost::ZERO, |sum, cost| sum + cost)
}

#[test]
fn of_many_at_once_at_two_replicas_the_limit_holds_and_what_is_booked_is_what_the_upstream_counted() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let upstream = Upstream::with_faults(&["process:overloaded@3", "process:low-confidence@1"]);
    let limit = LIMIT.to_string();
    let replicas = [(); 2].map(|()| {
        let served = upstream.serve(&[("REDIS_URL", &redis.url()), ("BUDGET_USD_PER_DAY", &limit)]);
        served.log().wait_for("The shared store answers");
        served
    });
    // Most are refused for what others have set aside, and the last, by itself, for what is spent.
    let mut answers: Vec<Response> = Vec::new();
    while answers.len() < 60 {
        answers.extend(thread::scope(|scope| {
            let asking: Vec<_> = (0..12)
                .map(|n| {
                    scope.spawn({
                        let served = &replicas[n % 2];
                        move || served.ask(&chat(false))
                    })
                })
                .collect();
            asking.into_iter().map(|asking| asking.join().unwrap()).collect::<Vec<_>>()
        }));
    }
    while answers.last().is_none_or(|it| it.status == 200 || it.json()["error"]["code"] == "budget_reserved")
    {
        answers.push(replicas[0].ask(&chat(false)));
    }
    let (passed, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|it| it.status == 200);
    assert!(passed.len() > 2 && refused.len() > 10, "{} {}", passed.len(), refused.len());
    let (reserved, spent): (Vec<_>, Vec<_>) =
        refused.into_iter().partition(|it| it.json()["error"]["code"] == "budget_reserved");
    assert!(!reserved.is_empty() && !spent.is_empty(), "{} {}", reserved.len(), spent.len());
    for answer in reserved {
        answer.is_error(429, "budget_reserved");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    for answer in spent {
        answer.is_error(429, "budget_spent");
        assert_eq!(answer.header("x-should-retry"), Some("false"));
    }
    let counted = cost(&upstream.calls());
    for served in &replicas {
        let told = settled(served);
        assert_eq!(told["spent_usd"], counted.usd(), "{told}");
        assert!(counted.usd() <= LIMIT && told["limit_usd"] == LIMIT, "{told}");
    }
    let gone: usize = replicas.iter().map(|it| it.log().entries("The shared store is gone").len()).sum();
    assert_eq!(gone, 0, "or this says nothing of what is shared");
}

#[test]
fn a_server_that_is_told_to_end_books_what_was_spent_and_gives_back_what_it_held() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let upstream = Upstream::good();
    let url = redis.url();
    let start = || {
        let served = upstream.serve(&[("REDIS_URL", &url), ("BUDGET_USD_PER_DAY", "1")]);
        served.log().wait_for("The shared store answers");
        served
    };
    let first = start();
    assert_eq!(first.ask(&chat(false).header("Idempotency-Key", "k")).status, 200);
    first.signal("TERM");
    first.finish().exits(0);
    let key = redis.cli(&["--scan", "--pattern", "*:budget:*"]);
    let picos: u64 =
        redis.cli(&["HVALS", &key]).parse().expect("what one process has spent, and nothing else");
    assert_eq!(Cost::from_picos(picos), cost(&upstream.calls()));
    assert_eq!(start().ask(&chat(false).header("Idempotency-Key", "k")).status, 200);
    assert_eq!(upstream.calls().len(), 3);
}

#[test]
fn a_server_that_ends_while_the_store_is_gone_says_what_is_not_booked() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let upstream = Upstream::good();
    let served = upstream.serve(&[("REDIS_URL", &redis.url()), ("BUDGET_USD_PER_DAY", "1")]);
    served.log().wait_for("The shared store answers");
    redis.signal("STOP");
    assert_eq!(served.ask(&chat(false)).status, 200);
    served.signal("TERM");
    let line = served.log().wait_for("What was spent isn't booked in the shared store");
    redis.signal("CONT");
    assert_eq!(
        (&line["level"], &line["unbooked_usd"]),
        (&"WARNING".into(), &cost(&upstream.calls()).usd().into())
    );
    served.finish().exits(0);
}
