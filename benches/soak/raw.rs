//! Clients that behave badly on connections of their own: they leave, never read, or never say anything.

use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::house::House;
use crate::support::token;
use crate::tally::Met;

/// Longer than the server waits for a head.
const LONGEST: Duration = Duration::from_secs(45);

async fn connect(house: &House) -> Result<TcpStream, String> {
    let address = house.server.url.trim_start_matches("http://");
    TcpStream::connect(address).await.map_err(|error| format!("no connection: {error}"))
}

async fn send(house: &House, subject: &str, body: &Value) -> Result<TcpStream, String> {
    let mut stream = connect(house).await?;
    let (body, token) = (body.to_string(), token(subject).map_err(|error| error.to_string())?);
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: soak\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let sent = stream.write_all(format!("{head}{body}").as_bytes()).await;
    sent.map_err(|error| format!("can't send: {error}"))?;
    Ok(stream)
}

/// Asks, reads for a while, and leaves: in good order, or breaking the connection off.
pub(crate) async fn leave(house: &House, subject: &str, body: &Value, rng: &mut fastrand::Rng) -> Met {
    let mut stream = send(house, subject, body).await?;
    let until = Instant::now() + Duration::from_millis(rng.u64(..600));
    let mut bytes = [0; 4096];
    loop {
        match timeout_at(until, stream.read(&mut bytes)).await {
            // What came is nothing to go by: whoever leaves doesn't care.
            Ok(Ok(1..)) => {}
            Ok(Ok(0) | Err(_)) => return Ok("it was over before".to_owned()),
            Err(_) => break,
        }
    }
    if rng.bool() {
        return Ok("left".to_owned());
    }
    stream.set_zero_linger().map_err(|error| error.to_string())?;
    Ok("broke off".to_owned())
}

/// Asks, and never reads, for longer than the server waits for that.
pub(crate) async fn never_read(house: &House, subject: &str, body: &Value) -> Met {
    let _stream = send(house, subject, body).await?;
    sleep(Duration::from_secs(6)).await;
    Ok("never read".to_owned())
}

/// Sends half a head. The server must close.
pub(crate) async fn half_head(house: &House) -> Met {
    let mut stream = connect(house).await?;
    let sent = stream.write_all(b"POST /v1/chat/completions HTTP/1.1\r\nHost: so").await;
    sent.map_err(|error| format!("can't send: {error}"))?;
    let mut answer = Vec::new();
    match timeout(LONGEST, stream.read_to_end(&mut answer)).await {
        Ok(_) if answer.is_empty() => Ok("closed".to_owned()),
        Ok(_) => Ok(status(&answer)),
        Err(_) => Err(format!("still open after {LONGEST:?}")),
    }
}

/// A connection that is kept alive, with a request now and then, until that time.
pub(crate) async fn idle(house: &House, pause: Duration, end: Instant) -> Met {
    let mut stream = connect(house).await?;
    let mut asked = 0;
    while Instant::now() < end {
        if let Err(error) = health(&mut stream).await {
            // It may be closed while nobody says anything, but not before that.
            let is_closed = error.kind() != io::ErrorKind::InvalidData;
            return if is_closed && asked > 0 {
                Ok("closed while idle".to_owned())
            } else {
                Err(error.to_string())
            };
        }
        asked += 1;
        sleep(pause.min(end.saturating_duration_since(Instant::now()))).await;
    }
    Ok("kept alive".to_owned())
}

async fn health(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: soak\r\n\r\n").await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"{\"status\":\"healthy\"}") {
        if timeout(LONGEST, stream.read_buf(&mut answer)).await?? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !answer.starts_with(b"HTTP/1.1 200".get(..answer.len().min(12)).unwrap_or_default()) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, status(&answer)));
        }
    }
    Ok(())
}

/// The first line of an answer.
fn status(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).lines().next().unwrap_or_default().to_owned()
}
