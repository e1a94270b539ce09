//! Streams that are held open: many whose deltas come every 20 ms, and many more that are silent.

use std::error::Error;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use hdrhistogram::Histogram;
use memchr::memmem;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::calls::Calls;
use super::processes::{Process, address_of, chat};
use super::support::{Server, cpu_seconds, discard, resident_kib};

/// The time between one delta and the next.
const PACING: Duration = Duration::from_millis(20);
/// Streams at a time of the server and of the bare server in turns, so few that none waits for another; and turns.
const FEW: usize = 16;
const TURNS: usize = 8;
/// Streams at a time that are more than the machine has time for each at once.
const ACTIVE: usize = 1_000;
/// Silent streams, if the process may have two connections for each.
const SILENT: usize = 10_000;
/// Connections and files that the server has besides.
const BESIDES: u64 = 100;
/// How long silent ones are held.
const SILENCE: Duration = Duration::from_secs(20);
/// How long after load the memory is looked at again.
const REST: Duration = Duration::from_mins(1);
/// How many connections are opened at a time.
const OPENED_TOGETHER: usize = 100;

/// What came of some streams.
struct Held {
    streams: usize,
    whole: usize,
    frames: u64,
    first: Histogram<u64>,
    gaps: Histogram<u64>,
    /// Processor time of whoever was asked, in seconds.
    cpu: f64,
}

/// Who is asked.
struct Asked {
    name: &'static str,
    address: SocketAddr,
    process: u32,
}

/// What one stream has seen.
struct Seen {
    is_whole: bool,
    frames: u64,
    /// From the request to the first text.
    first: Duration,
    /// Between one read that brought text and the next.
    gaps: Vec<Duration>,
}

pub(crate) async fn measure(calls: &Calls, is_json: bool) -> Result<(), Box<dyn Error>> {
    let most_files = rlimit::increase_nofile_limit(u64::MAX)?;
    let simulator = Process::simulate(&["--pacing", &format!("{PACING:?}")])?;
    let server = serve(simulator.address)?;
    let bare = Process::bare(simulator.address, calls)?;
    let asked = [
        Asked { name: "bare", address: bare.address, process: bare.id() },
        Asked { name: "serve", address: address_of(&server.url)?, process: server.id() },
    ];
    let mut few = [Held::none()?, Held::none()?];
    for _ in 0..TURNS {
        for (held, asked) in few.iter_mut().zip(&asked) {
            held.add(asked, FEW).await?;
        }
    }
    if !is_json {
        println!(
            "held, {PACING:?} | streams | whole | frames | first text p50 ms | p99 ms | gap p50 ms | p99 ms | most ms | CPU ms each"
        );
        println!(
            ":--------- | ------: | ----: | -----: | ----------------: | -----: | ---------: | -----: | ------: | ----------:"
        );
    }
    for (held, asked) in few.iter().zip(&asked) {
        held.print(asked.name, is_json);
    }
    let [by_bare, by_server] = &few;
    added(by_bare, by_server, is_json);
    for asked in &asked {
        let mut many = Held::none()?;
        many.add(asked, ACTIVE).await?;
        many.print(asked.name, is_json);
    }
    let loaded = resident_kib(server.id())?;
    sleep(REST).await;
    let rested = resident_kib(server.id())?;
    if is_json {
        println!("{}", json!({"bench": "memory", "loaded_kib": loaded, "after_a_minute_kib": rested}));
    } else {
        println!("\nserve's memory after {ACTIVE} active streams: {loaded} KiB, a minute later {rested} KiB");
    }
    drop((server, bare, simulator));
    let most_streams = usize::try_from(most_files.saturating_sub(BESIDES) / 2)?;
    silent(SILENT.min(most_streams), is_json).await
}

impl Held {
    fn none() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            streams: 0,
            whole: 0,
            frames: 0,
            first: Histogram::new(5)?,
            gaps: Histogram::new(3)?,
            cpu: 0.0,
        })
    }

    /// Holds that many streams until all have ended.
    async fn add(&mut self, asked: &Asked, count: usize) -> Result<(), Box<dyn Error>> {
        let (address, cpu) = (asked.address, cpu_seconds(asked.process)?);
        let request = chat()?;
        let mut streams = JoinSet::new();
        for at in 0..count {
            let (request, count) = (request.clone(), u32::try_from(count)?);
            // Spread over one pacing, so that not all deltas of all streams come at the same moment.
            let begin = PACING * u32::try_from(at)? / count;
            streams.spawn(async move {
                sleep(begin).await;
                stream(address, request).await
            });
        }
        while let Some(ended) = streams.join_next().await {
            let seen = ended?.map_err(|error| format!("a stream: {error}"))?;
            self.streams += 1;
            self.whole += usize::from(seen.is_whole);
            self.frames += seen.frames;
            self.first.record(u64::try_from(seen.first.as_micros())?)?;
            for gap in seen.gaps {
                self.gaps.record(u64::try_from(gap.as_micros())?)?;
            }
        }
        self.cpu += cpu_seconds(asked.process)? - cpu;
        Ok(())
    }

    fn print(&self, name: &str, is_json: bool) {
        let Self { streams, whole, frames, first, gaps, cpu } = self;
        let cpu_ms = cpu * 1000.0 / millis_of(*streams as u64);
        let [first_p50, first_p99, gap_p50, gap_p99] = self.figures();
        let most = millis(gaps.max());
        if is_json {
            let row = json!({
                "bench": "held", "server": name, "streams": streams, "whole": whole, "frames": frames,
                "first_text_p50_ms": first_p50, "first_text_p99_ms": first_p99,
                "gap_p50_ms": gap_p50, "gap_p99_ms": gap_p99, "gap_max_ms": most, "first_texts": first.len(), "cpu_ms_per_stream": cpu_ms,
            });
            println!("{row}");
        } else {
            println!(
                "{name:10} | {streams:7} | {whole:5} | {frames:6} | {first_p50:17.2} | {first_p99:6.2} | {gap_p50:10.2} | {gap_p99:6.2} | {most:7.2} | {cpu_ms:11.2}"
            );
        }
    }

    /// The first text's p50 and p99, and the gap's, in milliseconds.
    fn figures(&self) -> [f64; 4] {
        let ms = |histogram: &Histogram<u64>, quantile| millis(histogram.value_at_quantile(quantile));
        [ms(&self.first, 0.5), ms(&self.first, 0.99), ms(&self.gaps, 0.5), ms(&self.gaps, 0.99)]
    }
}

