//! Limits, under many requests at the same time.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use crate::support::{Response, SECRET, Upstream, chat, chat_by, question, token_for};

#[test]
fn of_fifty_requests_at_once_exactly_as_many_pass_as_may() {
    let upstream = Upstream::good();
    let served =
        upstream.serve(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_CHAT_COMPLETIONS", "10/minute")]);
    let all_are_there = Barrier::new(50);
    let responses: Vec<Response> = thread::scope(|scope| {
        let ask = |stream| {
            let mut client = served.connect();
            all_are_there.wait();
            client.ask(&chat(stream))
        };
        let clients: Vec<_> = (0..50).map(|client| scope.spawn(move || ask(client % 2 == 0))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });

    let (passed, refused): (Vec<_>, Vec<_>) = responses.iter().partition(|it| it.status != 429);
    assert_eq!((passed.len(), refused.len()), (10, 40));
    assert!(passed.iter().all(|response| !response.answer().is_empty()));
    let remaining: BTreeSet<_> =
        passed.iter().map(|it| it.header("x-ratelimit-remaining").unwrap()).collect();
    assert_eq!(remaining.len(), 10, "each has a place of its own: {remaining:?}");
    for response in refused {
        response.is_error(429, "rate_limit_exceeded");
        assert_eq!(response.json()["detail"], "10 per 1 minute");
        let seconds: u64 = response.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        assert_eq!(response.header("x-ratelimit-limit"), Some("10"));
        assert_eq!(response.header("x-ratelimit-remaining"), Some("0"));
    }
    assert_eq!(upstream.calls().len(), 30, "what is refused costs nothing");

    let another = token_for("somebody else", SECRET);
    assert_eq!(served.ask(&chat_by(&another, &question("hello", false))).status, 200);
    let log = served.log().entries("Refused by the rate limit");
    assert!(log.len() == 40 && log.iter().all(|line| line["remaining"] == 0 && line["user_id"] == "tester"));
}
