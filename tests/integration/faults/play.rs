//! Plays cells, many at a time: what takes long waits in silence, and costs no work meanwhile.

use std::sync::Arc;
use std::time::Duration;

use promptchain::simulator::{FaultRule, LogEntry, Simulator, SimulatorConfig};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::cell::{Asked, Cell, Strikes};
use super::seen::Seen;
use crate::support::{InProcess, promptchain, question};

/// Cells at a time that have work to do: few, so that none is late because of the others.
const AT_A_TIME: usize = 12;
/// Cells at a time that wait in silence.
const SILENT_AT_A_TIME: usize = 32;
/// After so long without what is waited for the test has failed.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is asked.
const QUESTION: &str = "Say hello to the world";

/// Shorter waits between attempts than the defaults have.
const SOON: (&str, &str) = ("RETRY_EXPONENTIAL_MULTIPLIER", "0.5");

/// The phases and the run take no time from a step.
const PHASES: [(&str, &str); 2] = [("WORKER_COORDINATION_TIMEOUT", "270"), ("SYNTHESIS_TIMEOUT", "270")];

/// So much time for a step that what comes of it doesn't hang on how busy the machine is, nor on how the dice of a
/// wait fall.
const PATIENT: [(&str, &str); 5] = [
    ("CHAIN_ANALYZE_TIMEOUT", "240"),
    ("CHAIN_PROCESS_TIMEOUT", "240"),
    ("CHAIN_SYNTHESIZE_TIMEOUT", "240"),
    ("STREAMING_TIMEOUT", "300"),
    ("STREAM_COMMIT_MS", "60000"),
];

/// Time enough for a busy machine, and an end of silence that can be waited for: it is half of that.
const IN_SILENCE: [(&str, &str); 3] =
    [("CHAIN_ANALYZE_TIMEOUT", "24"), ("CHAIN_PROCESS_TIMEOUT", "24"), ("CHAIN_SYNTHESIZE_TIMEOUT", "24")];

/// The answer of a run in which nothing goes wrong, and what came of every cell, in their order.
pub(super) fn play(cells: &[Cell]) -> (String, Vec<Seen>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let usual = InProcess::serve("", &[]).await.chat(&question(QUESTION, false)).await.answer();
        let places = Arc::new([AT_A_TIME, SILENT_AT_A_TIME].map(Semaphore::new));
        // What waits longest begins first.
        let mut order: Vec<(usize, Cell)> = cells.iter().copied().enumerate().collect();
        order.sort_by_key(|(_, cell)| !cell.is_silent());
        let mut playing = JoinSet::new();
        for (number, cell) in order {
            let places = Arc::clone(&places);
            playing.spawn(async move {
                let [active, silent] = places.as_ref();
                let _place = if cell.is_silent() { silent } else { active }.acquire().await.unwrap();
                let seen = timeout(PATIENCE, play_one(cell)).await;
                (number, seen.unwrap_or_else(|_| panic!("{cell:?} doesn't end")))
            });
        }
        let mut seen = playing.join_all().await;
        seen.sort_by_key(|(number, _)| *number);
        (usual, seen.into_iter().map(|(_, seen)| seen).collect())
    })
}

async fn play_one(cell: Cell) -> Seen {
    match cell.asked {
        Asked::Terminal => at_terminal(cell).await,
        Asked::Stream | Asked::Whole => by_client(cell).await,
    }
}

/// What is set in the environment.
fn settings(cell: Cell) -> Vec<(&'static str, &'static str)> {
    let mut settings = vec![SOON];
    settings.extend(PHASES);
    if cell.strikes == Strikes::Strictly {
        settings.push(("CHAIN_STRICT_VALIDATION", "true"));
    }
    settings.extend(if cell.is_silent() { &IN_SILENCE[..] } else { &PATIENT });
    settings
}

async fn by_client(cell: Cell) -> Seen {
    let server = InProcess::serve(&cell.rule(), &settings(cell)).await;
    let response = server.chat(&question(QUESTION, cell.asked == Asked::Stream)).await;
    let calls = ended(&server.simulator).await;
    Seen::by_client(response, server.metrics().await, calls)
}

async fn at_terminal(cell: Cell) -> Seen {
    let faults: Vec<FaultRule> = vec![cell.rule().parse().unwrap()];
    let simulator = Simulator::start(SimulatorConfig { faults, ..SimulatorConfig::default() }).await.unwrap();
    let mut command = promptchain(&["run", QUESTION]);
    command.env("ANTHROPIC_BASE_URL", &simulator.base_url()).env("LOG_LEVEL", "INFO");
    for (name, value) in settings(cell) {
        command.env(name, value);
    }
    let ran = tokio::task::spawn_blocking(|| command.run()).await.unwrap();
    let calls = ended(&simulator).await;
    Seen::at_terminal(&ran, calls)
}

/// All calls, once the simulator knows of each how it ended.
async fn ended(simulator: &Simulator) -> Vec<LogEntry> {
    simulator.log().wait_for(|calls| calls.iter().all(|call| call.end.is_some())).await
}
