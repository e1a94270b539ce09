//! Bad tokens by the thousand, and what they cost the server and those whose tokens are good.
//!
//! The flood comes out of the same machine as the server. So windows alternate: quiet, the same flood against a
//! server that does nothing, and against the real one. What the second differs from the first by is the flood's own
//! share of the machine.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, sleep};

use crate::Result;
use crate::answers::Answers;
use crate::decoy::Decoy;
use crate::good::{Asked, Good};
use crate::house::House;
use crate::latency::{Latency, whole};
use crate::report::{Report, cell};
use crate::support::{cpu_seconds, resident_kib};
use crate::tokens::{bad_tokens, request};

/// Bad tokens in a second.
const RATE: u32 = 10_000;
const CONNECTIONS: u32 = 20;
/// How often each connection sends some, all at once.
const SENT_EVERY: Duration = Duration::from_millis(20);
/// How long a window is, what of its beginning isn't counted, and how often each has its turn.
const WINDOW: Duration = Duration::from_secs(4);
const SETTLING: Duration = Duration::from_millis(500);
const TURNS: usize = 4;

const NAMES: [&str; 3] = ["quiet", "decoy", "flood"];

/// What was asked, and what came of it.
#[derive(Debug, Default)]
struct Flooded {
    statuses: BTreeMap<u16, u64>,
    seconds: f64,
}

/// All windows of a kind.
#[derive(Default)]
struct Windows {
    times: Vec<(Instant, Instant)>,
    flooded: Flooded,
    cpu_seconds: f64,
}

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let house = House::open(&[], &[]).await?;
    let decoy = Decoy::open().await?;
    let good = Good::begin(&house, &[Asked::Models, Asked::Chat])?;
    sleep(Duration::from_secs(2)).await;
    for (name, is_spread) in [("one address", false), ("many addresses", true)] {
        let mut windows: [Windows; NAMES.len()] = Default::default();
        let before = resident_kib(house.server.id()).map_err(|error| error.to_string())?;
        for _ in 0..TURNS {
            for (window, target) in
                windows.iter_mut().zip([None, Some(decoy.address.as_str()), Some(house.address())])
            {
                window.pass(&house, target, is_spread).await?;
            }
        }
        // Until the last good answers have come.
        sleep(Duration::from_secs(2)).await;
        tell(report, name, &windows, &good)?;
        let after = resident_kib(house.server.id()).map_err(|error| error.to_string())?;
        let keys = house.metric("promptchain_rate_limiter_keys").await?;
        report.say(&format!("RSS {before} KiB before, {after} KiB after; {keys} keys in the limiter"));
    }
    let calls = house.simulator.log().entries();
    let bad = calls.iter().filter(|call| call.x_request_id.as_deref() == Some("bad")).count();
    report.say(&format!("upstream calls for bad tokens: {bad}, of {} in all", calls.len()));
    report.object(
        &json!({"part": "flood", "upstream_calls_for_bad_tokens": bad, "upstream_calls": calls.len()}),
    )?;
    if bad > 0 {
        report.broken(format!("{bad} upstream calls were made for bad tokens"));
    }
    Ok(())
}

impl Windows {
    async fn pass(&mut self, house: &House, target: Option<&str>, is_spread: bool) -> Result<()> {
        let cpu = || cpu_seconds(house.server.id()).map_err(|error| error.to_string());
        let (from, before) = (Instant::now(), cpu()?);
        match target {
            None => sleep(WINDOW).await,
            Some(address) => self.flooded.add(flood(address, is_spread).await?),
        }
        self.cpu_seconds += cpu()? - before;
        self.times.push((from + SETTLING, from + WINDOW));
        Ok(())
    }
}

impl Flooded {
    fn add(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.seconds += other.seconds;
    }

    fn count(&self) -> u64 {
        self.statuses.values().sum()
    }

    fn rate(&self) -> f64 {
        if self.seconds > 0.0 { whole(self.count()) / self.seconds } else { 0.0 }
    }
}

/// Floods that address for a window.
async fn flood(address: &str, is_spread: bool) -> Result<Flooded> {
    let tokens = bad_tokens()?;
    let mut clients = JoinSet::new();
    let began = Instant::now();
    for number in 0..CONNECTIONS {
        clients.spawn(send_on(address.to_owned(), tokens.clone(), number, is_spread));
    }
    let mut flooded = Flooded::default();
    while let Some(statuses) = clients.join_next().await {
        flooded.add(Flooded { statuses: statuses??, seconds: 0.0 });
    }
    flooded.seconds = began.elapsed().as_secs_f64();
    Ok(flooded)
}

