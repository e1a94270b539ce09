//! What logs, metrics and traces cost a server: requests a second and processor time for each, with nothing of it
//! switched on, each by itself, and all together, in turns against the same simulator.
//!
//! `cargo bench --bench telemetry` prints a table, with `-- --json` a JSON object a line. The README beside this
//! says how to read it.

#[path = "support/mod.rs"]
mod support;

use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use promptchain::simulator::{Simulator, SimulatorConfig};
use prost::Message;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::support::{Server, cpu_seconds, discard, free_address, is_ended, token};

/// How often each kind of server has its turn.
const TURNS: usize = 5;
/// How long a turn is.
const TURN: Duration = Duration::from_secs(3);
/// Requests under way at a time.
const CLIENTS: usize = 16;
/// How often metrics are scraped: far more often than a Prometheus does.
const SCRAPED_EVERY: Duration = Duration::from_secs(1);

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
    server: Server,
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
        let mut command = Server::command(upstream);
        command
            .env("RATE_LIMIT_ENABLED", "false")
            .env("LOG_LEVEL", if kind.log { "INFO" } else { "CRITICAL" });
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
        let server = Server::start(&mut command, discard)?;
        let metrics = kind.metrics.then(|| format!("http://{metrics}/metrics"));
        Ok(Self { server, metrics, taken })
    }

    /// So many clients ask one request after the other, as long as a turn is.
    async fn turn(&self) -> Result<Turn, Box<dyn Error>> {
        let token = token("bench")?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("{}/v1/chat/completions", self.server.url);
        let body = json!({
            "model": "prompt-chaining", "stream": true,
            "messages": [{"role": "user", "content": "What makes a good commit message?"}],
        })
        .to_string();
        let cpu_before = cpu_seconds(self.server.id())?;
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
                    assert!(is_ended(&answer), "a whole answer");
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
        Ok(Turn { requests, seconds, cpu_seconds: cpu_seconds(self.server.id())? - cpu_before })
    }

    fn stop(self) -> io::Result<Taken> {
        self.server.stop()?;
        Ok(self.taken)
    }
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
