//! Requests a second and processor time of 64 streams at a time, of the server and of the bare server in turns.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use hdrhistogram::Histogram;
use memchr::memmem;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::calls::Calls;
use super::exchange::Connection;
use super::processes::{Pace, Process, address_of, chat, serve};
use super::support::cpu_seconds;

/// Streams at a time.
const STREAMS: usize = 64;
/// How long a window is.
const WINDOW: Duration = Duration::from_secs(4);

/// What a window came to.
#[derive(Debug, Clone, Copy)]
struct Window {
    rate: f64,
    cpu_ms: f64,
    simulator_cpu_ms: f64,
    first_ms: f64,
    whole_ms: f64,
    frames: u64,
}

/// Who is asked.
struct Asked {
    name: &'static str,
    address: SocketAddr,
    process: u32,
    windows: Vec<Window>,
}

pub(crate) async fn measure(
    calls: &Calls,
    pace: Pace,
    windows: usize,
    is_json: bool,
) -> Result<(), Box<dyn Error>> {
    let simulator = Process::simulator(pace)?;
    let server = serve(&format!("http://{}", simulator.address))?;
    let bare = Process::bare(simulator.address, calls)?;
    let mut asked = [
        Asked { name: "bare", address: bare.address, process: bare.id(), windows: Vec::new() },
        Asked { name: "serve", address: address_of(&server.url)?, process: server.id(), windows: Vec::new() },
    ];
    let request = chat()?;
    // The first of each is for warming up.
    for turn in 0..=windows {
        for asked in &mut asked {
            let window = window(asked, simulator.id(), &request).await?;
            if turn > 0 {
                asked.windows.push(window);
            }
        }
    }
    print(pace, &asked, is_json);
    Ok(())
}

async fn window(asked: &Asked, simulator: u32, request: &[u8]) -> Result<Window, Box<dyn Error>> {
    let mut connections = Vec::new();
    for _ in 0..STREAMS {
        connections.push(Connection::open(asked.address).await?);
    }
    let (cpu, simulator_cpu) = (cpu_seconds(asked.process)?, cpu_seconds(simulator)?);
    let begin = Instant::now();
    let mut streams = JoinSet::new();
    for mut connection in connections {
        let request = request.to_vec();
        streams.spawn(async move {
            let (mut times, mut frames) = (Vec::new(), 0);
            while begin.elapsed() < WINDOW {
                let begin = Instant::now();
                let answer =
                    connection.ask(&request, b"\"content\":\"").await.map_err(|error| error.to_string())?;
                if memmem::rfind(answer.bytes, b"data: [DONE]").is_none() {
                    return Err(String::from_utf8_lossy(answer.bytes).into_owned());
                }
                frames = memmem::find_iter(answer.bytes, b"data: ").count();
                let first = answer.first_at.map_or(Duration::ZERO, |at| at - begin);
                times.push((first, begin.elapsed()));
            }
            Ok((times, frames))
        });
    }
    let (mut first, mut whole) = (Histogram::<u64>::new(3)?, Histogram::<u64>::new(3)?);
    let mut frames = 0;
    while let Some(ended) = streams.join_next().await {
        let (times, of_one) = ended??;
        frames = of_one as u64;
        for (until_first, until_end) in times {
            first.record(u64::try_from(until_first.as_micros())?)?;
            whole.record(u64::try_from(until_end.as_micros())?)?;
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let requests = number(whole.len());
    Ok(Window {
        rate: requests / seconds,
        cpu_ms: (cpu_seconds(asked.process)? - cpu) * 1000.0 / requests,
        simulator_cpu_ms: (cpu_seconds(simulator)? - simulator_cpu) * 1000.0 / requests,
        first_ms: number(first.value_at_quantile(0.5)) / 1000.0,
        whole_ms: number(whole.value_at_quantile(0.5)) / 1000.0,
        frames,
    })
}

fn print(pace: Pace, asked: &[Asked; 2], is_json: bool) {
    if !is_json {
        println!("{STREAMS} streams, {}", pace.as_str());
        println!(
            "server | requests/s (min–max)   |    × | CPU ms/request |    × | simulator's | first text ms | whole ms | frames"
        );
        println!(
            ":----- | ---------------------: | ---: | -------------: | ---: | ----------: | ------------: | -------: | -----:"
        );
    }
    let [bare, _] = asked;
    for Asked { name, windows, .. } in asked {
        let of = |figure: fn(&Window) -> f64| spread(windows.iter().map(figure));
        let ((least, rate, most), (_, cpu, _)) = (of(|it| it.rate), of(|it| it.cpu_ms));
        // Of windows side by side, since the machine isn't the same all the time.
        let ratio = |figure: fn(&Window) -> f64| {
            spread(windows.iter().zip(&bare.windows).map(|(one, other)| figure(one) / figure(other))).1
        };
        let (rate_ratio, cpu_ratio) = (ratio(|it| it.rate), ratio(|it| it.cpu_ms));
        let (simulator, first, whole) =
            (of(|it| it.simulator_cpu_ms).1, of(|it| it.first_ms).1, of(|it| it.whole_ms).1);
        let frames = windows.first().map_or(0, |it| it.frames);
        if is_json {
            println!(
                "{}",
                json!({
                    "bench": "throughput", "pace": pace.as_str(), "server": name,
                    "requests_per_second": {"median": rate, "min": least, "max": most, "ratio": rate_ratio},
                    "cpu_ms_per_request": {"median": cpu, "ratio": cpu_ratio},
                    "simulator_cpu_ms_per_request": simulator, "first_text_ms": first, "whole_ms": whole,
                    "frames": frames,
                })
            );
        } else {
            println!(
                "{name:6} | {rate:6.0} ({least:6.0}–{most:6.0}) | {rate_ratio:4.2} | {cpu:14.3} | {cpu_ratio:4.2} | {simulator:11.3} | {first:13.1} | {whole:8.1} | {frames:6}"
            );
        }
    }
    if !is_json {
        println!();
    }
}

/// The least, the median and the most.
fn spread(figures: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let at = |index: usize| figures.get(index).copied().unwrap_or(f64::NAN);
    (at(0), at(figures.len() / 2), at(figures.len().saturating_sub(1)))
}

#[expect(clippy::cast_precision_loss, reason = "far below what a float holds exactly")]
fn number(number: u64) -> f64 {
    number as f64
}
