//! A store that follows a script, at the other end of a pipe in this process: with the clock paused, what it
//! does and what comes of it is always the same.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisConnectionInfo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::server::shared_store::StoreError;
use crate::server::shared_store::dial::Dial;
use crate::server::shared_store::link::Link;
use crate::telemetry::metrics::StoreFault;

/// How an attempt to connect goes.
pub(super) enum Peer {
    /// Nobody is there.
    Refuses,
    /// Nobody answers.
    Hangs,
    /// A server, which answers each probe, and then each call, with the next of these; the last stands for all
    /// that follow.
    Serves { probes: Vec<Act>, calls: Vec<Act> },
}

/// What a server does when it has read a command.
#[derive(Clone, Copy)]
pub(super) enum Act {
    /// Sends these bytes.
    Say(&'static str),
    /// Sends these bytes after a while.
    SayLater(Duration, &'static str),
    /// Sends these bytes and goes.
    SayAndCut(&'static str),
    /// Goes.
    Cut,
    /// Reads on, and says nothing.
    Ignore,
    /// Reads nothing any more, as a frozen process.
    Freeze,
}

/// Connects to the peers one after the other; the last stands for all that follow.
#[derive(Clone)]
pub(super) struct ScriptedDial {
    peers: Arc<Mutex<VecDeque<Arc<Peer>>>>,
    pub(super) seen: Arc<Mutex<Seen>>,
    begin: Instant,
}

/// What the peers saw.
#[derive(Default)]
pub(super) struct Seen {
    /// The milliseconds at which somebody connected.
    pub(super) dials: Vec<u128>,
    /// The commands but for those that set the connection up and probe it.
    pub(super) commands: Vec<Vec<String>>,
    tasks: JoinSet<()>,
}

impl ScriptedDial {
    pub(super) fn new(peers: impl IntoIterator<Item = Peer>) -> Self {
        let peers = Arc::new(Mutex::new(peers.into_iter().map(Arc::new).collect()));
        Self { peers, seen: Arc::default(), begin: Instant::now() }
    }

    pub(super) fn dials(&self) -> Vec<u128> {
        self.seen.lock().unwrap().dials.clone()
    }

    /// The commands' names.
    pub(super) fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap().commands.iter().map(|command| command[0].clone()).collect()
    }

    fn next(&self) -> Arc<Peer> {
        let mut peers = self.peers.lock().unwrap();
        if peers.len() > 1 { peers.pop_front() } else { peers.front().cloned() }.unwrap()
    }
}

impl Dial for ScriptedDial {
    fn dial(&self) -> BoxFuture<'_, Result<Link, StoreError>> {
        self.seen.lock().unwrap().dials.push(self.begin.elapsed().as_millis());
        async move {
            let (probes, calls) = match &*self.next() {
                Peer::Refuses => return Err(StoreError::new(StoreFault::connection, "refused")),
                Peer::Hangs => return pending().await,
                Peer::Serves { probes, calls } => (probes.clone(), calls.clone()),
            };
            let (ours, theirs) = duplex(256);
            let seen = Arc::clone(&self.seen);
            self.seen.lock().unwrap().tasks.spawn(async move {
                // Ends when the other end does.
                let _ = serve(theirs, probes.into(), calls.into(), seen).await;
            });
            let config = AsyncConnectionConfig::new().set_response_timeout(None);
            let identity = RedisConnectionInfo::default();
            let (connection, driver) =
                MultiplexedConnection::new_with_config(&identity, ours, config).await?;
            self.seen.lock().unwrap().tasks.spawn(driver);
            Ok(Link::Server(connection))
        }
        .boxed()
    }
}

async fn serve(
    mut stream: DuplexStream,
    mut probes: VecDeque<Act>,
    mut calls: VecDeque<Act>,
    seen: Arc<Mutex<Seen>>,
) -> std::io::Result<()> {
    loop {
        let command = read_command(&mut stream).await?;
        if command[0] == "CLIENT" {
            stream.write_all(b"+OK\r\n").await?;
            continue;
        }
        let acts = if command.iter().any(|part| part.contains(":probe:")) {
            &mut probes
        } else {
            seen.lock().unwrap().commands.push(command);
            &mut calls
        };
        match if acts.len() > 1 { acts.pop_front() } else { acts.front().copied() }.unwrap() {
            Act::Say(bytes) => stream.write_all(bytes.as_bytes()).await?,
            Act::SayLater(wait, bytes) => {
                tokio::time::sleep(wait).await;
                stream.write_all(bytes.as_bytes()).await?;
            }
            Act::SayAndCut(bytes) => return stream.write_all(bytes.as_bytes()).await,
            Act::Cut => return Ok(()),
            Act::Ignore => {}
            Act::Freeze => pending().await,
        }
    }
}

/// An array of strings, as clients write it.
async fn read_command(stream: &mut DuplexStream) -> std::io::Result<Vec<String>> {
    let parts = read_number(stream).await?;
    let mut command = Vec::new();
    for _ in 0..parts {
        let length = read_number(stream).await?;
        let mut bytes = vec![0; length + 2];
        stream.read_exact(&mut bytes).await?;
        command.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
    }
    Ok(command)
}

/// A line with a sign and a number.
async fn read_number(stream: &mut DuplexStream) -> std::io::Result<usize> {
    let mut line = String::new();
    while !line.ends_with("\r\n") {
        line.push(char::from(stream.read_u8().await?));
    }
    Ok(line[1..].trim_end().parse().unwrap())
}
