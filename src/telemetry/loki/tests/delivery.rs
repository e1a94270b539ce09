//! What Loki gets when all is well, or soon is.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use jiff::Timestamp;
use reqwest::header::AUTHORIZATION;
use serde_json::Value;
use tracing::{debug, error, info, info_span, warn};

use super::*;

fn lines(pushes: &[Push]) -> Vec<&str> {
    pushes.iter().flat_map(|push| &push.entries).map(|(_, _, line)| line.as_str()).collect()
}

#[tokio::test]
async fn each_line_arrives_once_as_it_stands_on_stderr_under_its_own_time() {
    let loki = FakeLoki::answering([]).await;
    let logged = Logged::to(&config(&loki.url, quick()));
    info_span!("request", request_id = "req_1", user_id = "ada").in_scope(|| {
        info!(model = "claude", "Step finished");
        warn!(path = "a\nb\u{1b}[0m", "{}", "hostile\u{2028}\n\"}");
    });
    error!(critical = true, error_type = "x", "down");
    debug!("detail");
    let stderr = logged.finish(PATIENCE).await;
    let pushes = loki.pushes();
    let mut arrived = lines(&pushes);
    arrived.sort_by_key(|line| stderr.iter().position(|known| known == line));
    assert_eq!(arrived, stderr);
    for (labels, nanoseconds, line) in pushes.iter().flat_map(|push| &push.entries) {
        let line: Value = serde_json::from_str(line).unwrap();
        let time = Timestamp::from_nanosecond((*nanoseconds).into()).unwrap();
        assert_eq!(line["timestamp"], format!("{time:.3}"));
        assert_eq!(line["level"], labels["level"].as_str());
    }
}

#[tokio::test]
async fn labels_are_of_a_closed_set() {
    let loki = FakeLoki::answering([]).await;
    let logged = Logged::to(&config(&loki.url, quick()));
    for number in 0..20 {
        let request = info_span!("request", request_id = format!("req_{number}"), user_id = number);
        request.in_scope(|| info!(model = number, path = "/x", "i"));
        request.in_scope(|| warn!(error_type = "y", "w"));
    }
    logged.finish(PATIENCE).await;
    let pushes = loki.pushes();
    let streams: BTreeSet<&BTreeMap<String, String>> =
        pushes.iter().flat_map(|push| &push.entries).map(|(labels, ..)| labels).collect();
    assert_snapshot!(serde_json::to_string(&streams).unwrap(), @r#"[{"environment":"test","level":"INFO","service":"promptchain"},{"environment":"test","level":"WARNING","service":"promptchain"}]"#);
}

#[tokio::test]
async fn where_no_environment_is_known_none_is_made_up() {
    let loki = FakeLoki::answering([]).await;
    let logged = Logged::to(&LokiConfig { environment: None, ..config(&loki.url, quick()) });
    info!("i");
    logged.finish(PATIENCE).await;
    let (labels, ..) = &loki.pushes()[0].entries[0];
    assert_eq!(labels.keys().collect::<Vec<_>>(), ["level", "service"]);
}

#[tokio::test]
async fn lines_of_several_threads_are_in_the_order_of_their_time() {
    let loki = FakeLoki::answering([]).await;
    let logged = Logged::to(&config(&loki.url, quick()));
    let queue = logged.loki.queue();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let queue = queue.clone();
            scope.spawn(move || {
                for number in 0..50 {
                    queue.offer(Timestamp::now(), LogLevel::Info, format!("{thread} {number}"));
                }
            });
        }
    });
    logged.finish(PATIENCE).await;
    let pushes = loki.pushes();
    for push in &pushes {
        assert!(push.entries.is_sorted_by_key(|(_, time, _)| *time));
    }
    assert_eq!(lines(&pushes).into_iter().collect::<BTreeSet<_>>().len(), 400, "none is lost or doubled");
}

#[tokio::test]
async fn loki_gets_json_whatever_stderr_gets() {
    let loki = FakeLoki::answering([]).await;
    let logged = Logged::with_format(&config(&loki.url, quick()), LogFormat::Standard);
    info!(only = "a field", "said");
    let stderr = logged.finish(PATIENCE).await;
    assert!(stderr[0].ends_with("INFO     said only=\"a field\""), "{stderr:?}");
    let line: Value = serde_json::from_str(&loki.pushes()[0].entries[0].2).unwrap();
    assert_eq!((&line["message"], &line["only"]), (&"said".into(), &"a field".into()));
}

