//! Which connections serve again.

use tokio::join;

use super::*;
use crate::model::anthropic::tests::upstream::{LAST_CHUNK, chunk};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

#[tokio::test]
async fn calls_one_after_another_share_a_connection() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let server = async {
        let mut connection = upstream.accept().await;
        answers(&mut connection, "one").await;
        serve(&mut connection, &format!("{CHUNKED}{}{LAST_CHUNK}", chunk("two"))).await;
        answers(&mut connection, "").await;
        serve(
            &mut connection,
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\ncontent-length: 4\r\n\r\nfour",
        )
        .await;
        connection
    };
    let client = async {
        for expected in ["one", "two", "", "four"] {
            assert_eq!(call(&connections, &upstream).await, expected);
        }
    };
    let ((), _open) = join!(client, server);
    assert!(connections.pool.has_any());
}

#[tokio::test]
async fn calls_at_the_same_time_have_a_connection_each_and_the_last_that_came_free_is_taken() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let server = async {
        let (mut first, mut second) = (upstream.accept().await, upstream.accept().await);
        first.request().await;
        second.request().await;
        first.send(&answer("one")).await;
        (first, second)
    };
    let one = async { assert_eq!(call(&connections, &upstream).await, "one") };
    let mut two = Box::pin(connections.exchange(request(&upstream.origin())));
    let (mut first, mut second) = tokio::select! {
        biased;
        ((), both) = async { join!(one, server) } => both,
        _ = &mut two => panic!("it isn't answered yet"),
    };
    let two = async { body(two.await.unwrap()).await };
    assert_eq!(join!(two, async { second.send(&answer("two")).await }).0, "two");
    let third = join!(call(&connections, &upstream), answers(&mut second, "three"));
    assert_eq!(third.0, "three");
    let both = async { join!(call(&connections, &upstream), call(&connections, &upstream)) };
    let (answers, (), ()) = join!(both, answers(&mut first, "four"), answers(&mut second, "four"));
    assert_eq!(answers, ("four".to_owned(), "four".to_owned()));
}

#[tokio::test]
async fn a_kept_connection_that_the_upstream_has_closed_is_not_used_and_the_request_is_sent_once() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let mut first = upstream_answers_once(&upstream, &connections).await;
    first.close().await;
    until_none_is_kept(&connections).await;
    let server = async {
        let mut second = upstream.accept().await;
        answers(&mut second, "two").await;
    };
    assert_eq!(join!(call(&connections, &upstream), server).0, "two");
}

#[tokio::test]
async fn a_request_that_a_closed_connection_did_not_take_is_sent_over_a_new_one() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let mut first = upstream_answers_once(&upstream, &connections).await;
    // Closed after it was looked at.
    let mut kept = connections.pool.take().unwrap();
    first.close().await;
    while kept.is_free() {
        yield_now().await;
    }
    let call = async {
        let answer = connections.answer(Some(kept), request(&upstream.origin())).await;
        answer.map(|(response, _)| response.status().as_u16())
    };
    let server = async { answers(&mut upstream.accept().await, "two").await };
    assert_eq!(join!(call, server).0, Ok(200));
}

#[tokio::test]
async fn a_request_that_may_have_been_sent_is_not_sent_again() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let mut first = upstream_answers_once(&upstream, &connections).await;
    let server = async {
        first.request().await;
        first.close().await;
    };
    let (again, ()) = join!(connections.exchange(request(&upstream.origin())), server);
    let reason = "connection closed before message completed".to_owned();
    assert_eq!(again.unwrap_err(), NoAnswer::Interrupted(reason));
    assert!(upstream.nobody_comes().await);
}

#[tokio::test]
async fn what_comes_after_a_reply_is_no_reply_to_the_next_call() {
    let wrong = answer("wrong");
    for left_over in [wrong.as_str(), "\r\n", "x"] {
        for reply in [answer("one"), format!("{CHUNKED}{}{LAST_CHUNK}", chunk("one"))] {
            // Together with the reply.
            let upstream = Upstream::start().await;
            let connections = connections(&upstream);
            let server = async {
                let mut first = upstream.accept().await;
                serve(&mut first, &format!("{reply}{left_over}")).await;
                answers(&mut upstream.accept().await, "two").await;
            };
            let client = async {
                assert_eq!(call(&connections, &upstream).await, "one");
                assert_eq!(call(&connections, &upstream).await, "two");
            };
            join!(client, server);
        }
        // While nobody asks.
        let upstream = Upstream::start().await;
        let connections = connections(&upstream);
        let mut first = upstream_answers_once(&upstream, &connections).await;
        first.send(left_over).await;
        until_none_is_kept(&connections).await;
        let server = async { answers(&mut upstream.accept().await, "two").await };
        assert_eq!(join!(call(&connections, &upstream), server).0, "two");
    }
}

#[tokio::test]
async fn a_connection_that_the_upstream_does_not_want_to_keep_is_closed_after_the_reply() {
    for head in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\n",
        "HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\n",
    ] {
        let upstream = Upstream::start().await;
        let connections = connections(&upstream);
        let server = async {
            let mut first = upstream.accept().await;
            serve(&mut first, &format!("{head}one")).await;
            first
        };
        let (one, first) = join!(call(&connections, &upstream), server);
        assert_eq!(one, "one");
        first.closed().await;
        assert!(!connections.pool.has_any());
    }
}

#[tokio::test]
async fn a_connection_is_closed_if_the_reply_came_before_the_request_was_sent_whole() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let mut large = request(&upstream.origin());
    *large.body_mut() = Some(vec![b'x'; 16 * 1024 * 1024].into());
    let server = async {
        let mut connection = upstream.accept().await;
        connection.send("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno").await;
        connection
    };
    let (refusal, _unread) = join!(connections.exchange(large), server);
    assert_eq!(body(refusal.unwrap()).await, "no");
    assert!(!connections.pool.has_any());
}

/// The upstream's end of a connection that has served a call and is kept.
async fn upstream_answers_once(upstream: &Upstream, connections: &Connections) -> Connection {
    let server = async {
        let mut connection = upstream.accept().await;
        answers(&mut connection, "one").await;
        connection
    };
    let (one, connection) = join!(call(connections, upstream), server);
    assert_eq!(one, "one");
    assert!(connections.pool.has_any());
    connection
}
