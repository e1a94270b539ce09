//! Batches from end to end, against the simulator: what comes back of them, and what goes wrong on the way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use super::{AnthropicClient, request};
use crate::model::anthropic::{
    BatchBody, BatchBodyBuilder, BatchLimits, ClientConfig, DEFAULT_CONNECT_TIMEOUT,
};
use crate::model::{
    Batch, BatchCounts, BatchOutcome, BatchResult, BatchStatus, CallError, CallErrorKind, Model,
    ModelRequest, ReplyEvent, StopReason,
};
use crate::simulator::{FaultRule, Simulator, SimulatorConfig};

/// A simulator with those faults whose batches take that long, and a client of it.
async fn pair(faults: &str, batch_time: Duration) -> (Simulator, AnthropicClient) {
    let faults = FaultRule::parse_list(faults).unwrap();
    let config = SimulatorConfig { batch_time, faults, ..SimulatorConfig::default() };
    let simulator = Simulator::start(config).await.unwrap();
    let client = client(&simulator);
    (simulator, client)
}

fn client(simulator: &Simulator) -> AnthropicClient {
    AnthropicClient::new(ClientConfig {
        base_url: Url::parse(&simulator.base_url()).unwrap(),
        credentials: None,
        api_version: "2023-06-01".into(),
        connect_timeout: DEFAULT_CONNECT_TIMEOUT,
        direct: true,
    })
    .unwrap()
}

fn intent_request() -> ModelRequest {
    let schema = json!({
        "type": "object", "properties": {"intent": {"type": "string"}}, "required": ["intent"],
        "additionalProperties": false,
    });
    ModelRequest {
        model: "llama3.2".into(),
        max_tokens: 500,
        schema: Some(Arc::new(schema.into())),
        ..request()
    }
}

/// A body of that many requests, called by their places.
fn body(requests: usize) -> BatchBody {
    let mut builder = BatchBodyBuilder::new(BatchLimits::OF_API);
    for place in 0..requests {
        builder.add(&format!("item-{place}"), &intent_request()).unwrap();
    }
    builder.finish().unwrap()
}

async fn ended(client: &AnthropicClient, id: &str) -> Batch {
    for _ in 0..1_000 {
        let batch = client.batch(id).await.unwrap();
        if batch.status == BatchStatus::Ended {
            return batch;
        }
    }
    panic!("{id} doesn't end")
}

/// What became of each request, by its name.
async fn outcomes(
    client: &AnthropicClient,
    batch: &Batch,
) -> Result<BTreeMap<String, BatchOutcome>, CallError> {
    let results: Vec<BatchResult> = client.batch_results(batch).await?.try_collect().await?;
    Ok(results.into_iter().map(|result| (result.custom_id, result.outcome)).collect())
}

#[tokio::test]
async fn a_batch_goes_from_its_creation_to_the_replies_that_calls_would_have_got() {
    let (simulator, client) = pair("", Duration::ZERO).await;
    let created = client.create_batch(&body(5)).await.unwrap();
    assert_eq!((created.status.clone(), created.counts.requests()), (BatchStatus::InProgress, 5));
    assert!(created.created_at.is_some() && created.expires_at > created.created_at);
    let batch = ended(&client, &created.id).await;
    assert_eq!(batch.counts, BatchCounts { succeeded: 5, ..BatchCounts::default() });
    assert!(batch.ended_at >= batch.created_at);

    let results: Vec<BatchResult> = client.batch_results(&batch).await.unwrap().try_collect().await.unwrap();
    let mut names: Vec<&str> = results.iter().map(|result| result.custom_id.as_str()).collect();
    assert!(!names.is_sorted(), "the order isn't that of the requests");
    names.sort_unstable();
    assert_eq!(names, ["item-0", "item-1", "item-2", "item-3", "item-4"]);

    let alone: Vec<ReplyEvent> =
        client.call(&intent_request(), None).await.unwrap().try_collect().await.unwrap();
    let text = |events: &[ReplyEvent]| -> String {
        events
            .iter()
            .filter_map(|it| if let ReplyEvent::Text(text) = it { Some(text.as_str()) } else { None })
            .collect()
    };
    let stopped = |events: &[ReplyEvent]| {
        events.iter().find(|event| matches!(event, ReplyEvent::Stopped { .. })).cloned()
    };
    for result in &results {
        let BatchOutcome::Replied(events) = &result.outcome else { panic!("{result:?}") };
        assert_eq!((text(events), stopped(events)), (text(&alone), stopped(&alone)));
        assert!(matches!(events.first(), Some(ReplyEvent::Started { .. })), "{events:?}");
        assert_eq!(events.last(), Some(&ReplyEvent::Finished));
    }
    let batched = simulator.log().entries().into_iter().filter(|entry| entry.batch.is_some()).count();
    assert_eq!(batched, 5);
}

