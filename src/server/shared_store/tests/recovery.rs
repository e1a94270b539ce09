//! A store that is gone and comes back.

use super::*;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;
use crate::telemetry::metrics::{PlacesReading, Readings};

#[tokio::test(start_paused = true)]
async fn a_store_that_is_back_is_used_again_and_both_are_told_once() {
    let log = Captured::from_level(LogLevel::Info);
    let (store, dial) =
        store([serving([OK, Act::Freeze]), Peer::Refuses, Peer::Refuses, serving([OK])]).await;
    assert_eq!(call(&store).await.0, Ok(Reply::Number(1)));
    for _ in 0..20 {
        assert!(call(&store).await.0.is_err());
    }
    // After three times 80 ms, and then after 250, 500 and 1000 ms.
    pass(1_749).await;
    assert!(call(&store).await.0.is_err());
    pass(2).await;
    for _ in 0..20 {
        assert_eq!(call(&store).await, (Ok(Reply::Number(1)), 0));
    }
    assert_eq!(dial.dials(), [0, 490, 990, 1990]);
    let lines: Vec<_> =
        log.lines().iter().map(|line| format!("{} {}", line["level"], line["message"])).collect();
    assert_eq!(
        lines,
        [
            r#""INFO" "The shared store answers""#,
            r#""WARNING" "The shared store is gone""#,
            r#""INFO" "The shared store is back""#
        ]
    );
    let (gone, back) = (&log.lines()[1], &log.lines()[2]);
    assert_eq!(gone["error"], "no answer in time");
    assert_eq!(gone["error_type"], "timeout");
    assert_eq!((&gone["store"], &gone["on_error"]), (&"redis://scripted:6379/0".into(), &"memory".into()));
    assert_eq!(back["gone_seconds"], 1.75);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_answers_but_would_not_count_stays_gone() {
    let replica = || Peer::Serves {
        probes: vec![Act::Say("-READONLY You can't write against a read only replica.\r\n")],
        calls: vec![OK],
    };
    let (store, dial) = store([replica(), replica(), serving([OK])]).await;
    assert_eq!(call(&store).await, (Err(StoreFault::read_only), 0));
    pass(251).await;
    assert_eq!(call(&store).await, (Err(StoreFault::read_only), 0));
    assert_eq!(dial.commands(), [""; 0], "nobody was asked to count");
    pass(500).await;
    assert_eq!(call(&store).await, (Ok(Reply::Number(1)), 0));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost_is_noticed_without_a_request() {
    let log = Captured::from_level(LogLevel::Info);
    let lost = Peer::Serves { probes: vec![OK, OK, Act::Cut], calls: vec![OK] };
    let (store, dial) = store([lost, serving([OK])]).await;
    pass(10_001).await;
    assert_eq!(call(&store).await, (Err(StoreFault::connection), 0));
    pass(250).await;
    assert_eq!(call(&store).await, (Ok(Reply::Number(1)), 0));
    assert_eq!(dial.dials(), [0, 10_250]);
    assert_eq!(log.lines().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_comes_and_goes_is_left_alone_for_longer_and_longer() {
    let (store, dial) = store([serving([Act::Cut])]).await;
    for _ in 0..2_000 {
        let _ = call(&store).await;
        pass(10).await;
    }
    assert_eq!(dial.dials().len(), 8, "{:?}", dial.dials());
}

#[tokio::test(start_paused = true)]
async fn a_failure_over_an_earlier_connection_does_not_close_the_gate_for_the_next() {
    let ignored = serving([Act::SayLater(Duration::from_millis(60), ":2\r\n"), Act::Cut]);
    let (store, _) = store([ignored, serving([OK])]).await;
    let store = Arc::new(store);
    let slow = {
        let store = Arc::clone(&store);
        async move { call(&store).await }
    };
    let fast = async {
        pass(10).await;
        call(&store).await
    };
    // The second is read only after the first is answered, and its connection is cut then.
    let (slow, fast) = tokio::join!(slow, fast);
    assert_eq!((slow, fast), ((Ok(Reply::Number(2)), 60), (Err(StoreFault::connection), 50)));
    pass(251).await;
    assert_eq!(call(&store).await, (Ok(Reply::Number(1)), 0));
}

#[tokio::test(start_paused = true)]
async fn what_failed_and_what_took_how_long_is_counted() {
    let metrics = metrics();
    let dial = ScriptedDial::new([serving([OK, OK, Act::Freeze]), Peer::Refuses]);
    let store = open(&dial, Arc::clone(&metrics));
    store.is_there().await.unwrap();
    for _ in 0..5 {
        let _ = call(&store).await;
    }
    pass(251).await;
    let places = PlacesReading { runs: 0, taken: 0, max: 1 };
    let readings =
        Readings { limiter_keys: 0, checkpoints: 0, places, is_draining: false, breakers: Vec::new() };
    let text = metrics.encode(&readings);
    for line in [
        "promptchain_shared_store_up 0",
        "promptchain_shared_store_errors_total{reason=\"timeout\"} 3",
        "promptchain_shared_store_errors_total{reason=\"connection\"} 1",
        "promptchain_shared_store_errors_total{reason=\"reply\"} 0",
        "promptchain_shared_store_round_trip_seconds_count 2",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line}: {text}");
    }
}