/// What the server adds to the bare one's figures.
fn added(bare: &Held, server: &Held, is_json: bool) {
    let (bare, server) = (bare.figures(), server.figures());
    let [first_p50, first_p99, gap_p50, gap_p99] = std::array::from_fn(|at| {
        server.get(at).copied().unwrap_or(f64::NAN) - bare.get(at).copied().unwrap_or(f64::NAN)
    });
    if is_json {
        let row = json!({
            "bench": "held", "server": "added", "first_text_p50_ms": first_p50, "first_text_p99_ms": first_p99,
            "gap_p50_ms": gap_p50, "gap_p99_ms": gap_p99,
        });
        println!("{row}");
    } else {
        println!(
            "{:10} | {:7} | {:5} | {:6} | {first_p50:17.2} | {first_p99:6.2} | {gap_p50:10.2} | {gap_p99:6.2} |",
            "added", "", "", ""
        );
    }
}

async fn silent(count: usize, is_json: bool) -> Result<(), Box<dyn Error>> {
    let simulator = Process::simulate(&["--latency", "200s"])?;
    let server = serve(simulator.address)?;
    let before = resident_kib(server.id())?;
    let request = chat()?;
    let address = address_of(&server.url)?;
    let mut streams = Vec::with_capacity(count);
    while streams.len() < count {
        for _ in 0..OPENED_TOGETHER.min(count - streams.len()) {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(&request).await?;
            streams.push(stream);
        }
        sleep(Duration::from_millis(5)).await;
    }
    sleep(SILENCE).await;
    let held = resident_kib(server.id())?;
    // Those that are gone have come to their end.
    let mut open = 0;
    let mut bytes = Vec::new();
    for stream in &mut streams {
        bytes.clear();
        while let Ok(Ok(read)) = timeout(Duration::from_millis(1), stream.read_buf(&mut bytes)).await {
            if read == 0 {
                break;
            }
        }
        open += usize::from(bytes.starts_with(b"HTTP/1.1 200") && memmem::find(&bytes, b"[DONE]").is_none());
    }
    let each = millis_of(held.saturating_sub(before)) / millis_of(count as u64);
    if is_json {
        let row = json!({
            "bench": "silent", "streams": count, "open": open, "idle_kib": before,
            "held_kib": held, "kib_per_stream": each,
        });
        println!("{row}");
    } else {
        println!("\nsilent     | streams | open  | idle KiB | held KiB | KiB each");
        println!(":--------- | ------: | ----: | -------: | -------: | -------:");
        println!("           | {count:7} | {open:5} | {before:8} | {held:8} | {each:8.1}\n");
    }
    Ok(())
}

/// A server that holds so many, and doesn't give any up.
fn serve(upstream: SocketAddr) -> Result<Server, Box<dyn Error>> {
    let mut command: Command = Server::command(&format!("http://{upstream}"));
    command.env("RATE_LIMIT_CHAT_COMPLETIONS", "100000000/hour").env("MAX_CONCURRENT_RUNS", "20000");
    for limit in [
        "CHAIN_ANALYZE_TIMEOUT",
        "CHAIN_PROCESS_TIMEOUT",
        "CHAIN_SYNTHESIZE_TIMEOUT",
        "WORKER_COORDINATION_TIMEOUT",
        "SYNTHESIS_TIMEOUT",
        "STREAMING_TIMEOUT",
    ] {
        command.env(limit, "270");
    }
    Server::start(&mut command, discard)
}

async fn stream(address: SocketAddr, request: Vec<u8>) -> std::io::Result<Seen> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let begin = Instant::now();
    stream.write_all(&request).await?;
    let (mut bytes, mut gaps, mut first, mut last) = (Vec::new(), Vec::new(), None, None::<Instant>);
    loop {
        let before = bytes.len();
        if stream.read_buf(&mut bytes).await? == 0 {
            break;
        }
        let news = bytes.get(before..).unwrap_or_default();
        let brings_text = memmem::find(news, b"\"delta\":{\"content\":\"").is_some();
        if brings_text {
            first.get_or_insert_with(|| begin.elapsed());
            gaps.extend(last.map(|last| last.elapsed()));
            last = Some(Instant::now());
        }
        if bytes.ends_with(b"\r\n0\r\n\r\n") {
            break;
        }
    }
    let is_whole = memmem::find(&bytes, b"\"finish_reason\":\"stop\"").is_some();
    let frames = memmem::find_iter(&bytes, b"data: ").count() as u64;
    Ok(Seen { is_whole, frames, first: first.unwrap_or_default(), gaps })
}

fn millis(micros: u64) -> f64 {
    millis_of(micros) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "far below what a float holds exactly")]
fn millis_of(number: u64) -> f64 {
    number as f64
}
