//! Clients that ask for streams and never read them.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::good::{Asked, Good};
use crate::house::House;
use crate::report::{Report, cell};
use crate::support::{resident_kib, token};

const CLIENTS: u32 = 64;
/// `STREAMING_TIMEOUT`, after which they are cut, and how much later that may be.
const STALL: u32 = 10;
/// How long their replies may take until nobody can send any more of them: that is the upstream's work, and within
/// the bench.
const FILLING: Duration = Duration::from_secs(4);
const LATER: f64 = 10.0;
/// The most memory that each may cost: what the systems' buffers let pass of a reply of 5 MB.
const KIB_EACH: u64 = 16 * 1024;

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let stall = STALL.to_string();
    // So many tokens that a reply of 5 MB isn't too large.
    let settings = [("STREAMING_TIMEOUT", stall.as_str()), ("CHAIN_SYNTHESIZE_MAX_TOKENS", "64000")];
    let house = House::open(&settings, &["synthesize:huge-reply"]).await?;
    let good = Good::begin(&house, &[Asked::Models])?;
    sleep(Duration::from_secs(1)).await;
    let before = resident_kib(house.server.id()).map_err(|error| error.to_string())?;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(ask(&house).await?);
    }
    house.wait_for("promptchain_streams_active", f64::from(CLIENTS)).await?;
    let began = Instant::now();
    let from = began + FILLING;
    let mut peak = before;
    let mut left = f64::from(CLIENTS);
    while left > 0.0 && began.elapsed().as_secs_f64() < f64::from(STALL) + LATER + 20.0 {
        peak = peak.max(resident_kib(house.server.id()).map_err(|error| error.to_string())?);
        sleep(Duration::from_millis(50)).await;
        left = house.metric("promptchain_streams_active").await?;
    }
    let cut_after = began.elapsed().as_secs_f64();
    let to = Instant::now();
    let taken = house.wait_for("promptchain_run_places_taken", 0.0).await;
    drop(clients);
    sleep(Duration::from_secs(1)).await;
    let latency = good.latency(Asked::Models, &[(from, to)])?;
    let each = peak.saturating_sub(before) / u64::from(CLIENTS);
    report.title("Streams that nobody reads");
    report.columns(&["clients", "cut after s", "peak KiB each", "models p50 ms", "p99 ms"]);
    report.row(
        &[
            CLIENTS.to_string(),
            cell(cut_after),
            each.to_string(),
            cell(latency.median()),
            cell(latency.p99()),
        ],
        &json!({"part": "unread", "clients": CLIENTS, "cut_after_s": cut_after, "peak_kib_each": each,
            "models": latency.json()}),
    )?;
    report.say(&format!("STREAMING_TIMEOUT is {STALL} s here"));
    if left > 0.0 || cut_after > f64::from(STALL) + LATER || taken.is_err() {
        report.broken(format!("{left} streams that nobody reads are there after {cut_after:.1} s"));
    }
    if each > KIB_EACH {
        report.broken(format!("a stream that nobody reads costs {each} KiB"));
    }
    Ok(())
}

async fn ask(house: &House) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    // It takes few bytes without being read.
    socket.set_recv_buffer_size(4096)?;
    let mut client = socket.connect(house.address().parse()?).await?;
    let body =
        json!({"stream": true, "model": "prompt-chaining", "messages": [{"role": "user", "content": "Hi"}]});
    let (body, token) = (body.to_string(), token("unread")?);
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: hostile\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    client.write_all(format!("{head}{body}").as_bytes()).await?;
    Ok(client)
}