/// Sends its share for a window, and waits for each handful of answers. It catches up with what it is late with.
async fn send_on(
    address: String,
    tokens: Vec<Option<String>>,
    number: u32,
    is_spread: bool,
) -> Result<BTreeMap<u16, u64>> {
    let mut stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let mut rng = fastrand::Rng::with_seed(u64::from(number) + began_at());
    let handful = (f64::from(RATE / CONNECTIONS) * SENT_EVERY.as_secs_f64()).round();
    let (mut answers, mut statuses, mut sent) = (Answers::default(), BTreeMap::new(), 0_usize);
    // They take turns: all at once they would be a burst, and then nothing.
    let begin = Instant::now() + SENT_EVERY * number / CONNECTIONS;
    let (end, mut pace) = (begin + WINDOW, interval_at(begin, SENT_EVERY));
    while Instant::now() < end {
        pace.tick().await;
        let mut bytes = String::new();
        let mut waiting = 0.0;
        while waiting < handful {
            let token = tokens.get(sent % tokens.len()).and_then(Option::as_deref);
            bytes.push_str(&request(token, is_spread.then(|| rng.u32(0x0100_0000..0x7f00_0000))));
            (sent, waiting) = (sent + 1, waiting + 1.0);
        }
        stream.write_all(bytes.as_bytes()).await?;
        while waiting > 0.0 {
            *statuses.entry(answers.next(&mut stream).await?).or_default() += 1;
            waiting -= 1.0;
        }
    }
    Ok(statuses)
}

/// So that each window's addresses are others.
fn began_at() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

fn tell(report: &mut Report, name: &str, windows: &[Windows; NAMES.len()], good: &Good) -> Result<()> {
    report.title(&format!("Bad tokens from {name}"));
    report.columns(&[
        "window",
        "bad/s",
        "401",
        "403",
        "429",
        "server CPU %",
        "models p50",
        "p99 ms",
        "×",
        "chat p50",
        "p99 ms",
        "×",
    ]);
    let mut quiet = None;
    for (window, windows) in NAMES.iter().zip(windows) {
        let latency = |asked| good.latency(asked, &windows.times);
        let (models, chat) = (latency(Asked::Models)?, latency(Asked::Chat)?);
        let (quiet_models, quiet_chat) = quiet.get_or_insert_with(|| (models.p99(), chat.p99()));
        let ratios = (models.p99() / *quiet_models, chat.p99() / *quiet_chat);
        let flooded = &windows.flooded;
        let of = |status: u16| flooded.statuses.get(&status).copied().unwrap_or_default();
        let cpu = 100.0 * windows.cpu_seconds / (WINDOW.as_secs_f64() * whole(windows.times.len() as u64));
        let times = |latency: &Latency, ratio| [cell(latency.median()), cell(latency.p99()), cell(ratio)];
        let counts = [401, 403, 429].map(|status| of(status).to_string());
        let mut cells = vec![(*window).to_owned(), format!("{:.0}", flooded.rate())];
        cells.extend(counts);
        cells.push(format!("{cpu:.0}"));
        cells.extend(times(&models, ratios.0));
        cells.extend(times(&chat, ratios.1));
        report.row(
            &cells,
            &json!({
                "part": "flood", "from": name, "window": window, "bad_per_second": flooded.rate(),
                "statuses": flooded.statuses.iter().map(|(status, count)| json!([status, count])).collect::<Vec<_>>(),
                "server_cpu_percent": cpu, "models": models.json(), "chat": chat.json(),
                "models_p99_ratio": ratios.0, "chat_p99_ratio": ratios.1,
            }),
        )?;
        let others = flooded.count() - of(401) - of(403) - of(429);
        if others > 0 {
            report.broken(format!("{others} bad tokens were answered otherwise: {:?}", flooded.statuses));
        }
    }
    let [quiet, _, flood] = windows;
    let each = 1e6 * (flood.cpu_seconds - quiet.cpu_seconds) / whole(flood.flooded.count().max(1));
    report.say(&format!("a bad token costs the server {each:.0} µs of processor time"));
    report.object(&json!({"part": "flood", "from": name, "cpu_us_each": each}))
}
