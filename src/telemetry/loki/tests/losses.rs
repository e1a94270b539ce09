//! What becomes of lines that can't be delivered: they are counted, and it is told, seldom and on stderr alone.

use insta::assert_snapshot;
use serde_json::Value;
use tracing::info;

use super::*;
use crate::telemetry::deliveries::Loss;

/// All that was lost according to the last line about it.
fn total(stderr: &[String]) -> u64 {
    let last = about_loki(stderr).pop().expect("it is told");
    serde_json::from_str::<Value>(&last).unwrap()["dropped_total"].as_u64().unwrap()
}

/// What was counted as lost, and why.
fn lost(counts: &DeliveryCounts) -> Vec<(&'static str, u64)> {
    counts.lost().filter(|(_, lines)| *lines > 0).map(|(loss, lines)| (loss.as_str(), lines)).collect()
}

#[tokio::test]
async fn what_loki_refuses_is_dropped_at_once_with_one_error_line() {
    let refused = Answer::With(400, ("x-y", "z"), "entry too\nfar behind");
    let loki = FakeLoki::answering([refused, refused, refused]).await;
    let logged = Logged::to(&config(&loki.url, LokiLimits { batch_lines: 1, ..quick() }));
    let counts = logged.loki.counts();
    (0..4).for_each(|number| info!("{number}"));
    loki.wait_for(4).await;
    let stderr = logged.finish(PATIENCE).await;
    assert_eq!(loki.pushes().len(), 4, "each once");
    let told = about_loki(&stderr);
    assert_eq!(told.iter().filter(|line| line.contains("\"ERROR\"")).count(), 1, "{told:?}");
    assert_snapshot!(told[0], @r#"{"level":"ERROR","message":"Loki refused log lines, which are dropped","error":"Loki answered 400: entry too\nfar behind","error_type":"loki","lines":1}"#);
    assert_eq!(total(&stderr), 3);
    assert_eq!((lost(&counts), counts.delivered()), (vec![("refused", 3)], 1));
}

#[tokio::test]
async fn attempts_end_and_what_was_to_be_pushed_is_counted() {
    let loki = FakeLoki::always(Answer::Status(500)).await;
    let logged = Logged::to(&config(&loki.url, quick()));
    let counts = logged.loki.counts();
    info!("said");
    loki.wait_for(4).await;
    let stderr = logged.finish(PATIENCE).await;
    assert_eq!(loki.pushes().len(), 4);
    let last = about_loki(&stderr).pop().unwrap();
    assert!(last.contains(r#""error":"Loki answered 500","error_type":"loki""#), "{last}");
    assert_eq!(total(&stderr), 1);
    assert_eq!((lost(&counts), counts.delivered()), (vec![("undelivered", 1)], 0));
}

#[tokio::test]
async fn a_wait_that_is_longer_than_the_time_for_a_push_is_not_begun() {
    let late = Answer::With(429, ("retry-after", "3600"), "later");
    let loki = FakeLoki::answering([late]).await;
    let logged = Logged::to(&config(&loki.url, LokiLimits { batch_lines: 1, ..quick() }));
    info!("lost");
    loki.wait_for(1).await;
    info!("taken");
    let pushes = loki.wait_for(2).await;
    assert!(pushes[1].entries[0].2.contains("taken"));
    assert_eq!(total(&logged.finish(PATIENCE).await), 1);
}

#[tokio::test]
async fn nobody_waits_for_a_loki_that_hangs_and_what_does_not_fit_is_counted() {
    let loki = FakeLoki::always(Answer::Nothing).await;
    let limits = LokiLimits { queue_lines: 10, batch_lines: 5, ..quick() };
    let logged = Logged::to(&config(&loki.url, limits));
    let counts = logged.loki.counts();
    (0..5).for_each(|number| info!("{number}"));
    loki.wait_for(1).await;
    let started = Instant::now();
    (0..1000).for_each(|number| info!("{number}"));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let stderr = logged.finish(Duration::from_millis(50)).await;
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(total(&stderr), 1005, "all of them: those under way, those that waited, and the rest");
    assert_eq!(lost(&counts), [("queue_full", 990), ("shutdown", 15)]);
    let told = about_loki(&stderr);
    assert!(told.len() <= 2, "once a minute, and at the end: {told:?}");
    assert_eq!(stderr.len() - told.len(), 1005, "stderr has them all");
    assert_eq!(loki.pushes().len(), 1);
}

#[tokio::test]
async fn bytes_are_bounded_too_and_freed_by_a_push() {
    let loki = FakeLoki::answering([]).await;
    let limits = LokiLimits { queue_bytes: 100, batch_bytes: 60, batch_wait: PATIENCE * 10, ..quick() };
    let logged = Logged::to(&config(&loki.url, limits));
    let offer = |size| logged.loki.queue().offer(jiff::Timestamp::now(), LogLevel::Info, "x".repeat(size));
    offer(50);
    offer(60);
    offer(50);
    loki.wait_for(1).await;
    // Its answer may still be under way: then the bytes aren't free yet.
    while logged.loki.queue().bytes() > 0 {
        tokio::task::yield_now().await;
    }
    offer(90);
    let stderr = logged.finish(PATIENCE).await;
    let sizes: Vec<usize> =
        loki.pushes().iter().flat_map(|push| &push.entries).map(|(.., line)| line.len()).collect();
    assert_eq!(sizes, [50, 50, 90]);
    assert_eq!(total(&stderr), 1);
}

#[tokio::test]
async fn a_line_that_loki_would_refuse_is_not_sent() {
    let loki = FakeLoki::answering([]).await;
    let logged = Logged::to(&config(&loki.url, LokiLimits { line_bytes: 500, ..quick() }));
    let counts = logged.loki.counts();
    info!(long = "x".repeat(500), "long");
    info!("short");
    let stderr = logged.finish(PATIENCE).await;
    let pushes = loki.pushes();
    assert_eq!(pushes.len(), 1);
    assert!(pushes[0].entries.len() == 1 && pushes[0].entries[0].2.contains("short"));
    assert_eq!(total(&stderr), 1);
    assert_eq!((lost(&counts), counts.delivered()), (vec![("too_long", 1)], 1));
}

#[tokio::test]
async fn a_loki_that_is_not_there_is_said_and_its_own_troubles_are_never_pushed() {
    let vacant = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = Url::parse(&format!("http://{vacant}")).unwrap();
    let logged = Logged::to(&config(&url, quick()));
    info!("said");
    let stderr = logged.finish(PATIENCE).await;
    let last = about_loki(&stderr).pop().unwrap();
    assert!(last.contains("Loki can't be reached: "), "{last}");
    assert_eq!(total(&stderr), 1, "what was said of it isn't a line to push: {stderr:?}");
}

#[tokio::test(start_paused = true)]
async fn losses_are_told_once_a_minute_at_most() {
    let written = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&written);
    let sink: LogSink = Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned()));
    let troubles = Troubles::new(controlled(LogConfig::default(), sink).1.direct, Arc::default());
    let losing = async {
        for _ in 0..130 {
            troubles.drop_lines(Loss::QueueFull, 1, "the queue is full");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        // Both wake at the same moments.
        biased;
        () = losing => {}
        () = troubles.tell_now_and_then() => {}
    }
    troubles.tell_untold();
    let told = about_loki(&written.lock().unwrap());
    assert_snapshot!(told.join("\n"), @r#"
    {"level":"WARNING","message":"Log lines didn't reach Loki","error":"the queue is full","error_type":"loki","dropped":1,"dropped_total":1}
    {"level":"WARNING","message":"Log lines didn't reach Loki","error":"the queue is full","error_type":"loki","dropped":60,"dropped_total":61}
    {"level":"WARNING","message":"Log lines didn't reach Loki","error":"the queue is full","error_type":"loki","dropped":60,"dropped_total":121}
    {"level":"WARNING","message":"Log lines didn't reach Loki","error":"the queue is full","error_type":"loki","dropped":9,"dropped_total":130}
    "#);
}

#[test]
fn what_is_said_of_loki_follows_the_level_of_the_log() {
    for (level, expected) in [(LogLevel::Warning, 2), (LogLevel::Error, 1), (LogLevel::Critical, 0)] {
        let written = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&written);
        let sink: LogSink = Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned()));
        let config = LogConfig { level, ..LogConfig::default() };
        let troubles = Troubles::new(controlled(config, sink).1.direct, Arc::default());
        troubles.refused(1, "no");
        troubles.tell_untold();
        assert_eq!(written.lock().unwrap().len(), expected, "{level:?}");
    }
}
