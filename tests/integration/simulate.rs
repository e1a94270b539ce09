//! `promptchain simulate`: the simulator for others to test against.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

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
