//! Faults of batches: of the calls within them, and of their endpoints.

use std::time::Duration;

use super::batches::{at, counts, create, create_with, ended, fast, results, show, steps, timed};
use super::client::ask_message_with;
use super::*;

#[tokio::test]
async fn faults_of_calls_strike_within_batches_where_they_can() {
    use Fault::{Canceled, ErrorEvent, Expired, FencedJson, RateLimit, Refusal};
    use Step::{Analyze, Process, Synthesize};
    let rules = "analyze:expired@1,process:canceled@1,process:hang-mid-reply@2,process:rate-limit=2@2,\
                 synthesize:refusal@1,synthesize:fenced-json@2,error-event@7";
    let simulator = fast(rules).await;
    let asked = [Analyze, Process, Process, Synthesize, Synthesize, Analyze, Analyze];
    let id = create(&simulator, &steps(&asked)).await;
    let batch = ended(&simulator, &id).await;
    assert_eq!(counts(&batch), r#"{"processing":0,"succeeded":3,"errored":2,"canceled":1,"expired":1}"#);
    let results = results(&simulator, &id).await;
    let of = |name: &str| &results.iter().find(|result| result["custom_id"] == name).unwrap()["result"];
    assert_eq!(*of("analyze-0"), json!({"type": "expired"}));
    assert_eq!(*of("process-1"), json!({"type": "canceled"}));
    assert_eq!(of("process-2")["error"]["error"]["type"], "rate_limit_error");
    assert_eq!(of("synthesize-3")["message"]["stop_reason"], "refusal");
    assert!(of("synthesize-4")["message"]["content"][0]["text"].as_str().unwrap().starts_with("```json"));
    assert_eq!(of("analyze-6")["error"]["error"]["type"], "overloaded_error");
    let faults: Vec<_> = simulator.log().entries().iter().filter_map(|entry| entry.fault).collect();
    assert_eq!(faults, [Expired, Canceled, RateLimit, Refusal, FencedJson, ErrorEvent]);
}

#[tokio::test]
async fn faults_of_batches_pass_a_call_alone_by() {
    let simulator = fast("expired,batch-create:server-error").await;
    let answer =
        ask_message_with(&simulator, "x-simulate-fault: canceled", &request(Step::Analyze, false)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn the_creator_can_ask_for_faults_of_its_batch() {
    let simulator = fast("").await;
    let created =
        create_with(&simulator, "x-simulate-fault: process:server-error", &steps(&[Step::Process])).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(results(&simulator, &id).await[0]["result"]["error"]["error"]["type"], "api_error");
    let other = create(&simulator, &steps(&[Step::Process])).await;
    assert_eq!(results(&simulator, &other).await[0]["result"]["type"], "succeeded");
}

#[tokio::test]
async fn an_error_of_the_creation_leaves_no_batch_and_a_lost_answer_leaves_one() {
    let simulator = fast("batch-create:server-error=3@1,batch-create:reset-before-head@2").await;
    let asked = steps(&[Step::Analyze]);
    let listed =
        async || at(&simulator, "GET /v1/messages/batches").await.json()["data"].as_array().unwrap().len();
    let refused = create_with(&simulator, "", &asked).await;
    assert_eq!((refused.status, refused.header("retry-after")), (500, Some("3")));
    assert_eq!(listed().await, 0);
    let lost = create_with(&simulator, "", &asked).await;
    assert_eq!((lost.status, lost.head.as_str()), (0, ""));
    assert_eq!(listed().await, 1);
    assert_eq!(results(&simulator, "msgbatch_sim_000001").await[0]["result"]["type"], "succeeded");
}

#[tokio::test]
async fn faults_of_an_endpoint_count_its_own_requests() {
    let rules = "batch-poll:rate-limit=2@2,batch-list:not-found@1,batch-cancel:unavailable@1,batch-delete:close-mid-reply@1";
    let simulator = timed(rules, Duration::from_hours(1)).await;
    let id = create(&simulator, &steps(&[Step::Analyze])).await;
    let path = format!("/v1/messages/batches/{id}");
    let mut polled = Vec::new();
    for _ in 0..3 {
        polled.push(at(&simulator, &format!("GET {path}")).await.status);
    }
    assert_eq!(polled, [200, 429, 200]);
    assert_eq!(at(&simulator, "GET /v1/messages/batches").await.status, 404);
    assert_eq!(at(&simulator, &format!("POST {path}/cancel")).await.status, 503);
    assert_eq!(show(&simulator, &id).await["processing_status"], "in_progress", "it wasn't canceled");
    at(&simulator, &format!("POST {path}/cancel")).await;
    ended(&simulator, &id).await;
    let deleted = at(&simulator, &format!("DELETE {path}")).await;
    assert_eq!((deleted.status, deleted.complete), (200, false));
    assert_eq!(at(&simulator, &format!("GET {path}")).await.status, 404, "it was deleted all the same");
}

#[tokio::test]
async fn results_are_cut_amid_a_line_and_only_truncated_ones_after_it() {
    for (rule, ends_with_a_line, complete) in [
        ("batch-results:close-mid-reply=2", false, false),
        ("batch-results:reset-mid-reply=2", false, false),
        ("batch-results:truncated=2", true, true),
    ] {
        let simulator = fast(rule).await;
        let id = create(&simulator, &steps(&[Step::Analyze; 4])).await;
        ended(&simulator, &id).await;
        let answer = at(&simulator, &format!("GET /v1/messages/batches/{id}/results")).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(text.matches('\n').count(), 2, "{rule}");
        assert_eq!((text.ends_with('\n'), answer.complete), (ends_with_a_line, complete), "{rule}");
    }
}
