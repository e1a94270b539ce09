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

use super::processes::{Process, address_of, chat};
use super::support::{Server, discard, resident_kib};

/// The time between one delta and the next.
const PACING: &str = "20ms";
/// Streams at a time: few, whose gaps are compared with the simulator's own; many; and silent ones.
const FEW: usize = 16;
const ACTIVE: usize = 1_000;
const SILENT: usize = 10_000;
/// How long silent ones are held.
const SILENCE: Duration = Duration::from_secs(20);
/// How many connections are opened at a time.
const OPENED_TOGETHER: usize = 100;

/// What came of some streams.
struct Held {
    whole: usize,
    frames: u64,
    gaps: Histogram<u64>,
}

pub(crate) async fn measure(is_json: bool) -> Result<(), Box<dyn Error>> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let simulator = Process::simulate(&["--pacing", PACING])?;
    let server = serve(simulator.address)?;
    let address = address_of(&server.url)?;
    let idle = resident_kib(server.id())?;
    if !is_json {
        println!("held, {PACING} | streams | whole | frames | gap p50 ms | p99 ms | most ms | RSS KiB");
        println!(":--------- | ------: | ----: | -----: | ---------: | -----: | ------: | ------:");
    }
    for count in [FEW, ACTIVE] {
        let held = hold(address, count).await?;
        let ms = |quantile| millis(held.gaps.value_at_quantile(quantile));
        let (p50, p99, most, memory) =
            (ms(0.5), ms(0.99), millis(held.gaps.max()), resident_kib(server.id())?);
        if is_json {
            let row = json!({
                "bench": "held", "streams": count, "whole": held.whole, "frames": held.frames,
                "gap_p50_ms": p50, "gap_p99_ms": p99, "gap_max_ms": most, "resident_kib": memory,
            });
            println!("{row}");
        } else {
            println!(
                "active     | {count:7} | {:5} | {:6} | {p50:10.2} | {p99:6.2} | {most:7.2} | {memory:7}",
                held.whole, held.frames
            );
        }
    }
    drop((server, simulator));
    silent(idle, is_json).await
}

async fn silent(idle_kib: u64, is_json: bool) -> Result<(), Box<dyn Error>> {
    let simulator = Process::simulate(&["--latency", "200s"])?;
    let server = serve(simulator.address)?;
    let before = resident_kib(server.id())?;
    let request = chat()?;
    let address = address_of(&server.url)?;
    let mut streams = Vec::with_capacity(SILENT);
    while streams.len() < SILENT {
        for _ in 0..OPENED_TOGETHER {
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
    let each = millis_of(held.saturating_sub(before)) / millis_of(SILENT as u64);
    if is_json {
        let row = json!({
            "bench": "silent", "streams": SILENT, "open": open, "idle_kib": idle_kib, "before_kib": before,
            "held_kib": held, "kib_per_stream": each,
        });
        println!("{row}");
    } else {
        println!("\nsilent     | streams | open  | idle KiB | held KiB | KiB each");
        println!(":--------- | ------: | ----: | -------: | -------: | -------:");
        println!("           | {SILENT:7} | {open:5} | {before:8} | {held:8} | {each:8.1}\n");
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

async fn hold(address: SocketAddr, count: usize) -> Result<Held, Box<dyn Error>> {
    let request = chat()?;
    let mut streams = JoinSet::new();
    for _ in 0..count {
        streams.spawn(stream(address, request.clone()));
    }
    let mut held = Held { whole: 0, frames: 0, gaps: Histogram::new(3)? };
    while let Some(ended) = streams.join_next().await {
        let (is_whole, frames, gaps) = ended?.map_err(|error| format!("a stream: {error}"))?;
        held.whole += usize::from(is_whole);
        held.frames += frames;
        for gap in gaps {
            held.gaps.record(u64::try_from(gap.as_micros())?)?;
        }
    }
    Ok(held)
}

/// One stream: whether it came to a good end, its frames, and the time between reads that brought text.
async fn stream(address: SocketAddr, request: Vec<u8>) -> std::io::Result<(bool, u64, Vec<Duration>)> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(&request).await?;
    let (mut bytes, mut gaps, mut last) = (Vec::new(), Vec::new(), None::<Instant>);
    loop {
        let before = bytes.len();
        if stream.read_buf(&mut bytes).await? == 0 {
            break;
        }
        let news = bytes.get(before..).unwrap_or_default();
        let brings_text = memmem::find(news, b"\"delta\":{\"content\":\"").is_some();
        if brings_text {
            gaps.extend(last.map(|last| last.elapsed()));
            last = Some(Instant::now());
        }
        if bytes.ends_with(b"\r\n0\r\n\r\n") {
            break;
        }
    }
    let is_whole = memmem::find(&bytes, b"\"finish_reason\":\"stop\"").is_some();
    // The first gap is the role's to the first text, which waits for two steps.
    let gaps = gaps.into_iter().skip(1).collect();
    Ok((is_whole, memmem::find_iter(&bytes, b"data: ").count() as u64, gaps))
}

fn millis(micros: u64) -> f64 {
    millis_of(micros) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "far below what a float holds exactly")]
fn millis_of(number: u64) -> f64 {
    number as f64
}
