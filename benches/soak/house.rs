//! The server, and the files that it is configured by, which change while it serves.

use std::error::Error;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::ChildStderr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::reading::Exposed;
use crate::support::{Server, free_address};
use crate::tally::{Met, Tally};

const PROMPT: &str = include_str!("../../prompts/chain_synthesize.md");
/// How long it is from one reload to the next.
const RELOAD_EVERY: Duration = Duration::from_secs(7);
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Limits that are soon reached where something hangs, and memories that are soon full of what has ended.
const SETTINGS: &str = "\
CHAIN_PROMPTS_DIR=prompts
CHAIN_ANALYZE_TIMEOUT=9
CHAIN_PROCESS_TIMEOUT=9
CHAIN_SYNTHESIZE_TIMEOUT=9
WORKER_COORDINATION_TIMEOUT=15
SYNTHESIS_TIMEOUT=9
STREAMING_TIMEOUT=4
STREAM_HEARTBEAT_SECONDS=1
RETRY_MAX_ATTEMPTS=2
RETRY_EXPONENTIAL_MULTIPLIER=0.5
CIRCUIT_BREAKER_TIMEOUT=10
RATE_LIMIT_CHAT_COMPLETIONS=60/minute
RATE_LIMIT_MODELS=1000000/minute
RATE_LIMIT_DEFAULT=1000000/minute
MAX_REQUEST_BODY_SIZE=65536
CHECKPOINT_TTL_SECONDS=60
";

/// A server, and the folder that its files are in.
pub(crate) struct House {
    pub(crate) server: Server,
    /// Where metrics are to be had.
    pub(crate) metrics: String,
    pub(crate) client: reqwest::Client,
    folder: TempDir,
    tally: Arc<Tally>,
    /// Twice as many as there were reloads, and one more during one: until it is done, the server may go by the
    /// old or the new.
    changes: AtomicU64,
}

impl House {
    pub(crate) fn open(upstream: &str, tally: Arc<Tally>) -> Result<Self, Box<dyn Error>> {
        let folder = TempDir::new()?;
        fs::create_dir(folder.path().join("prompts"))?;
        configure(folder.path(), 0)?;
        let metrics = free_address()?;
        let mut command = Server::command(upstream);
        command.args(["--env-file", "house.env"]).current_dir(folder.path()).env("METRICS_BIND", &metrics);
        let heard = Arc::clone(&tally);
        let server = Server::start(&mut command, move |log| hear(log, &heard))?;
        // Shorter than the server leaves a connection open that says nothing.
        let client = reqwest::Client::builder().no_proxy().pool_idle_timeout(Duration::from_secs(5));
        let client = client.timeout(Duration::from_secs(30)).build()?;
        let metrics = format!("http://{metrics}/metrics");
        Ok(Self { server, metrics, client, folder, tally, changes: AtomicU64::new(0) })
    }

    /// By which it is known later whether the configuration has stayed the same; `None` while it changes.
    pub(crate) fn generation(&self) -> Option<u64> {
        Some(self.changes.load(Ordering::SeqCst)).filter(|changes| changes % 2 == 0)
    }

    /// Has the server drain.
    pub(crate) fn close(self) -> io::Result<()> {
        let status = self.server.stop()?;
        self.tally
            .count("drain", if status.success() { Ok(status.to_string()) } else { Err(status.to_string()) });
        Ok(())
    }

    async fn reload(&self) -> Met {
        let generation = self.changes.fetch_add(1, Ordering::SeqCst) / 2 + 1;
        let before = Exposed::ask(self).await.map_err(|error| error.to_string())?;
        let result = configure(self.folder.path(), generation).map_err(|error| error.to_string())?;
        let series = format!("promptchain_config_reload_total{{result=\"{result}\"}}");
        self.server.signal("HUP").map_err(|error| error.to_string())?;
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let now = Exposed::ask(self).await.map_err(|error| error.to_string())?;
            if now.value(&series) > before.value(&series) {
                return Ok(result.to_owned());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Err(format!("no {result} within {PATIENCE:?}"))
    }
}

/// Reloads, until that time.
pub(crate) async fn reload_again_and_again(house: Arc<House>, end: Instant) {
    while Instant::now() + RELOAD_EVERY < end {
        sleep(RELOAD_EVERY).await;
        let met = house.reload().await;
        house.changes.fetch_add(1, Ordering::SeqCst);
        house.tally.count("reload", met);
    }
}

/// Writes the files of that generation; what is to become of them.
fn configure(folder: &Path, generation: u64) -> io::Result<&'static str> {
    let is_wrong = generation % 5 == 4;
    let level = ["INFO", "DEBUG", "WARNING"][usize::from(u8::try_from(generation % 3).unwrap_or(0))];
    let workers = 1 + generation % 2 * 2;
    let model = if generation % 4 < 2 { "claude-haiku-4-5-20251001" } else { "claude-haiku-5-5" };
    let runs = if is_wrong { "many".to_owned() } else { (500 + generation % 7).to_string() };
    let settings = format!(
        "{SETTINGS}LOG_LEVEL={level}\nCHAIN_PROCESS_WORKERS={workers}\nCHAIN_WORKERS_FROM=simple\n\
         CHAIN_PROCESS_MODEL={model}\nMAX_CONCURRENT_RUNS={runs}\n"
    );
    write(folder, "prompts/chain_synthesize.md", &format!("{PROMPT}\nThis is version {generation}.\n"))?;
    write(folder, "house.env", &settings)?;
    Ok(if is_wrong { "refused" } else { "success" })
}

/// As a careful deployment does.
fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let new = folder.join("being-written");
    fs::write(&new, text)?;
    fs::rename(new, folder.join(name))
}

/// Listens for what a server should never have to say.
fn hear(log: ChildStderr, tally: &Tally) {
    for line in BufReader::new(log).lines().map_while(Result::ok) {
        for word in ["panicked", "internal_error", "\"CRITICAL\""] {
            if line.contains(word) {
                tally.count("log", Err(line.clone()));
            }
        }
    }
}
