//! Listens, serves connections, and ends in good order.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, lookup_host};
use tokio::time::{sleep, timeout};

use super::app::{App, CantOpen, Parts};
use super::connection::Serving;
use super::connections::Connections;
use super::generation::{Generation, Reloads, Routes};
use super::lifecycle::Lifecycle;
use super::stores::StoreHealth;
use crate::settings::BindAddress;

/// How long to wait when no connection can be accepted, for want of file descriptors as a rule, or when there are
/// as many as may be and none has ended.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long connections have to send what is left, once their runs have ended.
const LAST_BYTES: Duration = Duration::from_secs(2);

/// The same where the server is to end at once.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// Bytes that the system keeps for a client to take. Left to itself it takes megabytes of an answer in, and
/// whether the client takes any of it is seen only when a third of that has gone.
const SEND_BUFFER: u32 = 128 * 1024;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Connections for each run that there may be, and some for those that ask for something else: beyond, those over
/// which nothing goes make room for further ones, and where there are none, these wait.
const CONNECTIONS_PER_RUN: usize = 4;
const FURTHER_CONNECTIONS: usize = 1000;

/// Connections at a time of those who collect the metrics, on a port of their own.
const METRICS_CONNECTIONS: usize = 100;

/// A server, before it listens.
pub struct Server {
    reloads: Reloads,
}

/// A server that listens.
pub struct Listening {
    server: Server,
    api: Port,
    /// Where the metrics are served, if that isn't the API's port.
    metrics: Option<Port>,
}

/// A port that is listened on.
struct Port {
    listener: TcpListener,
    address: SocketAddr,
}

/// An address that can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}")]
pub struct CantListen {
    /// The address, as it is set.
    pub address: BindAddress,
    /// Whether only the metrics were to be served there.
    pub is_for_metrics: bool,
    /// Why.
    #[source]
    pub error: io::Error,
}

impl Server {
    /// A server of these parts. Asked to end, it lets runs go on for `grace`.
    ///
    /// # Errors
    /// If tokens can't be verified with the keys in the settings, or certificates there aren't any.
    pub fn new(parts: Parts, grace: Duration) -> Result<Self, CantOpen> {
        Ok(Self { reloads: Reloads::new(Generation::new(App::new(parts)?, grace)) })
    }

    /// By which the server can be given another configuration.
    #[must_use]
    pub fn reloads(&self) -> Reloads {
        self.reloads.clone()
    }

    /// How the stores are that replicas share, once that is known.
    pub async fn store_health(&self) -> Vec<StoreHealth> {
        self.reloads.current().app.store_health().await
    }

    /// Listens on the addresses in the settings: one for the API, and perhaps one for the metrics.
    ///
    /// # Errors
    /// Each address for which that can't be done.
    pub async fn listen(self) -> Result<Listening, Vec<CantListen>> {
        let current = self.reloads.current();
        let settings = &current.app.settings;
        let of_api = BindAddress { host: settings.host.clone(), port: settings.port };
        let api = Port::open(&of_api, false).await;
        let metrics = match &settings.metrics_bind {
            Some(address) => Port::open(address, true).await.map(Some),
            None => Ok(None),
        };
        match (api, metrics) {
            (Ok(api), Ok(metrics)) => Ok(Listening { server: self, api, metrics }),
            (api, metrics) => Err(api.err().into_iter().chain(metrics.err()).collect()),
        }
    }
}

impl Port {
    async fn open(address: &BindAddress, is_for_metrics: bool) -> Result<Self, CantListen> {
        let bound = async {
            let listener = bind(&address.host, address.port).await?;
            let address = listener.local_addr()?;
            Ok(Self { listener, address })
        };
        bound.await.map_err(|error| CantListen { address: address.clone(), is_for_metrics, error })
    }
}

