//! Batches, as a client meets them: from their creation to their results, and what is refused on the way.

use std::time::Duration;

use super::client::{Answer, ask, ask_message};
use super::*;

const VERSION: &str = "content-type: application/json\nanthropic-version: 2023-06-01";

/// A simulator whose batches end at once, with those fault rules.
pub(super) async fn fast(faults: &str) -> Simulator {
    timed(faults, Duration::ZERO).await
}

pub(super) async fn timed(faults: &str, batch_time: Duration) -> Simulator {
    let faults = FaultRule::parse_list(faults).unwrap();
    Simulator::start(SimulatorConfig { batch_time, faults, ..SimulatorConfig::default() }).await.unwrap()
}

/// A simulator whose batches go on for longer than any test.
async fn slow() -> Simulator {
    timed("", Duration::from_hours(1)).await
}

fn body(requests: &[(&str, Value)]) -> Value {
    let requests: Vec<Value> = requests
        .iter()
        .map(|(custom_id, params)| json!({"custom_id": custom_id, "params": params}))
        .collect();
    json!({ "requests": requests })
}

/// Requests for these steps, called `STEP-PLACE`.
pub(super) fn steps(steps: &[Step]) -> Value {
    let names: Vec<String> =
        steps.iter().enumerate().map(|(place, step)| format!("{step}-{place}")).collect();
    let requests: Vec<(&str, Value)> =
        names.iter().zip(steps).map(|(name, step)| (name.as_str(), request(*step, false))).collect();
    body(&requests)
}

pub(super) async fn at(simulator: &Simulator, line: &str) -> Answer {
    ask(simulator, &format!("{line}\n{VERSION}"), "").await
}

pub(super) async fn create_with(simulator: &Simulator, header: &str, body: &Value) -> Answer {
    ask(simulator, &format!("POST /v1/messages/batches\n{VERSION}\n{header}"), &body.to_string()).await
}

/// Creates a batch and gives back its id.
pub(super) async fn create(simulator: &Simulator, body: &Value) -> String {
    let created = create_with(simulator, "", body).await;
    assert_eq!(created.status, 200, "{}", created.text());
    created.json()["id"].as_str().unwrap().to_owned()
}

pub(super) async fn show(simulator: &Simulator, id: &str) -> Value {
    at(simulator, &format!("GET /v1/messages/batches/{id}")).await.json()
}

/// The batch, once it has ended.
pub(super) async fn ended(simulator: &Simulator, id: &str) -> Value {
    for _ in 0..1_000 {
        let batch = show(simulator, id).await;
        if batch["processing_status"] == "ended" {
            return batch;
        }
    }
    panic!("{id} doesn't end")
}

