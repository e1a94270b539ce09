//! A rolling restart: both servers behind nginx are replaced under load, and no request fails.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::Nginx;
use crate::support::{Connection, SECRET, Served, Upstream, chat, promptchain};

/// How many ask at a time.
const CLIENTS: usize = 12;

/// What each asks at most, however long the restart takes.
const REQUESTS: usize = 2000;

/// A server on that port; 0 for a free one.
fn serve_on(simulator: &Upstream, port: u16) -> Served {
    let mut command = promptchain(&["serve", "--port", &port.to_string()]);
    command
        .env("JWT_SECRET_KEY", SECRET)
        .env("RATE_LIMIT_ENABLED", "false")
        .env("ANTHROPIC_BASE_URL", &simulator.base_url());
    Served::start(command)
}

/// One after the other, half of them streams, until the load is to end. Each must be answered in full.
fn ask_on(address: SocketAddr, load: &Load, client: usize) -> usize {
    for request in 0..REQUESTS {
        if load.is_over.load(Ordering::SeqCst) {
            return request;
        }
        let response = Connection::to(address).ask(&chat((client + request).is_multiple_of(2)));
        assert!(response.answer().starts_with('#'));
        load.answered.fetch_add(1, Ordering::SeqCst);
    }
    REQUESTS
}

#[derive(Default)]
struct Load {
    is_over: AtomicBool,
    answered: AtomicUsize,
}

impl Load {
    /// Waits until so many more have been answered.
    fn wait_for_more(&self, count: usize, clients: &[thread::JoinHandle<usize>]) {
        let until = self.answered.load(Ordering::SeqCst) + count;
        while self.answered.load(Ordering::SeqCst) < until {
            assert!(clients.iter().any(|client| !client.is_finished()), "nobody asks any more");
            thread::park_timeout(Duration::from_millis(10));
        }
    }
}

fn completed(log: &crate::support::ServerLog) -> usize {
    log.entries("Chat completion request completed").len()
}

#[test]
fn both_servers_are_replaced_under_load_and_no_request_fails() {
    let simulator = Upstream::paced(Duration::from_millis(2));
    let mut servers = [serve_on(&simulator, 0), serve_on(&simulator, 0)];
    let names = |servers: &[Served; 2]| servers.each_ref().map(|it| it.address().to_string());
    let Some(nginx) = Nginx::before(&names(&servers)) else { return };
    let load = Arc::new(Load::default());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (load, address) = (Arc::clone(&load), nginx.address());
            thread::spawn(move || ask_on(address, &load, client))
        })
        .collect();
    load.wait_for_more(2 * CLIENTS, &clients);

    let mut done = 0;
    // The first is replaced on its own port, the second by one that has begun on another.
    for (index, port) in [(0, servers[0].address().port()), (1, 0)] {
        let mut without = names(&servers);
        without[index] += " down";
        nginx.take(&without);
        // What takes its place before its port is free again serves nobody.
        let meanwhile = serve_on(&simulator, 0);
        let old = std::mem::replace(&mut servers[index], meanwhile);
        old.signal("TERM");
        let log = old.finish().exits(0).log;
        assert!(completed(&log) > 0 && log.entries("Chat completion request failed").is_empty());
        done += completed(&log);
        if port != 0 {
            servers[index] = serve_on(&simulator, port);
        }
        assert_eq!(servers[index].get("/health/ready").status, 200);
        nginx.take(&names(&servers));
        load.wait_for_more(2 * CLIENTS, &clients);
    }

    load.is_over.store(true, Ordering::SeqCst);
    let asked: usize = clients.into_iter().map(|client| client.join().expect("none has failed")).sum();
    assert!(asked < CLIENTS * REQUESTS, "the load went on to the end");
    for server in servers {
        server.signal("TERM");
        let log = server.finish().exits(0).log;
        assert!(completed(&log) > 0, "the new one had its part");
        done += completed(&log);
    }
    assert_eq!((done, simulator.calls().len()), (asked, asked * 3), "each once");
    assert_eq!(load.answered.load(Ordering::SeqCst), asked);
}
