//! What a chain takes longer than its three calls, made directly, one chain at a time.

use std::error::Error;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::json;
use tokio::time::Instant;

use super::calls::Calls;
use super::exchange::{Connection, post};
use super::processes::{Pace, Process, address_of, chat, serve};

/// Chains in a turn, and turns.
const CHAINS: usize = 200;
const TURNS: usize = 10;

pub(crate) async fn measure(calls: &Calls, is_json: bool) -> Result<(), Box<dyn Error>> {
    let simulator = Process::simulator(Pace::Bursts)?;
    let server = serve(&format!("http://{}", simulator.address))?;
    let (chat, requests) = (chat()?, direct(calls));
    let mut to_server = Connection::open(address_of(&server.url)?).await?;
    let mut to_simulator = Connection::open(simulator.address).await?;
    let (mut chained, mut called) = (histogram()?, histogram()?);
    for turn in 0..=TURNS {
        for _ in 0..CHAINS {
            let begin = Instant::now();
            to_server.ask(&chat, b"[DONE]").await?;
            note(&mut chained, begin.elapsed(), turn)?;
        }
        for _ in 0..CHAINS {
            let begin = Instant::now();
            for request in &requests {
                to_simulator.ask(request, b"message_stop").await?;
            }
            note(&mut called, begin.elapsed(), turn)?;
        }
    }
    let ms = |histogram: &Histogram<u64>, quantile| micros(histogram.value_at_quantile(quantile)) / 1000.0;
    let rows = [("three calls", &called), ("chain", &chained)];
    if !is_json {
        println!("one at a time  |  p50 ms |  p99 ms");
        println!(":------------- | ------: | ------:");
    }
    for (name, histogram) in rows {
        let (p50, p99) = (ms(histogram, 0.5), ms(histogram, 0.99));
        if is_json {
            println!("{}", json!({"bench": "added", "what": name, "p50_ms": p50, "p99_ms": p99}));
        } else {
            println!("{name:14} | {p50:7.3} | {p99:7.3}");
        }
    }
    let (p50, p99) = (ms(&chained, 0.5) - ms(&called, 0.5), ms(&chained, 0.99) - ms(&called, 0.99));
    if is_json {
        println!("{}", json!({"bench": "added", "what": "added", "p50_ms": p50, "p99_ms": p99}));
    } else {
        println!("{:14} | {p50:7.3} | {p99:7.3}\n", "added");
    }
    Ok(())
}

/// The three calls as requests.
fn direct(calls: &Calls) -> Vec<Vec<u8>> {
    let headers = [("anthropic-version", "2023-06-01")];
    let bodies = calls.bodies.iter();
    bodies.map(|body| post("/v1/messages", &headers, &String::from_utf8_lossy(body))).collect()
}

fn histogram() -> Result<Histogram<u64>, Box<dyn Error>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}

/// The first turn is for warming up.
fn note(histogram: &mut Histogram<u64>, took: Duration, turn: usize) -> Result<(), Box<dyn Error>> {
    if turn > 0 {
        histogram.record(u64::try_from(took.as_micros())?.max(1))?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "at most a minute")]
fn micros(micros: u64) -> f64 {
    micros as f64
}