#[tokio::test]
async fn what_became_of_each_request_is_told_by_itself() {
    let faults = "server-error@1,bad-request@2,expired@3,canceled@4,refusal@5";
    let (_simulator, client) = pair(faults, Duration::ZERO).await;
    let created = client.create_batch(&body(6)).await.unwrap();
    let batch = ended(&client, &created.id).await;
    let expected = BatchCounts { processing: 0, succeeded: 2, errored: 2, canceled: 1, expired: 1 };
    assert_eq!(batch.counts, expected);
    let outcomes = outcomes(&client, &batch).await.unwrap();
    let failure = |name: &str| match &outcomes[name] {
        BatchOutcome::Failed(error) => error.clone(),
        other => panic!("{other:?}"),
    };
    let (again, never) = (failure("item-0"), failure("item-1"));
    assert_eq!(again.to_string(), "upstream answered 500 api_error: Something went wrong inside (simulated)");
    assert!(again.is_retryable() && again.is_certainly_unbilled() && again.request_id.is_some());
    assert_eq!(never.status(), Some(400));
    assert!(!never.is_retryable());
    assert_eq!(outcomes["item-2"], BatchOutcome::Expired);
    assert_eq!(outcomes["item-3"], BatchOutcome::Canceled);
    let BatchOutcome::Replied(refusal) = &outcomes["item-4"] else { panic!("{:?}", outcomes["item-4"]) };
    assert!(
        refusal
            .iter()
            .any(|event| matches!(event, ReplyEvent::Stopped { reason: StopReason::Refusal { .. }, .. })),
        "{refusal:?}"
    );
    assert!(matches!(outcomes["item-5"], BatchOutcome::Replied(_)));
}

#[tokio::test]
async fn a_batch_that_is_canceled_ends_and_has_results() {
    let (_simulator, client) = pair("", Duration::from_hours(1)).await;
    let created = client.create_batch(&body(3)).await.unwrap();
    assert_eq!(client.batch_results(&created).await.err().and_then(|error| error.status()), Some(400));
    let canceling = client.cancel_batch(&created.id).await.unwrap();
    assert_eq!(canceling.status, BatchStatus::Canceling);
    let batch = ended(&client, &created.id).await;
    let outcomes = outcomes(&client, &batch).await.unwrap();
    assert!(outcomes.len() == 3 && outcomes.values().all(|outcome| *outcome == BatchOutcome::Canceled));
    assert_eq!(client.cancel_batch(&created.id).await.unwrap_err().status(), Some(400));
}

