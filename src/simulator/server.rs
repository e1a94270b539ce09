//! Listens, runs the connections, and breaks them when an answer orders so.
//!
//! It has its own accept loop because faults need the socket itself, and because a connection's
//! end must drop what answers its request, wherever that is.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::batches::process_batches;
use super::cut::{Cut, CutOrder};
use super::routes::{Shared, router};
use super::{SimulatorConfig, SimulatorLog};

/// How long to wait when no connection can be accepted, for want of file descriptors as a rule.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A Messages API server. Dropping it closes its socket and every connection.
#[derive(Debug)]
pub struct Simulator {
    addr: SocketAddr,
    log: Arc<SimulatorLog>,
    stopping: Arc<AtomicBool>,
    /// The accept loop, which owns the connections' tasks, and the one that owns the batches'.
    tasks: JoinSet<()>,
}

impl Simulator {
    /// Listens and serves until it is dropped.
    ///
    /// # Errors
    /// If the address can't be bound.
    pub async fn start(config: SimulatorConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(config.bind).await?;
        let addr = listener.local_addr()?;
        let log = Arc::new(SimulatorLog::new(&config));
        let stopping = Arc::new(AtomicBool::new(false));
        let (shared, orders) = Shared::new(config, Arc::clone(&log), Arc::clone(&stopping));
        let shared = Arc::new(shared);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, router(Arc::clone(&shared))));
        tasks.spawn(process_batches(shared, orders));
        Ok(Self { addr, log, stopping, tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What to give a client as the API's base URL, such as `http://127.0.0.1:49152`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it has seen.
    #[must_use]
    pub fn log(&self) -> &Arc<SimulatorLog> {
        &self.log
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Before the tasks are gone, so that their clients aren't said to have left.
        self.stopping.store(true, Ordering::Relaxed);
        self.tasks.abort_all();
    }
}

async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, router.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            // Reaps what has ended; the branch rests while there is none.
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection until either side has had enough of it.
async fn serve(stream: TcpStream, router: Router) {
    // Without it deltas would wait for one another. A socket that refuses it is gone already.
    drop(stream.set_nodelay(true));
    let order = CutOrder::default();
    let service = TowerToHyperService::new(router);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(order.clone());
        service.call(request)
    });
    // No `date` header: the same requests get the same bytes.
    let mut connection =
        http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(stream), service);
    let cut = {
        let mut ordered = pin!(order.ordered());
        tokio::select! {
            // First, so that what an answer gave before its order has been written.
            biased;
            _ = &mut connection => return,
            cut = &mut ordered => cut,
        }
    };
    let stream = connection.into_parts().io.into_inner();
    if cut == Cut::Reset {
        // Fails only if the peer was faster.
        drop(stream.set_zero_linger());
    }
}
