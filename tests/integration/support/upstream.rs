//! A simulator in the test's own process, so that the test can ask what it saw.

use std::time::Duration;

use promptchain::simulator::{LogEntry, Pacing, Simulator, SimulatorConfig};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::{PATIENCE, Ran, Served, Started, promptchain, serve};

/// A simulator, and the runtime that it lives in.
pub(crate) struct Upstream {
    // Dropped first: its connections' tasks live in the runtime.
    simulator: Simulator,
    runtime: Runtime,
}

impl Upstream {
    /// A simulator that answers at once and well.
    pub(crate) fn good() -> Self {
        Self::with_faults(&[])
    }

    /// A simulator with these faults.
    pub(crate) fn with_faults(faults: &[&str]) -> Self {
        let faults = faults.iter().map(|rule| rule.parse().expect("a fault rule")).collect();
        Self::start(SimulatorConfig { faults, ..SimulatorConfig::default() })
    }

    /// A simulator whose replies take that long from one delta to the next.
    pub(crate) fn paced(delay: Duration) -> Self {
        Self::start(SimulatorConfig { pacing: Pacing::PerDelta(delay), ..SimulatorConfig::default() })
    }

    pub(crate) fn start(config: SimulatorConfig) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::start(config)).unwrap();
        Self { simulator, runtime }
    }

    /// Serves the chain against it, with the waits between attempts as short as they can be set.
    #[track_caller]
    pub(crate) fn serve(&self, environment: &[(&str, &str)]) -> Served {
        let mut command = serve(environment);
        command.env("ANTHROPIC_BASE_URL", &self.base_url());
        Served::start(command)
    }

    pub(crate) fn base_url(&self) -> String {
        self.simulator.base_url()
    }

    /// The calls it has seen.
    pub(crate) fn calls(&self) -> Vec<LogEntry> {
        self.simulator.log().entries()
    }

    /// Waits until `predicate` holds for the calls it has seen.
    #[track_caller]
    pub(crate) fn wait_for(&self, predicate: impl FnMut(&[LogEntry]) -> bool) -> Vec<LogEntry> {
        let log = self.simulator.log();
        let seen = self.runtime.block_on(async { timeout(PATIENCE, log.wait_for(predicate)).await });
        seen.unwrap_or_else(|_| {
            let calls = log.entries();
            let calls: Vec<_> = calls.iter().map(|it| (it.step, it.fault, it.status, it.end)).collect();
            panic!("it doesn't come: {calls:#?}")
        })
    }

    /// Runs `promptchain run` against it, with the waits between attempts as short as they can be set.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    /// The same, with further environment variables.
    pub(crate) fn run_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Ran {
        self.command(args, environment).run()
    }

    /// The same, not waited for.
    pub(crate) fn start_run(&self, args: &[&str], environment: &[(&str, &str)]) -> Started {
        self.command(args, environment).start()
    }

    pub(crate) fn command(&self, args: &[&str], environment: &[(&str, &str)]) -> super::ran::Command {
        let mut command = promptchain(&["run"]);
        command
            .args(args)
            .env("ANTHROPIC_BASE_URL", &self.base_url())
            .env("RETRY_EXPONENTIAL_MULTIPLIER", "0.5");
        for (name, value) in environment {
            command.env(name, value);
        }
        command
    }
}
