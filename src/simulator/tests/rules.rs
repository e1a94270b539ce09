//! Which calls a fault strikes.

use super::client::{ask_message, ask_message_with};
use super::*;

async fn statuses(simulator: &Simulator, steps: &[Step]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for step in steps {
        statuses.push(ask_message(simulator, &request(*step, true)).await.status);
    }
    statuses
}

#[tokio::test]
async fn rules_count_the_calls_of_their_step() {
    use Step::{Analyze, Process};
    let simulator = simulator("process:overloaded@2,analyze:server-error@1,rate-limit@5-").await;
    let seen = statuses(&simulator, &[Analyze, Process, Analyze, Process, Process, Analyze]).await;
    assert_eq!(seen, [500, 200, 200, 529, 429, 429]);
    let faults: Vec<_> = simulator.log().entries().iter().map(|entry| entry.fault).collect();
    let (server, busy, limit) = (Some(Fault::ServerError), Some(Fault::Overloaded), Some(Fault::RateLimit));
    assert_eq!(faults, [server, None, None, busy, limit, limit]);
}

#[tokio::test]
async fn the_first_rule_that_strikes_counts() {
    let simulator = simulator("overloaded@1,server-error").await;
    assert_eq!(statuses(&simulator, &[Step::Analyze, Step::Analyze]).await, [529, 500]);
}

#[tokio::test]
async fn a_header_asks_for_a_fault_of_one_request() {
    let simulator = simulator("").await;
    let body = request(Step::Analyze, true);
    let answer =
        ask_message_with(&simulator, "x-simulate-fault: process:overloaded, server-error", &body).await;
    assert_eq!(answer.status, 500);
    assert_eq!(ask_message(&simulator, &body).await.status, 200);
    let answer = ask_message_with(&simulator, "x-simulate-fault: overlooded", &body).await;
    assert_eq!(
        answer.json()["error"]["message"],
        "x-simulate-fault: there is no fault `overlooded`; did you mean `overloaded`?"
    );
    let answer = ask_message_with(&simulator, "x-simulate-fault: überladen", &body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"]["message"], "x-simulate-fault: has characters that aren't ASCII");
}

#[tokio::test]
async fn a_fault_on_the_first_call_is_repaired_by_the_second() {
    let simulator = simulator("process:not-json@1").await;
    let mut body = request(Step::Process, true);
    let spoilt = ask_message(&simulator, &body).await.said();
    assert!(serde_json::from_str::<Value>(&spoilt).is_err());
    let turns = body["messages"].as_array_mut().unwrap();
    turns.push(json!({"role": "assistant", "content": spoilt}));
    turns.push(json!({"role": "user", "content": "The reply was not JSON. Return the JSON alone."}));
    let repaired: Value = serde_json::from_str(&ask_message(&simulator, &body).await.said()).unwrap();
    assert!(repaired["content"].as_str().unwrap().contains("solar panels"));
}

#[tokio::test]
async fn structured_output_is_refused_only_where_it_is_asked_for() {
    let simulator = simulator("structured-output-refused").await;
    let mut body = request(Step::Analyze, true);
    let refused = ask_message(&simulator, &body).await;
    assert_eq!(refused.status, 400);
    assert!(refused.json()["error"]["message"].as_str().unwrap().starts_with("output_config.format:"));
    let schema = body["output_config"]["format"]["schema"].take();
    body.as_object_mut().unwrap().shift_remove("output_config");
    body["system"] = json!(format!("Return JSON of this schema: {schema}"));
    let accepted = ask_message(&simulator, &body).await;
    assert!(accepted.said().starts_with("{\"intent\":"), "{}", accepted.said());
}

/// A call for that part of a divided answer.
fn request_for_part(part: u32) -> Value {
    let mut body = request(Step::Process, true);
    body["messages"][0]["content"] = json!(format!(
        "<request-3f2a91c07b1e>What is tea? What is coffee?</request-3f2a91c07b1e>\
         <outline-3f2a91c07b1e>[{{}}, {{}}]</outline-3f2a91c07b1e>\
         <part-3f2a91c07b1e>{{\"part\": {part}, \"title\": \"Drink {part}\", \"instruction\": \"Praise it.\"}}\
         </part-3f2a91c07b1e>"
    ));
    body
}

#[tokio::test]
async fn a_rule_can_be_about_one_part_of_process() {
    let simulator = simulator("process/2:server-error@2,process:overloaded@5").await;
    let mut seen = Vec::new();
    for part in [1, 2, 1, 2, 1] {
        seen.push(ask_message(&simulator, &request_for_part(part)).await.status);
    }
    assert_eq!(seen, [200, 200, 200, 500, 529]);
    let log = simulator.log();
    let entries = log.entries();
    let parts: Vec<_> = entries.iter().map(|entry| (entry.step, entry.part)).collect();
    assert_eq!(parts, [1, 2, 1, 2, 1].map(|part| (Some(Step::Process), Some(part))));
    let line: Value = serde_json::from_str(&log.json_line(&entries[1])).unwrap();
    assert_eq!(line["part"], 2);
}

#[tokio::test]
async fn a_part_is_answered_from_its_own_title_and_instruction() {
    let simulator = simulator("").await;
    let said = ask_message(&simulator, &request_for_part(2)).await.said();
    let reply: Value = serde_json::from_str(&said).unwrap();
    let content = reply["content"].as_str().unwrap();
    assert!(content.starts_with("This part is about") && content.contains("Drink"), "{content}");
    assert!(!content.contains("coffee"), "{content}");
}