pub(super) async fn results(simulator: &Simulator, id: &str) -> Vec<Value> {
    ended(simulator, id).await;
    let answer = at(simulator, &format!("GET /v1/messages/batches/{id}/results")).await;
    assert_eq!((answer.status, answer.complete), (200, true));
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn message_of(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"]["message"].as_str().unwrap().to_owned())
}

pub(super) fn counts(batch: &Value) -> String {
    batch["request_counts"].to_string()
}

#[tokio::test]
async fn a_batch_is_in_progress_until_all_of_it_is_done() {
    let simulator = slow().await;
    let created = create_with(&simulator, "", &steps(&[Step::Analyze, Step::Process])).await.json();
    let (made, expires) = (&created["created_at"], &created["expires_at"]);
    assert_eq!(
        created,
        json!({
            "id": "msgbatch_sim_000001", "type": "message_batch", "processing_status": "in_progress",
            "request_counts": {"processing": 2, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0},
            "created_at": made, "expires_at": expires, "ended_at": null, "cancel_initiated_at": null,
            "archived_at": null, "results_url": null,
        })
    );
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(time(expires).as_second() - time(made).as_second(), 24 * 60 * 60);
    assert_eq!(show(&simulator, "msgbatch_sim_000001").await, created);
    let results = at(&simulator, "GET /v1/messages/batches/msgbatch_sim_000001/results").await;
    assert_eq!(message_of(&results), (400, "batch: msgbatch_sim_000001 hasn't ended".to_owned()));
    assert_eq!(at(&simulator, "DELETE /v1/messages/batches/msgbatch_sim_000001").await.status, 400);
}

#[tokio::test]
async fn results_come_in_another_order_and_say_what_a_call_alone_would_have_got() {
    let simulator = fast("").await;
    let asked = steps(&[Step::Analyze, Step::Process, Step::Synthesize]);
    let id = create(&simulator, &asked).await;
    let batch = ended(&simulator, &id).await;
    assert_eq!(counts(&batch), r#"{"processing":0,"succeeded":3,"errored":0,"canceled":0,"expired":0}"#);
    // By the name that the client calls it by.
    assert_eq!(batch["results_url"], format!("http://simulator/v1/messages/batches/{id}/results"));
    let results = results(&simulator, &id).await;
    let names: Vec<&str> = results.iter().map(|result| result["custom_id"].as_str().unwrap()).collect();
    assert_ne!(names, ["analyze-0", "process-1", "synthesize-2"]);
    for request in asked["requests"].as_array().unwrap() {
        let alone = ask_message(&simulator, &request["params"]).await.json();
        let result = results.iter().find(|it| it["custom_id"] == request["custom_id"]).unwrap();
        assert_eq!(result["result"]["type"], "succeeded");
        let message = &result["result"]["message"];
        for field in ["type", "role", "model", "content", "stop_reason"] {
            assert_eq!(message[field], alone[field], "{field}");
        }
        assert_eq!(message["usage"]["service_tier"], "batch");
        for tokens in ["input_tokens", "output_tokens", "cache_read_input_tokens"] {
            assert_eq!(message["usage"][tokens], alone["usage"][tokens], "{tokens}");
        }
    }
    assert_eq!(results, self::results(&simulator, &id).await, "they can be read again, and are the same");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_only_its_result_says() {
    let simulator = fast("").await;
    let mut unknown = request(Step::Analyze, false);
    unknown["model"] = json!("claude-3-opus");
    let asked = body(&[
        ("empty", json!({})),
        ("unknown", unknown),
        ("streamed", request(Step::Analyze, true)),
        ("good", request(Step::Analyze, false)),
    ]);
    let id = create(&simulator, &asked).await;
    let results = results(&simulator, &id).await;
    let of = |name: &str| &results.iter().find(|result| result["custom_id"] == name).unwrap()["result"];
    for (name, kind, message) in [
        ("empty", "invalid_request_error", "model: field required"),
        ("unknown", "not_found_error", "model: claude-3-opus"),
        ("streamed", "invalid_request_error", "stream: a request within a batch can't be streamed"),
    ] {
        let error = &of(name)["error"];
        assert_eq!((&of(name)["type"], &error["type"]), (&json!("errored"), &json!("error")));
        assert_eq!(error["error"], json!({"type": kind, "message": message}));
    }
    assert_eq!(of("good")["type"], "succeeded");
    let batch = show(&simulator, &id).await;
    assert_eq!(counts(&batch), r#"{"processing":0,"succeeded":1,"errored":3,"canceled":0,"expired":0}"#);
}

#[tokio::test]
async fn what_is_no_batch_is_refused_at_once() {
    let simulator = fast("").await;
    let refused = create_with(&simulator, "", &json!({"requests": []})).await;
    assert_eq!(message_of(&refused), (400, "requests: must have 1 to 100000 items, has 0".to_owned()));
    let head = "POST /v1/messages/batches\ncontent-type: application/json";
    assert_eq!(ask(&simulator, head, &steps(&[Step::Analyze]).to_string()).await.status, 400, "no version");
    assert_eq!(ask(&simulator, "GET /v1/messages/batches", "").await.status, 400, "no version");
    for line in [
        "GET /v1/messages/batches/none",
        "GET /v1/messages/batches/none/results",
        "POST /v1/messages/batches/none/cancel",
        "DELETE /v1/messages/batches/none",
        "GET /v1/messages/batches?after_id=none",
    ] {
        assert_eq!(message_of(&at(&simulator, line).await), (404, "batch: none".to_owned()), "{line}");
    }
    assert_eq!(at(&simulator, "PUT /v1/messages/batches").await.status, 405);
    assert!(at(&simulator, "GET /v1/messages/batches").await.json()["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_list_is_paged_in_both_directions_from_the_newest() {
    let simulator = slow().await;
    for _ in 0..5 {
        create(&simulator, &steps(&[Step::Analyze])).await;
    }
    let page = async |query: &str| {
        let list = at(&simulator, &format!("GET /v1/messages/batches{query}")).await.json();
        let id =
            |value: &Value| value.as_str().map_or("-".to_owned(), |id| id.replace("msgbatch_sim_00000", ""));
        let ids: Vec<String> = list["data"].as_array().unwrap().iter().map(|it| id(&it["id"])).collect();
        format!("{} {} {}..{}", ids.concat(), list["has_more"], id(&list["first_id"]), id(&list["last_id"]))
    };
    for (query, expected) in [
        ("", "54321 false 5..1"),
        ("?limit=2", "54 true 5..4"),
        ("?limit=2&after_id=msgbatch_sim_000004", "32 true 3..2"),
        ("?limit=2&after_id=msgbatch_sim_000002", "1 false 1..1"),
        ("?limit=2&after_id=msgbatch_sim_000001", " false -..-"),
        ("?limit=2&before_id=msgbatch_sim_000001", "32 true 3..2"),
        ("?limit=2&before_id=msgbatch_sim_000003", "54 false 5..4"),
    ] {
        assert_eq!(page(query).await, expected, "{query}");
    }
    for query in ["limit=0", "limit=1001", "limit=x", "after_id=a&before_id=b", "page=2"] {
        assert_eq!(at(&simulator, &format!("GET /v1/messages/batches?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_canceled_batch_ends_with_what_is_not_done_canceled() {
    let simulator = slow().await;
    let id = create(&simulator, &steps(&[Step::Analyze, Step::Analyze])).await;
    let canceling = at(&simulator, &format!("POST /v1/messages/batches/{id}/cancel")).await.json();
    assert_eq!(canceling["processing_status"], "canceling");
    assert!(canceling["cancel_initiated_at"].is_string());
    let batch = ended(&simulator, &id).await;
    assert_eq!(counts(&batch), r#"{"processing":0,"succeeded":0,"errored":0,"canceled":2,"expired":0}"#);
    let results = results(&simulator, &id).await;
    assert!(results.iter().all(|result| result["result"] == json!({"type": "canceled"})), "{results:?}");
    assert!(simulator.log().entries().iter().all(|entry| entry.batch.is_none()), "no call was made");
    let again = at(&simulator, &format!("POST /v1/messages/batches/{id}/cancel")).await;
    assert_eq!(message_of(&again), (400, format!("batch: {id} has ended")));

    let deleted = at(&simulator, &format!("DELETE /v1/messages/batches/{id}")).await.json();
    assert_eq!(deleted, json!({"id": id, "type": "message_batch_deleted"}));
    assert_eq!(at(&simulator, &format!("GET /v1/messages/batches/{id}")).await.status, 404);
}

#[tokio::test]
async fn the_log_has_each_call_with_its_batch_beside_the_exchanges() {
    let simulator = fast("process:overloaded@1").await;
    let id = create(&simulator, &steps(&[Step::Analyze, Step::Process])).await;
    let results = results(&simulator, &id).await;
    let entries = simulator.log().entries();
    let calls: Vec<&LogEntry> = entries.iter().filter(|entry| entry.batch.is_some()).collect();
    let told: Vec<_> = calls.iter().map(|call| (call.step, call.status, call.fault, call.end)).collect();
    let end = Some(End::Completed);
    assert_eq!(
        told,
        [
            (Some(Step::Analyze), Some(200), None, end),
            (Some(Step::Process), Some(529), Some(Fault::Overloaded), end)
        ]
    );
    let analysis = results.iter().find(|result| result["custom_id"] == "analyze-0").unwrap();
    let usage = &analysis["result"]["message"]["usage"];
    assert_eq!(usage["input_tokens"], calls[0].ledger.input_tokens);
    assert_eq!(usage["output_tokens"], calls[0].ledger.output_tokens);
    assert_eq!(calls[1].ledger, Ledger::default(), "an error costs nothing");
    let line: Value = serde_json::from_str(&simulator.log().json_line(calls[0])).unwrap();
    assert_eq!((&line["batch_id"], &line["custom_id"]), (&json!(id), &json!("analyze-0")));
    assert_eq!((&line["method"], &line["path"]), (&json!("BATCHED"), &json!("/v1/messages")));
    assert_eq!(entries[0].path, "/v1/messages/batches");
}