#[tokio::test]
async fn a_push_leaves_when_it_is_large_enough_or_its_first_line_has_waited_long_enough() {
    let loki = FakeLoki::answering([]).await;
    let limits = LokiLimits { batch_lines: 3, batch_wait: PATIENCE * 10, ..quick() };
    let logged = Logged::to(&config(&loki.url, limits));
    (0..7).for_each(|number| info!("{number}"));
    let sizes = |pushes: Vec<Push>| pushes.iter().map(|push| push.entries.len()).collect::<Vec<_>>();
    assert_eq!(sizes(loki.wait_for(2).await), [3, 3]);
    logged.finish(PATIENCE).await;
    assert_eq!(sizes(loki.pushes()), [3, 3, 1], "the end waits for no more lines");

    let loki = FakeLoki::answering([]).await;
    let limits = LokiLimits { batch_bytes: 1, batch_wait: PATIENCE * 10, ..quick() };
    let logged = Logged::to(&config(&loki.url, limits));
    (0..2).for_each(|number| info!("{number}"));
    assert_eq!(sizes(loki.wait_for(2).await), [1, 1]);
    drop(logged);

    let loki = FakeLoki::answering([]).await;
    let logged = Logged::to(&config(&loki.url, quick()));
    info!("alone");
    assert_eq!(sizes(loki.wait_for(1).await), [1], "time is enough");
    drop(logged);
}

#[tokio::test]
async fn a_push_that_fails_for_now_is_tried_again_and_nothing_is_said_of_it() {
    let soon = Answer::With(429, ("retry-after", "0"), "slow down");
    let loki = FakeLoki::answering([Answer::Status(503), soon, Answer::Status(500)]).await;
    let logged = Logged::to(&config(&loki.url, quick()));
    info!("said");
    let pushes = loki.wait_for(4).await;
    let bodies: BTreeSet<Vec<&str>> = pushes.iter().map(|push| lines(std::slice::from_ref(push))).collect();
    assert_eq!(bodies.len(), 1, "the same four times");
    let stderr = logged.finish(PATIENCE).await;
    assert_eq!((stderr.len(), loki.pushes().len()), (1, 4), "{stderr:?}");
}

#[tokio::test]
async fn credentials_and_tenant_are_sent_and_never_told() {
    let echo = "Bearer s3cret-pass is not allowed: YWRhOnMzY3JldC1wYXNz";
    let loki = FakeLoki::answering([Answer::With(401, ("x-y", "z"), echo)]).await;
    let logged = Logged::to(&LokiConfig {
        credentials: Some(("ada".to_owned(), "s3cret-pass".into())),
        tenant: Some("team-a".to_owned()),
        ..config(&loki.url, quick())
    });
    info!("said");
    let push = loki.wait_for(1).await.remove(0);
    assert_eq!(push.headers[AUTHORIZATION], "Basic YWRhOnMzY3JldC1wYXNz");
    assert_eq!(push.headers["x-scope-orgid"], "team-a");
    let stderr = logged.finish(PATIENCE).await;
    assert_snapshot!(about_loki(&stderr)[0], @r#"{"level":"ERROR","message":"Loki refused log lines, which are dropped","error":"Loki answered 401: Bearer [secret] is not allowed: [secret]","error_type":"loki","lines":1}"#);
    let all = stderr.join("\n");
    assert!(!all.contains("s3cret") && !all.contains("YWRhOnMzY3JldC1wYXNz"), "{all}");
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = FakeLoki::answering([]).await;
    let target: &'static str = String::leak(format!("{}elsewhere", other.url));
    let loki = FakeLoki::answering([Answer::With(307, ("location", target), "")]).await;
    let logged = Logged::to(&config(&loki.url, quick()));
    info!("said");
    let stderr = logged.finish(PATIENCE).await;
    assert_eq!((loki.pushes().len(), other.pushes().len()), (1, 0));
    assert!(about_loki(&stderr)[0].contains("Loki answered 307"), "{stderr:?}");
}
