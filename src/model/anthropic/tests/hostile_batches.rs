//! Batches of a server that is broken, or means ill: nothing is believed that can't be true, nothing is read
//! without end, and the credentials go nowhere else.

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use tokio::join;

use super::upstream::{EVENT_STREAM, Upstream, chunk};
use super::{SECRET, answer, api_key};
use crate::model::anthropic::{AnthropicClient, MAX_REPLY_BYTES};
use crate::model::{
    Batch, BatchCounts, BatchOutcome, BatchPage, BatchResult, BatchStatus, CallError, CallErrorKind,
    ReplyEvent,
};

fn wire_batch() -> Value {
    json!({
        "id": "msgbatch_1", "type": "message_batch", "processing_status": "ended",
        "request_counts": {"processing": 0, "succeeded": 2, "errored": 0, "canceled": 0, "expired": 0},
        "created_at": "2026-01-31T12:00:00Z", "expires_at": "2026-02-01T12:00:00Z",
    })
}

/// `wire_batch` with that in the place of what `pointer` names.
fn with(pointer: &str, value: Value) -> Value {
    let mut batch = wire_batch();
    *batch.pointer_mut(pointer).unwrap() = value;
    batch
}

/// A batch of that many results.
fn batch(results: u64) -> Batch {
    Batch {
        id: "msgbatch_1".into(),
        status: BatchStatus::Ended,
        counts: BatchCounts { succeeded: results, ..BatchCounts::default() },
        created_at: None,
        expires_at: None,
        ended_at: None,
    }
}

fn ok(body: &str) -> String {
    answer("200 OK\r\nrequest-id: req_head\r\n", body)
}

async fn pair() -> (Upstream, AnthropicClient) {
    let upstream = Upstream::start().await;
    let client = AnthropicClient::new(upstream.config(Some(api_key()))).unwrap();
    (upstream, client)
}

async fn polled(body: &Value) -> Result<Batch, CallError> {
    let (upstream, client) = pair().await;
    let answer = ok(&body.to_string());
    join!(client.batch("msgbatch_1"), upstream.answer(&answer)).0
}

async fn listed(body: &Value, after: Option<&str>) -> Result<BatchPage, CallError> {
    let (upstream, client) = pair().await;
    let answer = ok(&body.to_string());
    join!(client.list_batches(10, after), upstream.answer(&answer)).0
}

/// What is read of these lines by whoever expects so many results: those before an error, and the error.
async fn read(lines: &str, due: u64) -> (Vec<BatchResult>, Option<CallError>) {
    let (upstream, client) = pair().await;
    let reading = async {
        let mut results = client.batch_results(&batch(due)).await.unwrap();
        let mut read = Vec::new();
        loop {
            match results.try_next().await {
                Ok(Some(result)) => read.push(result),
                Ok(None) => return (read, None),
                Err(error) => return (read, Some(error)),
            }
        }
    };
    let answer = ok(lines);
    join!(reading, upstream.answer(&answer)).0
}

fn line(custom_id: &str, result: &Value) -> String {
    format!("{}\n", json!({"custom_id": custom_id, "result": result}))
}

fn expired(custom_id: &str) -> String {
    line(custom_id, &json!({"type": "expired"}))
}

fn is_malformed(error: &CallError) -> bool {
    matches!(error.kind, CallErrorKind::Malformed(_)) && !error.is_retryable()
}

#[tokio::test]
async fn what_is_no_batch_is_refused_without_being_quoted() {
    for body in [
        json!("sk"),
        json!({}),
        json!([wire_batch()]),
        with("/id", json!(5)),
        with("/id", json!("msgbatch_1/../../keys")),
        with("/id", json!("msgbatch_\u{1b}[2J")),
        with("/id", json!("")),
        with("/id", json!("x".repeat(101))),
        with("/id", json!(SECRET)),
        with("/id", json!(format!("msgbatch_{SECRET}"))),
        with("/id", json!("msgbatch_2")),
        with("/processing_status", json!([SECRET])),
        with("/request_counts", json!(null)),
        with("/request_counts/succeeded", json!(-1)),
        with("/request_counts/expired", json!(SECRET)),
        with("/request_counts/errored", json!(u64::MAX)),
    ] {
        let error = polled(&body).await.unwrap_err();
        assert!(is_malformed(&error), "{body}: {error:?}");
        assert!(!error.to_string().contains(SECRET), "{error}");
    }
}