#[tokio::test]
async fn the_list_is_read_page_by_page() {
    let (_simulator, client) = pair("", Duration::from_hours(1)).await;
    let mut created = Vec::new();
    for _ in 0..5 {
        created.push(client.create_batch(&body(1)).await.unwrap().id);
    }
    let (mut listed, mut pages, mut after) = (Vec::new(), 0, None::<String>);
    loop {
        let page = client.list_batches(2, after.as_deref()).await.unwrap();
        listed.extend(page.batches.into_iter().map(|batch| batch.id));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    created.reverse();
    assert_eq!((listed, pages), (created, 3));
    assert_eq!(client.list_batches(2, Some("msgbatch_none")).await.unwrap_err().status(), Some(404));
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_found_in_the_list() {
    for fault in ["reset-before-head", "close-mid-reply", "truncated", "wrong-content-type"] {
        let (simulator, lost) = pair(&format!("batch-create:{fault}@1"), Duration::ZERO).await;
        let error = lost.create_batch(&body(2)).await.unwrap_err();
        assert!(!error.is_certainly_unbilled(), "{fault}: {error}");
        drop(lost);
        // Another process, later.
        let client = client(&simulator);
        let page = client.list_batches(20, None).await.unwrap();
        assert_eq!((page.batches.len(), page.next), (1, None), "{fault}");
        let batch = ended(&client, &page.batches[0].id).await;
        assert_eq!(outcomes(&client, &batch).await.unwrap().len(), 2, "{fault}");
    }
    let (_simulator, client) = pair("batch-create:server-error@1", Duration::ZERO).await;
    let error = client.create_batch(&body(2)).await.unwrap_err();
    assert!(error.is_certainly_unbilled() && error.is_retryable(), "{error}");
    assert!(client.list_batches(20, None).await.unwrap().batches.is_empty());
}

#[tokio::test]
async fn a_failed_poll_says_when_to_come_back_and_changes_nothing() {
    let (_simulator, client) =
        pair("batch-poll:rate-limit=2@1,batch-poll:server-error@2", Duration::ZERO).await;
    let id = client.create_batch(&body(1)).await.unwrap().id;
    let limited = client.batch(&id).await.unwrap_err();
    assert_eq!((limited.status(), limited.retry_after), (Some(429), Some(Duration::from_secs(2))));
    assert!(limited.is_retryable());
    assert_eq!(client.batch(&id).await.unwrap_err().status(), Some(500));
    assert_eq!(ended(&client, &id).await.counts.succeeded, 1);
    assert_eq!(client.batch("msgbatch_none").await.unwrap_err().status(), Some(404));
}

#[tokio::test]
async fn results_that_are_cut_are_an_error_after_those_that_came() {
    for (fault, is_interrupted) in [
        ("close-mid-reply=2", true),
        ("reset-mid-reply=2", true),
        ("truncated=2", false),
        ("truncated=0", false),
    ] {
        let (_simulator, client) = pair(&format!("batch-results:{fault}@1"), Duration::ZERO).await;
        let created = client.create_batch(&body(5)).await.unwrap();
        let batch = ended(&client, &created.id).await;
        let mut results = client.batch_results(&batch).await.unwrap();
        let mut read = Vec::new();
        let error = loop {
            match results.next().await.expect("an error") {
                Ok(result) => read.push(result),
                Err(error) => break error,
            }
        };
        // A reset may overtake what was sent before it.
        assert!(read.len() <= 2, "{fault}: {read:?}");
        assert!(fault.starts_with("reset") || read.len() == usize::from(fault.ends_with('2')) * 2, "{fault}");
        assert!(results.next().await.is_none(), "{fault}: nothing comes after an error");
        let is_as_expected = match error.kind {
            CallErrorKind::Interrupted(_) => is_interrupted,
            CallErrorKind::Truncated => !is_interrupted,
            _ => false,
        };
        assert!(is_as_expected && error.is_retryable() && error.request_id.is_some(), "{fault}: {error:?}");
        assert_eq!(outcomes(&client, &batch).await.unwrap().len(), 5, "they can be read again");
    }
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_falls_silent_is_given_up_after_a_minute() {
    let (_simulator, client) = pair(
        "batch-results:hang-mid-reply=1@1,batch-results:hang-before-head@2,batch-poll:hang-before-head@9-",
        Duration::ZERO,
    )
    .await;
    let created = client.create_batch(&body(3)).await.unwrap();
    let batch = Batch { counts: BatchCounts { succeeded: 3, ..BatchCounts::default() }, ..created };
    let began = Instant::now();
    let mut results = client.batch_results(&batch).await.unwrap();
    assert!(results.next().await.unwrap().is_ok());
    let error = results.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the connection broke off: nothing came for 60s");
    assert_eq!(began.elapsed().as_secs(), 60);
    let error = client.batch_results(&batch).await.err().unwrap();
    assert_eq!(error.to_string(), "the connection broke off: nothing came for 60s");
}

#[tokio::test(start_paused = true)]
async fn a_large_batch_is_given_longer_to_be_sent() {
    let (_simulator, client) = pair("batch-create:hang-before-head", Duration::ZERO).await;
    let mut long = intent_request();
    long.turns[0].text = "x".repeat(8 * 1024 * 1024);
    let mut large = BatchBodyBuilder::new(BatchLimits::OF_API);
    large.add("long", &long).unwrap();
    for (body, seconds) in [(body(1), 120), (large.finish().unwrap(), 152)] {
        let began = Instant::now();
        client.create_batch(&body).await.unwrap_err();
        assert_eq!(began.elapsed().as_secs(), seconds, "{} bytes", body.bytes());
    }
}
