//! `promptchain simulate`: the simulator for others to test against.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use promptchain::model::anthropic::{
    AnthropicClient, BatchBodyBuilder, BatchLimits, ClientConfig, DEFAULT_CONNECT_TIMEOUT,
};
use promptchain::model::{Batch, BatchStatus, ModelRequest, Role, Thinking, Turn};

use crate::support::promptchain;

/// A simulator in a process of its own, killed when dropped.
struct Simulate(Child, String);

impl Simulate {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_promptchain"))
            .env_clear()
            .arg("simulate")
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self(child, line.trim().to_owned())
    }
}

impl Drop for Simulate {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn its_address_is_its_first_line_and_chains_run_against_it() {
    let simulate = Simulate::start(&["--port", "0"]);
    assert!(simulate.1.starts_with("http://127.0.0.1:"), "{}", simulate.1);
    let mut command = promptchain(&["run", "--json", "hello"]);
    command.env("ANTHROPIC_BASE_URL", &simulate.1);
    assert_eq!(command.run().exits(0).json()["status"], "ok");
}

#[test]
fn faults_and_a_log_are_set_by_flags() {
    let folder = tempfile::TempDir::new().unwrap();
    let log = folder.path().join("calls.jsonl");
    let simulate = Simulate::start(&[
        "--fault",
        "process:bad-request@1",
        "--latency",
        "1ms",
        "--log",
        log.to_str().unwrap(),
    ]);
    let mut command = promptchain(&["run", "hello"]);
    command.env("ANTHROPIC_BASE_URL", &simulate.1);
    command.run().exits(4).complains("400");
    let lines = std::fs::read_to_string(&log).unwrap();
    let calls: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(calls.len(), 2, "{lines}");
    assert_eq!(calls[1]["fault"], "bad-request");
}

#[test]
fn a_fault_that_does_not_exist_is_refused_with_the_nearest_one() {
    promptchain(&["simulate", "--fault", "overlaoded"]).run().exits(2).says_nothing().complains("overloaded");
}

/// Creates a batch of one request, called `only`, and asks after it until it has ended, at most so many times.
fn batch_at(base_url: &str, polls: usize) -> Batch {
    let config = ClientConfig {
        base_url: base_url.parse().unwrap(),
        credentials: None,
        api_version: "2023-06-01".to_owned(),
        connect_timeout: DEFAULT_CONNECT_TIMEOUT,
        direct: true,
    };
    let request = ModelRequest {
        model: "llama3.2".to_owned(),
        max_tokens: 100,
        temperature: None,
        system: Vec::new(),
        turns: vec![Turn { role: Role::User, text: "hello".to_owned() }],
        schema: None,
        thinking: Thinking::Unspecified,
        request_id: "run-1".to_owned(),
    };
    let mut body = BatchBodyBuilder::new(BatchLimits::OF_API);
    body.add("only", &request).unwrap();
    let body = body.finish().unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let client = AnthropicClient::new(config).unwrap();
        let mut batch = client.create_batch(&body).await.unwrap();
        for _ in 0..polls {
            if batch.status == BatchStatus::Ended {
                break;
            }
            batch = client.batch(&batch.id).await.unwrap();
        }
        batch
    })
}

#[test]
fn a_flag_says_how_long_batches_take_and_the_log_has_their_calls() {
    let folder = tempfile::TempDir::new().unwrap();
    let log = folder.path().join("calls.jsonl");
    let fast = Simulate::start(&["--batch-time", "0s", "--fault", "expired", "--log", log.to_str().unwrap()]);
    let batch = batch_at(&fast.1, 10_000);
    assert_eq!((batch.status, batch.counts.expired), (BatchStatus::Ended, 1));
    // The line is written when the call has been answered, perhaps a little later.
    let call = (0..1_000).find_map(|_| {
        let lines = std::fs::read_to_string(&log).unwrap();
        let complete = lines.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let mut calls = complete.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let call = calls.find(|call| call["method"] == "BATCHED");
        if call.is_none() {
            batch_at(&fast.1, 1);
        }
        call
    });
    let call = call.expect("a line for the call within the batch");
    assert_eq!((&call["batch_id"], &call["custom_id"]), (&batch.id.into(), &"only".into()));
    assert_eq!(call["fault"], "expired");

    let slow = Simulate::start(&["--batch-time", "1h"]);
    assert_eq!(batch_at(&slow.1, 3).status, BatchStatus::InProgress);
}
