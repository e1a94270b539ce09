//! Connections over which nothing goes, as many as the contract names, and then more than there is room for.

use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::answers::Answers;
use crate::good::{Asked, Good};
use crate::house::House;
use crate::latency::whole;
use crate::report::{Report, cell};
use crate::support::{open_files, resident_kib};

/// As many as the contract names; as it happens, as many as there is room for by default.
const CONNECTIONS: u64 = 5_000;
/// Beyond those.
const FURTHER: u64 = 1_000;
/// Files that the bench needs besides.
const OTHER_FILES: u64 = 200;
/// Connections that are being opened at a time.
const AT_A_TIME: usize = 64;
/// How long good clients ask meanwhile. Those who have never said anything are cut after 30 seconds.
const WINDOW: Duration = Duration::from_secs(4);

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let files = rlimit::increase_nofile_limit(u64::MAX)?;
    let count = CONNECTIONS.min(files.saturating_sub(OTHER_FILES + FURTHER));
    report.title("Idle connections");
    if count < CONNECTIONS {
        report.say(&format!("only {count}, since this process may have no more than {files} files open"));
    }
    report.columns(&["connections", "held", "still open", "RSS KiB", "KiB each", "models p50 ms", "p99 ms"]);
    for is_used in [false, true] {
        // One that held thousands keeps some of their memory.
        let house = House::open(&[], &[]).await?;
        let good = Good::begin(&house, &[Asked::Models])?;
        sleep(WINDOW / 4).await;
        row(report, &house, &good, &Held { name: "none", clients: &mut Vec::new(), before: None }).await?;
        let before = resident_kib(house.server.id()).map_err(|error| error.to_string())?;
        let mut clients = open(&house, count, is_used).await?;
        let name = if is_used { "after a request" } else { "silent" };
        row(report, &house, &good, &Held { name, clients: &mut clients, before: Some(before) }).await?;
        clients.extend(open(&house, FURTHER, is_used).await?);
        row(report, &house, &good, &Held { name: "and more", clients: &mut clients, before: None }).await?;
        drop((clients, good));
    }
    Ok(())
}

/// What is measured.
struct Held<'a> {
    name: &'a str,
    clients: &'a mut Vec<TcpStream>,
    /// The server's memory without them.
    before: Option<u64>,
}

async fn row(report: &mut Report, house: &House, good: &Good, held: &Held<'_>) -> Result<()> {
    let from = Instant::now();
    sleep(WINDOW).await;
    let to = Instant::now();
    let process = house.server.id();
    let rss = resident_kib(process).map_err(|error| error.to_string())?;
    let files = open_files(process).map_err(|error| error.to_string())?;
    let still_open = held.clients.iter().filter(|client| is_open(client)).count();
    // The last have been asked for a while ago.
    sleep(WINDOW / 4).await;
    let latency = good.latency(Asked::Models, &[(from, to)])?;
    let each = held.before.map(|before| whole(rss.saturating_sub(before)) / whole(still_open.max(1) as u64));
    report.row(
        &[
            held.name.to_owned(),
            held.clients.len().to_string(),
            still_open.to_string(),
            rss.to_string(),
            each.map_or_else(String::new, cell),
            cell(latency.median()),
            cell(latency.p99()),
        ],
        &json!({
            "part": "held", "connections": held.name, "held": held.clients.len(), "still_open": still_open,
            "files": files, "rss_kib": rss, "kib_each": each, "models": latency.json(),
        }),
    )
}

/// Opens so many, and leaves them alone, or asks for something first.
async fn open(house: &House, count: u64, is_used: bool) -> Result<Vec<TcpStream>> {
    let opening = stream::iter(0..count).map(|_| open_one(house, is_used));
    opening.buffer_unordered(AT_A_TIME).try_collect().await
}

async fn open_one(house: &House, is_used: bool) -> Result<TcpStream> {
    let mut client = TcpStream::connect(house.address()).await?;
    if is_used {
        client.write_all(b"GET /health HTTP/1.1\r\nHost: hostile\r\n\r\n").await?;
        Answers::default().next(&mut client).await?;
    }
    Ok(client)
}

/// Whether the server hasn't closed it.
fn is_open(client: &TcpStream) -> bool {
    client.try_read(&mut [0; 1]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}