/// Listens on the first address of that host that can be listened on.
async fn bind(host: &str, port: u16) -> io::Result<TcpListener> {
    let mut failure = None;
    for address in lookup_host((host, port)).await? {
        match listen_on(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the host has no address")))
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Elsewhere than on Unix it would let others listen on the same port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Connections inherit it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Listening {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.api.address
    }

    /// Where it listens for whoever collects the metrics, if that is elsewhere.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|port| port.address)
    }

    /// Serves until the server's [`Lifecycle`] says that it is to drain, and then until the last run has
    /// ended or has been cut.
    pub async fn serve(self) {
        let Self { server: Server { reloads }, api, metrics } = self;
        let lifecycle = reloads.current().app.lifecycle.clone();
        let (mut connections, mut of_metrics) = (Connections::default(), Connections::default());
        {
            let serving =
                |routes| Serving { current: reloads.subscribe(), routes, lifecycle: lifecycle.clone() };
            let api = accept(&api.listener, &mut connections, serving(Routes::Api));
            let metrics = async {
                let Some(port) = &metrics else { return };
                accept(&port.listener, &mut of_metrics, serving(Routes::Metrics)).await;
            };
            let accepting = async { tokio::join!(api, metrics) };
            tokio::select! {
                _ = accepting => {}
                () = drained(&reloads, &lifecycle) => {}
            }
        }
        drop((api, metrics));
        tokio::join!(finish(&lifecycle, connections), finish(&lifecycle, of_metrics));
        reloads.current().app.settle_up().await;
        tracing::info!("Stopped");
    }
}

/// Connections at a time of those who use these routes.
fn max_connections(generation: &Generation, routes: Routes) -> usize {
    let runs = usize::try_from(generation.app.settings.max_concurrent_runs).unwrap_or(usize::MAX);
    match routes {
        Routes::Api => runs.saturating_mul(CONNECTIONS_PER_RUN).saturating_add(FURTHER_CONNECTIONS),
        Routes::Metrics => METRICS_CONNECTIONS,
    }
}

/// Accepts connections for ever; while the server drains too, so that it can say that it isn't ready.
async fn accept(listener: &TcpListener, connections: &mut Connections, serving: Serving) {
    let mut is_failing = false;
    let mut current = serving.current.clone();
    // A client for whom there is no room yet.
    let mut waiting = None;
    loop {
        let max = max_connections(&current.borrow_and_update(), serving.routes);
        if let Some((stream, address)) = waiting.take_if(|_| connections.len() < max) {
            connections.serve(stream, address, serving.clone());
        }
        if waiting.is_some() {
            connections.make_room();
        }
        tokio::select! {
            accepted = listener.accept(), if waiting.is_none() => match accepted {
                Ok(client) => {
                    is_failing = false;
                    waiting = Some(client);
                }
                Err(error) => {
                    // Once for as long as it lasts.
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::error!(error = %error, error_type = "accept", "Connections can't be accepted");
                    }
                    // Connections over which nothing goes hold files too.
                    connections.make_room();
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            // Reaps what has ended; the branch rests while there is none.
            Some(()) = connections.next_end() => {}
            // There may be room for more now.
            Ok(()) = current.changed() => {}
            () = sleep(ACCEPT_PAUSE), if waiting.is_some() => {}
        }
    }
}

/// Waits until the server is to drain, and then until all runs have ended; those that haven't when the time
/// is over are cut.
async fn drained(reloads: &Reloads, lifecycle: &Lifecycle) {
    lifecycle.clone().draining().await;
    let generation = reloads.current();
    let (app, grace) = (&generation.app, generation.grace);
    let under_way = app.runs.under_way();
    tracing::info!(runs = under_way, grace_seconds = grace.as_secs_f64(), "Draining");
    let why = tokio::select! {
        () = app.runs.all_ended() => return,
        () = lifecycle.clone().ending_at_once() => "a second signal came",
        () = sleep(grace) => "the time to drain is over",
    };
    tracing::warn!(runs = app.runs.under_way(), "Runs are cut: {why}");
    lifecycle.cut();
    // They end at once; a client that takes nothing keeps its run from noticing.
    let ended = app.runs.all_ended();
    within_last_bytes(lifecycle, ended).await;
}

/// Lets connections send what is left. Those over which no request has come are dropped at once.
async fn finish(lifecycle: &Lifecycle, mut connections: Connections) {
    lifecycle.cut();
    within_last_bytes(lifecycle, connections.all_ended()).await;
    // What is told of requests that had no end is told before the server says that it has stopped.
    drop(timeout(LAST_WORDS, connections.cut()).await);
}

/// Waits for that, but no longer than clients have to take what is left.
async fn within_last_bytes(lifecycle: &Lifecycle, end: impl Future<Output = ()>) {
    let at_once = async {
        lifecycle.clone().ending_at_once().await;
        sleep(LAST_WORDS).await;
    };
    tokio::select! {
        () = end => {}
        () = at_once => {}
        () = sleep(LAST_BYTES) => {}
    }
}
