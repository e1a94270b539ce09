//! Clients that take nothing of what they asked for: the upstream isn't read on for them, nothing piles up,
//! and time limits hold all the same.

use crate::support::{Connection, EndlessUpstream, Served, chat, serve};

fn served(upstream: &EndlessUpstream, environment: &[(&str, &str)]) -> Served {
    let mut command = serve(environment);
    // So much that no system's buffers have room for it.
    command.env("CHAIN_SYNTHESIZE_MAX_TOKENS", "64000").env("ANTHROPIC_BASE_URL", &upstream.base_url());
    Served::start(command)
}

/// A client that asks, and then reads nothing.
fn idler(served: &Served) -> Connection {
    let mut client = Connection::with_small_window(served.address());
    client.send(chat(true).bytes());
    client
}

/// The most memory that the process has had, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory(served: &Served) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_is_read_on_for_clients_that_take_nothing() {
    const CLIENTS: usize = 8;
    // Of each reply there is as much as the systems' buffers let pass, which is some megabytes.
    const MEMORY_EACH: u64 = 16 * 1024 * 1024;
    let upstream = EndlessUpstream::start();
    let served = served(&upstream, &[]);
    assert_eq!(served.get("/health").status, 200);
    let before = peak_memory(&served);
    let clients: Vec<_> = (0..CLIENTS).map(|_| idler(&served)).collect();
    upstream.wait_for(CLIENTS, |reply| reply.is_stuck);
    assert_eq!(served.get("/health").status, 200, "others are served meanwhile");
    let growth = peak_memory(&served) - before;
    assert!(growth < CLIENTS as u64 * MEMORY_EACH, "{growth}");

    drop(clients);
    upstream.wait_for(CLIENTS, |reply| reply.has_ended);
}

#[test]
fn a_deadline_holds_though_nothing_is_read() {
    let upstream = EndlessUpstream::start();
    let served = served(&upstream, &[("SYNTHESIS_TIMEOUT", "1")]);
    let mut client = idler(&served);
    upstream.wait_for(1, |reply| reply.has_ended);
    client.is_reset();
    assert_eq!(served.log().wait_for("Chat completion request failed")["error_code"], "timeout");
}

#[test]
fn a_client_that_takes_nothing_for_too_long_is_cut() {
    let upstream = EndlessUpstream::start();
    let served = served(&upstream, &[("STREAMING_TIMEOUT", "1")]);
    let mut client = idler(&served);
    upstream.wait_for(1, |reply| reply.has_ended);
    client.is_reset();
    served.log().wait_for("Chat completion request cancelled");
    served.log().wait_for("Client left before the response's end");
}

#[test]
fn a_reply_without_end_is_ended_for_whoever_takes_it_too() {
    let upstream = EndlessUpstream::start();
    let served = served(&upstream, &[("SYNTHESIS_TIMEOUT", "270"), ("CHAIN_SYNTHESIZE_TIMEOUT", "270")]);
    let response = served.ask(&chat(true));
    assert_eq!(response.stream_error()["code"], "upstream_error");
    upstream.wait_for(1, |reply| reply.has_ended);
}
