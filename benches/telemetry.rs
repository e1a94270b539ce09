//! What logs, metrics and traces cost a server: requests a second and processor time for each, with nothing of it
//! switched on, each by itself, and all together, in turns against the same simulator.
//!
//! `cargo bench --bench telemetry` prints a table, with `-- --json` a JSON object a line. The README beside this
//! says how to read it.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use jsonwebtoken::{EncodingKey, Header, encode};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use promptchain::simulator::{Simulator, SimulatorConfig};
use prost::Message;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How often each kind of server has its turn.
const TURNS: usize = 5;
/// How long a turn is.
const TURN: Duration = Duration::from_secs(3);
/// Requests under way at a time.
const CLIENTS: usize = 16;
/// How often metrics are scraped: far more often than a Prometheus does.
const SCRAPED_EVERY: Duration = Duration::from_secs(1);
const SECRET: &str = "a secret of thirty-two characters";

const KINDS: [Kind; 6] = [
    Kind { name: "nothing", log: false, metrics: false, loki: false, traces: false },
    Kind { name: "log", log: true, metrics: false, loki: false, traces: false },
    Kind { name: "metrics", log: false, metrics: true, loki: false, traces: false },
    Kind { name: "log, Loki", log: true, metrics: false, loki: true, traces: false },
    Kind { name: "traces", log: false, metrics: false, loki: false, traces: true },
    Kind { name: "everything", log: true, metrics: true, loki: true, traces: true },
];

/// What is switched on.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is switched by itself")]
struct Kind {
    name: &'static str,
    log: bool,
    metrics: bool,
    loki: bool,
    traces: bool,
}

/// Where lines and spans go.
#[derive(Clone, Default)]
struct Taken {
    lines: Arc<AtomicU64>,
    spans: Arc<AtomicU64>,
}

/// A server that is measured.
struct Served {
    child: Child,
    url: String,
    metrics: Option<String>,
    taken: Taken,
}

/// What a turn came to.
#[derive(Debug, Clone, Copy)]
struct Turn {
    requests: u64,
    seconds: f64,
    cpu_seconds: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Cargo itself adds `--bench`.
    let is_json = match std::env::args().skip(1).filter(|argument| argument != "--bench").collect::<Vec<_>>()
    {
        arguments if arguments.is_empty() => false,
        arguments if arguments == ["--json"] => true,
        arguments => return Err(format!("unknown arguments {arguments:?}; there is only --json").into()),
    };
    let simulator =
        Simulator::start(SimulatorConfig { log_capacity: 1, ..SimulatorConfig::default() }).await?;
    let mut sinks = JoinSet::new();
    let mut servers = Vec::new();
    for kind in KINDS {
        servers.push(Served::start(kind, &simulator.base_url(), &mut sinks).await?);
    }
    let mut turns = vec![Vec::new(); KINDS.len()];
    // The first turn of each is for warming up.
    for turn in 0..=TURNS {
        for (server, turns) in servers.iter().zip(&mut turns) {
            let measured = server.turn().await?;
            if turn > 0 {
                turns.push(measured);
            }
        }
    }
    let mut stdout = io::stdout().lock();
    if !is_json {
        writeln!(stdout, "switched on | requests/s |    × | CPU ms/request |    × | lines | spans")?;
        writeln!(stdout, ":---------- | ---------: | ---: | -------------: | ---: | ----: | ----:")?;
    }
    let mut first = None;
    for ((kind, server), turns) in KINDS.iter().zip(servers).zip(&turns) {
        let rate = median(turns.iter().map(Turn::rate));
        let cpu = median(turns.iter().map(Turn::cpu));
        let (first_rate, first_cpu) = *first.get_or_insert((rate, cpu));
        let taken = server.stop()?;
        let (lines, spans) = (taken.lines.load(Ordering::Relaxed), taken.spans.load(Ordering::Relaxed));
        let row = json!({
            "switched_on": kind.name,
            "requests_per_second": rate,
            "requests_per_second_ratio": rate / first_rate,
            "cpu_ms_per_request": cpu,
            "cpu_ratio": cpu / first_cpu,
            "lines_pushed": lines,
            "spans_exported": spans,
            "turns": turns.iter().map(|turn| json!([turn.rate(), turn.cpu()])).collect::<Vec<Value>>(),
        });
        if is_json {
            writeln!(stdout, "{row}")?;
        } else {
            writeln!(
                stdout,
                "{:11} | {rate:10.0} | {:4.2} | {cpu:14.3} | {:4.2} | {lines:5} | {spans:5}",
                kind.name,
                rate / first_rate,
                cpu / first_cpu,
            )?;
        }
    }
    Ok(())
}

