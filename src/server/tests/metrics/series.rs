//! How many series there are, whatever clients send.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

use axum::http::Method;
use serde_json::json;

use super::*;

#[tokio::test(start_paused = true)]
async fn nothing_that_clients_send_becomes_a_series() {
    let api = Api::with(&[("RATE_LIMIT_CHAT_COMPLETIONS", "1000000/minute")], []);
    let ask = |n: usize| {
        let word = format!("made-up-{n}");
        let path: &'static str = Box::leak(format!("/v1/{word}").into_boxed_str());
        let model: &'static str = Box::leak(format!("/v1/models/{word}").into_boxed_str());
        let method = Method::from_bytes(format!("M{n}").as_bytes()).unwrap();
        [
            Ask::chat(json!({"model": word})).by(&word),
            Ask::get(path),
            Ask::get(model).by(&word),
            Ask::new(method, "/health"),
        ]
    };
    let mut counts = Vec::new();
    for part in [0..1, 1..1000] {
        for asks in part.map(ask) {
            for ask in asks {
                let status = api.ask(ask).await.status;
                assert!(matches!(status, 404 | 405), "{status}");
            }
        }
        // The first time, scraping becomes a series itself.
        Scraped::of(&api).await;
        let scraped = Scraped::of(&api).await;
        assert!(!scraped.text.contains("made-up"), "{}", scraped.text);
        counts.push(scraped.series.len());
    }
    assert_eq!(counts[0], counts[1]);
    let scraped = Scraped::of(&api).await;
    assert_eq!(scraped.value("promptchain_rate_limiter_keys"), 2000.0);
    let unmatched =
        r#"http_server_request_duration_seconds_count{route="unmatched",method="GET",status="404"}"#;
    assert_eq!(scraped.value(unmatched), 1000.0);
}
