//! Who drives a connection: whoever reads, and as seldom as can be.

use std::future::poll_fn;
use std::pin::pin;

use tokio::join;
use tokio::task::JoinSet;

use super::*;
use crate::model::anthropic::tests::upstream::{LAST_CHUNK, chunk};

const CHUNKS: usize = 20;

#[tokio::test]
async fn a_chunk_is_read_in_one_turn_of_the_task_that_reads_and_there_is_no_other() {
    let upstream = Arc::new(Upstream::start().await);
    let connections = connections(&upstream);
    let (next, mut asked) = tokio::sync::mpsc::unbounded_channel::<()>();
    let mut tasks = JoinSet::new();
    let server = Arc::clone(&upstream);
    tasks.spawn(async move {
        let mut connection = server.accept().await;
        serve(&mut connection, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        while asked.recv().await.is_some() {
            connection.send(&chunk("data")).await;
        }
        connection.send(LAST_CHUNK).await;
    });
    let mut response = connections.exchange(request(&upstream.origin())).await.unwrap();
    let runtime = tokio::runtime::Handle::current();
    assert_eq!(runtime.metrics().num_alive_tasks(), 1, "the server's");
    let mut turns = 0;
    for _ in 0..CHUNKS {
        let mut chunk = pin!(response.chunk());
        // It waits before the chunk is sent.
        assert!(futures_util::poll!(&mut chunk).is_pending());
        next.send(()).unwrap();
        let came = poll_fn(|cx| {
            turns += 1;
            chunk.as_mut().poll(cx)
        });
        assert_eq!(came.await.unwrap().unwrap(), "data");
    }
    // One turn to wait in, and one in which it comes.
    assert_eq!(turns, 2 * CHUNKS);
    drop(next);
    assert!(response.chunk().await.unwrap().is_none());
    while tasks.join_next().await.is_some() {}
}

#[tokio::test]
async fn a_large_request_and_a_large_reply_pass_each_other() {
    const SIZE: usize = 8 * 1024 * 1024;
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let mut large = request(&upstream.origin());
    *large.body_mut() = Some("x".repeat(SIZE).into());
    let server = async {
        let mut connection = upstream.accept().await;
        assert_eq!(connection.request().await.body.len(), SIZE);
        connection.send(&answer(&"y".repeat(SIZE))).await;
        answers(&mut connection, "and again").await;
    };
    let client = async {
        assert_eq!(body(connections.exchange(large).await.unwrap()).await.len(), SIZE);
        assert_eq!(call(&connections, &upstream).await, "and again");
    };
    join!(client, server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_on_several_threads_each_gets_its_own_reply_and_none_is_forgotten() {
    const CALLERS: usize = 12;
    const CALLS: usize = 40;
    let upstream = Arc::new(Upstream::start().await);
    let connections = Arc::new(connections(&upstream));
    let mut servers = JoinSet::new();
    let server = Arc::clone(&upstream);
    servers.spawn(async move {
        let mut echoes = JoinSet::new();
        loop {
            echoes.spawn(echo(server.accept().await));
        }
    });
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (connections, upstream) = (Arc::clone(&connections), Arc::clone(&upstream));
        callers.spawn(async move {
            for n in 0..CALLS {
                // Some of them are larger than the system takes at once.
                let said = format!("{caller} {n} {}", "x".repeat(n * n * 400));
                let mut request = request(&upstream.origin());
                *request.body_mut() = Some(said.clone().into());
                let reply = connections.exchange(request).await.unwrap();
                assert!(body(reply).await == said, "{caller} {n}");
            }
        });
    }
    let all = async {
        while let Some(ended) = callers.join_next().await {
            ended.unwrap();
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), all).await.expect("every reply");
}

/// Answers requests with what they say, in pieces, for as long as there are any.
async fn echo(mut connection: Connection) {
    loop {
        let said = connection.request().await.body;
        connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        let (first, rest) = said.split_at(said.len().min(7));
        for piece in [first, rest].into_iter().filter(|piece| !piece.is_empty()) {
            connection.send(&chunk(piece)).await;
            yield_now().await;
        }
        connection.send(LAST_CHUNK).await;
    }
}