#[tokio::test]
async fn an_answer_of_any_length_is_read_no_further_than_it_may_be() {
    let most = 4 * 1024 * 1024;
    let padded = |bytes: usize| {
        let json = wire_batch().to_string();
        format!("{}{json}", " ".repeat(bytes - json.len()))
    };
    for (bytes, is_read) in [(most, true), (most + 1, false), (most + 100_000, false)] {
        let (upstream, client) = pair().await;
        let answer = ok(&padded(bytes));
        let polled = join!(client.batch("msgbatch_1"), upstream.answer(&answer)).0;
        match polled {
            Ok(batch) => assert!(is_read, "{batch:?}"),
            Err(error) => {
                assert!(!is_read && matches!(error.kind, CallErrorKind::TooLarge { .. }), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_only_good_to_know_counts_as_not_given() {
    let mut odd = with("/created_at", json!("yesterday"));
    odd["expires_at"] = json!(7);
    assert_eq!(polled(&odd).await, Ok(batch(2)));
    let status =
        polled(&with("/processing_status", json!(format!("on\u{7} hold {SECRET}")))).await.unwrap().status;
    assert_eq!(status, BatchStatus::Other("on hold [secret]".into()));
}

#[tokio::test]
async fn a_list_that_would_never_end_is_refused() {
    let list = |has_more: bool, last_id: Value| json!({"data": [wire_batch()], "has_more": has_more, "last_id": last_id});
    for last_id in [json!(null), json!("msgbatch_1"), json!("a/b"), json!("")] {
        let error = listed(&list(true, last_id), Some("msgbatch_1")).await.unwrap_err();
        assert!(is_malformed(&error), "{error:?}");
    }
    let page = listed(&list(true, json!("msgbatch_1")), None).await.unwrap();
    assert_eq!((page.batches.len(), page.next.as_deref()), (1, Some("msgbatch_1")));
    assert_eq!(listed(&list(false, json!("msgbatch_1")), None).await.unwrap().next, None);
}

#[tokio::test]
async fn an_id_that_holds_the_key_is_not_handed_out() {
    let page = json!({"data": [with("/id", json!(format!("msgbatch_{SECRET}")))], "has_more": false});
    let error = listed(&page, None).await.unwrap_err();
    assert!(is_malformed(&error) && !error.to_string().contains(SECRET), "{error:?}");
}

#[tokio::test]
async fn an_id_that_could_lead_elsewhere_is_not_asked_for() {
    let (_upstream, client) = pair().await;
    for id in ["", ".", "..", "../models", "a/b", "a?b", "a#b", "a b"] {
        assert!(is_malformed(&client.batch(id).await.unwrap_err()), "{id}");
        assert!(is_malformed(&client.cancel_batch(id).await.unwrap_err()), "{id}");
        let named = Batch { id: id.into(), ..batch(1) };
        assert!(is_malformed(&client.batch_results(&named).await.err().unwrap()), "{id}");
    }
}

#[tokio::test]
async fn results_are_asked_for_at_the_configured_server_whatever_their_url_is() {
    let (upstream, client) = pair().await;
    let foreign = Upstream::start().await;
    let mut told = wire_batch();
    told["results_url"] = json!(format!("{}/v1/messages/batches/msgbatch_1/results", foreign.origin()));
    let told = ok(&told.to_string());
    let batch = join!(client.batch("msgbatch_1"), upstream.answer(&told)).0.unwrap();
    let lines = ok(&format!("{}{}", expired("a"), expired("b")));
    let reading = async { client.batch_results(&batch).await.unwrap().try_collect::<Vec<_>>().await };
    let (results, request) = join!(reading, upstream.answer(&lines));
    assert_eq!(results.unwrap().len(), 2);
    insta::assert_snapshot!(request.head.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @"
    GET /v1/messages/batches/msgbatch_1/results HTTP/1.1
    accept: application/x-jsonl, */*
    anthropic-version: 2023-06-01
    content-type: application/json
    user-agent: promptchain/VERSION
    x-api-key: sk-ant-very-secret-0123456789
    ");

    let redirect = format!("307 Temporary Redirect\r\nlocation: {}/elsewhere\r\n", foreign.origin());
    let answered = answer(&redirect, "");
    let refused = join!(client.batch_results(&batch), upstream.answer(&answered)).0.err().unwrap();
    assert_eq!(refused.status(), Some(307));
}

#[tokio::test]
async fn a_line_without_end_is_given_up() {
    let (upstream, client) = pair().await;
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection.send(EVENT_STREAM).await;
        connection.send(&chunk("{\"custom_id\": \"")).await;
        connection.send_until_closed(&chunk(&"a".repeat(100_000))).await;
    };
    let batch = batch(1);
    let reading = async { client.batch_results(&batch).await.unwrap().try_next().await };
    let error = join!(reading, server).0.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::TooLarge { what: "a result", limit: MAX_REPLY_BYTES });
}

#[tokio::test]
async fn results_that_cannot_be_the_batchs_are_an_error_after_those_that_can() {
    let two = format!("{}{}", expired("a"), expired("b"));
    for (more, why) in [
        (expired("a"), "two results have the same custom_id"),
        (expired("c"), "there are more results than the batch counts"),
        (expired(""), "a result's custom_id isn't of the form that such names have"),
        (expired("\u{1b}[2J"), "a result's custom_id isn't of the form that such names have"),
        (expired(SECRET), "a result's custom_id isn't of the form that such names have"),
        ("<html>\n".to_owned(), "a result isn't JSON"),
        ("[]\n".to_owned(), "a result isn't of the shape it should have"),
        ("{\"custom_id\": \"c\"}\n".to_owned(), "a result isn't of the shape it should have"),
        (line("c", &json!({"type": 5})), "a result isn't of the shape it should have"),
    ] {
        let (read, error) = read(&format!("{two}{more}{}", expired("d")), 2).await;
        let error = error.unwrap_or_else(|| panic!("{why}"));
        assert_eq!(read.len(), 2, "{why}");
        assert_eq!(error.kind, CallErrorKind::Malformed(why.into()));
        assert_eq!(error.request_id.as_deref(), Some("req_head"));
    }
}

#[tokio::test]
async fn a_body_that_ends_too_soon_is_no_end() {
    let two = format!("{}{}", expired("a"), expired("b"));
    for cut in [0, 1, 20, two.len() / 2, two.len() / 2 + 1, two.len() - 2] {
        let (read, error) = read(&two[..cut], 2).await;
        assert_eq!(error.map(|error| error.kind), Some(CallErrorKind::Truncated), "{cut}");
        assert!(read.len() < 2, "{cut}");
    }
    let (read, error) = read(two.trim_end(), 2).await;
    assert_eq!((read.len(), error), (2, None), "the last line needs no end");
}

#[tokio::test]
async fn names_that_the_caller_never_gave_are_handed_out_for_it_to_judge() {
    let (read, error) = read(&format!("{}{}", expired("foreign"), expired("b")), 2).await;
    assert_eq!(error, None);
    let names: Vec<&str> = read.iter().map(|result| result.custom_id.as_str()).collect();
    assert_eq!(names, ["foreign", "b"]);
}

#[tokio::test]
async fn one_result_that_cannot_be_understood_does_not_spoil_the_others() {
    let message =
        json!({"model": "m", "content": [{"type": "text", "text": "Hello"}], "stop_reason": "end_turn"});
    let lines = [
        line("unreadable", &json!({"type": "succeeded", "message": {"content": SECRET}})),
        line("missing", &json!({"type": "succeeded"})),
        line("new", &json!({"type": format!("paused {SECRET}\u{7}")})),
        line("bare", &json!({"type": "errored", "error": {"type": "overloaded_error", "message": SECRET}})),
        line("silent", &json!({"type": "errored"})),
        line("good", &json!({"type": "succeeded", "message": message})),
    ];
    let (read, error) = read(&lines.concat(), 6).await;
    assert_eq!(error, None);
    assert!(!format!("{read:?}").contains(SECRET), "{read:?}");
    let outcome = |name: &str| &read.iter().find(|result| result.custom_id == name).unwrap().outcome;
    let failure = |name: &str| match outcome(name) {
        BatchOutcome::Failed(error) => error.clone(),
        other => panic!("{name}: {other:?}"),
    };
    for name in ["unreadable", "missing"] {
        assert!(is_malformed(&failure(name)) && !failure(name).is_certainly_unbilled(), "{name}");
    }
    assert_eq!(*outcome("new"), BatchOutcome::Other("paused [secret]".into()));
    assert_eq!(failure("bare").to_string(), "upstream answered 529 overloaded_error: [secret]");
    assert_eq!(failure("silent").to_string(), "upstream answered 500: no reason given");
    let BatchOutcome::Replied(events) = outcome("good") else { panic!("{read:?}") };
    assert!(events.contains(&ReplyEvent::Text("Hello".into())), "{events:?}");
}
