//! A folder with an input, and batches in it against a simulator.

use std::path::PathBuf;

use promptchain::simulator::{LogEntry, SimulatorConfig, Step};
use serde_json::Value;

use crate::support::{Ran, Started, Upstream, promptchain};

pub(crate) struct Place {
    folder: tempfile::TempDir,
    pub(crate) upstream: Upstream,
}

impl Place {
    pub(crate) fn new(faults: &[&str]) -> Self {
        Self::with(Upstream::with_faults(faults))
    }

    pub(crate) fn start(config: SimulatorConfig) -> Self {
        Self::with(Upstream::start(config))
    }

    fn with(upstream: Upstream) -> Self {
        Self { folder: tempfile::TempDir::new().unwrap(), upstream }
    }

    /// With so many lines, each a question of its own.
    pub(crate) fn with_questions(self, lines: usize) -> Self {
        let questions =
            (1..=lines).map(|line| format!("{{\"id\":\"q{line}\",\"prompt\":\"What is {line}?\"}}\n"));
        self.write("in.jsonl", &questions.collect::<String>());
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> crate::support::Command {
        let mut command = promptchain(&["batch"]);
        command
            .args(args)
            .in_place(self.folder.path())
            .env("ANTHROPIC_BASE_URL", &self.upstream.base_url())
            .env("RETRY_EXPONENTIAL_MULTIPLIER", "0.5");
        command
    }

    pub(crate) fn batch(&self, args: &[&str]) -> Ran {
        self.command(args).run()
    }

    pub(crate) fn batch_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = self.command(args);
        for (name, value) in environment {
            command.env(name, value);
        }
        command.run()
    }

    pub(crate) fn batch_of(&self, args: &[&str], stdin: &str) -> Ran {
        let mut command = self.command(args);
        command.stdin(stdin);
        command.run()
    }

    pub(crate) fn begin(&self, args: &[&str]) -> Started {
        self.command(args).start()
    }

    /// The results in the file.
    pub(crate) fn results(&self) -> Vec<Value> {
        parsed(&self.read("out.jsonl"))
    }

    pub(crate) fn calls(&self) -> Vec<LogEntry> {
        self.upstream.calls()
    }

    /// How many calls of that step there were.
    pub(crate) fn calls_of(&self, step: Step) -> usize {
        self.calls().iter().filter(|call| call.step == Some(step)).count()
    }
}

pub(crate) fn parsed(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The lines' numbers, in the order in which the results stand.
pub(crate) fn lines(results: &[Value]) -> Vec<u64> {
    results.iter().map(|result| result["line"].as_u64().unwrap()).collect()
}

pub(crate) fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().unwrap()).collect()
}
