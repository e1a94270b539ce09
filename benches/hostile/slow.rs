//! Heads and bodies that come a byte at a time.

use std::io;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, timeout};

use crate::Result;
use crate::good::{Asked, Good};
use crate::house::House;
use crate::report::{Report, cell};
use crate::support::{open_files, token};

/// Of each kind.
const CLIENTS: usize = 100;
/// From one byte to the next.
const BYTE_EVERY: Duration = Duration::from_millis(500);
/// What a head and a body may take, as the documentation has it, and how much later the end may come on a
/// machine that has other things to do.
const LIMIT: Duration = Duration::from_secs(30);
const LATER: Duration = Duration::from_secs(10);

/// How one of them ended.
struct Ended {
    status: Option<u16>,
    after: Duration,
}

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let house = House::open(&[], &[]).await?;
    let good = Good::begin(&house, &[Asked::Models, Asked::Chat])?;
    sleep(Duration::from_secs(1)).await;
    let process = house.server.id();
    let files = open_files(process).map_err(|error| error.to_string())?;
    report.title("Slow clients");
    report.columns(&["a byte at a time", "clients", "answer", "cut after s", "to s"]);
    let from = Instant::now();
    let body_head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: hostile\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n",
        token("slow")?
    );
    let (heads, bodies) =
        tokio::join!(drip(&house, "GET /health HTTP/1.1\r\nX: ", CLIENTS), drip(&house, &body_head, CLIENTS));
    let to = Instant::now();
    for (name, ended, expected) in [("head", heads?, None), ("body", bodies?, Some(408))] {
        let of = |ended: &Ended| ended.after.as_secs_f64();
        let first = ended.iter().map(of).fold(f64::INFINITY, f64::min);
        let last = ended.iter().map(of).fold(0.0, f64::max);
        report.row(
            &[
                name.to_owned(),
                ended.len().to_string(),
                expected.map_or_else(|| "none".to_owned(), |status: u16| status.to_string()),
                cell(first),
                cell(last),
            ],
            &json!({"part": "slow", "what": name, "clients": ended.len(), "first_s": first, "last_s": last}),
        )?;
        if ended.iter().any(|ended| ended.status != expected) {
            report.broken(format!("a slow {name} got another answer than {expected:?}"));
        }
        if first < LIMIT.as_secs_f64() - 1.0 || last > (LIMIT + LATER).as_secs_f64() {
            report.broken(format!(
                "slow {name}s were cut after {first:.1} to {last:.1} s, and not after {LIMIT:?}"
            ));
        }
    }
    sleep(Duration::from_secs(3)).await;
    for (asked, name) in [(Asked::Models, "models"), (Asked::Chat, "chat")] {
        let latency = good.latency(asked, &[(from, to)])?;
        report.say(&format!(
            "{name} meanwhile: p50 {} ms, p99 {} ms",
            cell(latency.median()),
            cell(latency.p99())
        ));
        report.object(&json!({"part": "slow", "what": name, "latency": latency.json()}))?;
    }
    drop(good);
    let taken = house.metric("promptchain_run_places_taken").await?;
    let now = open_files(process).map_err(|error| error.to_string())?;
    report.say(&format!("afterwards: {taken} runs, {now} files open, {files} before"));
    if now > files + 20 {
        report.broken(format!("{now} files are open after slow clients, {files} were before"));
    }
    Ok(())
}

/// So many clients that send `beginning` at once, and then a byte at a time until they are cut.
async fn drip(house: &House, beginning: &str, clients: usize) -> Result<Vec<Ended>> {
    let mut dripping = JoinSet::new();
    for _ in 0..clients {
        let mut client = TcpStream::connect(house.address()).await?;
        client.write_all(beginning.as_bytes()).await?;
        dripping.spawn(drip_on(client));
    }
    let mut ended = Vec::new();
    while let Some(end) = dripping.join_next().await {
        ended.push(end??);
    }
    Ok(ended)
}

async fn drip_on(client: TcpStream) -> io::Result<Ended> {
    let began = Instant::now();
    let (mut reader, mut writer) = client.into_split();
    let mut answer = Vec::new();
    let dripping = async {
        let mut pace = interval(BYTE_EVERY);
        while writer.write_all(b"x").await.is_ok() {
            pace.tick().await;
        }
    };
    let reading = async {
        // Whether it is closed or reset, it is over.
        while reader.read_buf(&mut answer).await.unwrap_or(0) > 0 {
            if answer.ends_with(b"}") {
                return;
            }
        }
    };
    let over = async {
        tokio::select! {
            () = reading => {}
            () = async { dripping.await; std::future::pending().await } => {}
        }
    };
    timeout(2 * LIMIT, over).await?;
    let status = std::str::from_utf8(&answer).ok().and_then(|answer| answer.get(9..12)?.parse().ok());
    Ok(Ended { status, after: began.elapsed() })
}