impl Turn {
    fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let requests = self.requests as f64;
        requests / self.seconds
    }

    /// Milliseconds for each request.
    fn cpu(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let requests = self.requests as f64;
        self.cpu_seconds * 1000.0 / requests
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Served {
    async fn start(
        kind: Kind,
        upstream: &str,
        sinks: &mut JoinSet<io::Result<()>>,
    ) -> Result<Self, Box<dyn Error>> {
        let taken = Taken::default();
        let sink = sink(taken.clone(), sinks).await?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_promptchain"));
        command
            .args(["serve", "--port", "0"])
            .env_clear()
            .env("ANTHROPIC_BASE_URL", upstream)
            .env("JWT_SECRET_KEY", SECRET)
            .env("RATE_LIMIT_ENABLED", "false")
            .env("LOG_LEVEL", if kind.log { "INFO" } else { "CRITICAL" })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let metrics = free_address()?;
        if kind.metrics {
            command.env("METRICS_BIND", &metrics);
        }
        if kind.loki {
            command.env("LOKI_URL", &sink);
        }
        if kind.traces {
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &sink);
        }
        let mut child = command.spawn()?;
        let mut url = String::new();
        BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut url)?;
        let mut stderr = child.stderr.take().ok_or("no stderr")?;
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while stderr.read(&mut buffer).is_ok_and(|read| read > 0) {}
        });
        let metrics = kind.metrics.then(|| format!("http://{metrics}/metrics"));
        Ok(Self { child, url: url.trim().to_owned(), metrics, taken })
    }

    /// So many clients ask one request after the other, as long as a turn is.
    async fn turn(&self) -> Result<Turn, Box<dyn Error>> {
        let token = encode(
            &Header::default(),
            &json!({"sub": "bench"}),
            &EncodingKey::from_secret(SECRET.as_bytes()),
        )?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("{}/v1/chat/completions", self.url);
        let body = json!({
            "model": "prompt-chaining", "stream": true,
            "messages": [{"role": "user", "content": "What makes a good commit message?"}],
        })
        .to_string();
        let cpu_before = cpu_seconds(self.child.id())?;
        let began = Instant::now();
        let mut asking = JoinSet::new();
        for _ in 0..CLIENTS {
            let (client, url, body, token) = (client.clone(), url.clone(), body.clone(), token.clone());
            asking.spawn(async move {
                let mut requests = 0_u64;
                while began.elapsed() < TURN {
                    let request = client.post(&url).bearer_auth(&token).body(body.clone());
                    let request = request.header("content-type", "application/json");
                    let answer = request.send().await?.error_for_status()?.bytes().await?;
                    assert!(answer.ends_with(b"data: [DONE]\n\n"), "a whole answer");
                    requests += 1;
                }
                Ok::<u64, reqwest::Error>(requests)
            });
        }
        if let Some(url) = self.metrics.clone() {
            asking.spawn(async move {
                while began.elapsed() < TURN {
                    client.get(&url).send().await?.bytes().await?;
                    tokio::time::sleep(SCRAPED_EVERY).await;
                }
                Ok(0)
            });
        }
        let mut requests = 0;
        while let Some(asked) = asking.join_next().await {
            requests += asked??;
        }
        let seconds = began.elapsed().as_secs_f64();
        Ok(Turn { requests, seconds, cpu_seconds: cpu_seconds(self.child.id())? - cpu_before })
    }

    fn stop(mut self) -> Result<Taken, Box<dyn Error>> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        Ok(self.taken.clone())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An address that nobody listens on.
fn free_address() -> io::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// A Loki and a collector that take everything and keep nothing; their URL.
async fn sink(taken: Taken, tasks: &mut JoinSet<io::Result<()>>) -> io::Result<String> {
    let (lines, spans) = (taken.lines, taken.spans);
    let loki = move |body: Bytes| async move {
        let pushed: Value = serde_json::from_slice(&body).unwrap_or_default();
        let streams = pushed.get("streams").and_then(Value::as_array).into_iter().flatten();
        let count: usize =
            streams.map(|stream| stream.get("values").and_then(Value::as_array).map_or(0, Vec::len)).sum();
        lines.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        StatusCode::NO_CONTENT
    };
    let collector = move |body: Bytes| async move {
        let export = ExportTraceServiceRequest::decode(body).unwrap_or_default();
        let scopes = export.resource_spans.iter().flat_map(|of_resource| &of_resource.scope_spans);
        let count: usize = scopes.map(|scope| scope.spans.len()).sum();
        spans.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        StatusCode::OK
    };
    let router = Router::new().route("/loki/api/v1/push", post(loki)).route("/v1/traces", post(collector));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tasks.spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

/// The processor time that a process has used, by Linux's count; in user mode and in the kernel.
fn cpu_seconds(process: u32) -> Result<f64, Box<dyn Error>> {
    /// Linux counts in hundredths of a second wherever this is likely to run.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').ok_or("an unknown form")?.1;
    let ticks: Vec<f64> =
        after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / TICKS)
}
