//! When connections close, and when they serve again.

use futures_util::StreamExt;
use tokio::join;

use super::upstream::{EVENT_STREAM, LAST_CHUNK, Upstream, chunk};
use super::{END, HELLO, begin, call, hello};
use crate::model::anthropic::MAX_REPLY_BYTES;
use crate::model::{CallErrorKind, ReplyEvent};

#[tokio::test]
async fn of_an_endless_error_only_the_beginning_is_read() {
    let upstream = Upstream::start().await;
    let client = upstream.client();
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection.send("HTTP/1.1 500 Oops\r\ntransfer-encoding: chunked\r\n\r\n").await;
        connection.send_until_closed(&chunk(&"ä ".repeat(1000))).await;
    };
    let (reply, ()) = join!(call(&client), server);
    let expected = format!("upstream answered 500: {}…", "ä ".repeat(150));
    assert_eq!(reply.unwrap_err().to_string(), expected);
}

#[tokio::test]
async fn a_reply_over_the_limit_is_given_up() {
    let upstream = Upstream::start().await;
    let client = upstream.client();
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection.send(EVENT_STREAM).await;
        connection.send_until_closed(&chunk(&": comment\n".repeat(10_000))).await;
    };
    let (reply, ()) = join!(call(&client), server);
    assert_eq!(reply.unwrap_err().kind, CallErrorKind::TooLarge { what: "a reply", limit: MAX_REPLY_BYTES });
}

#[tokio::test]
async fn dropping_a_call_closes_its_connection() {
    let upstream = Upstream::start().await;
    let client = upstream.client();
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection
    };
    let connection = tokio::select! {
        connection = server => connection,
        _ = call(&client) => panic!("the call isn't answered"),
    };
    connection.closed().await;
}

#[tokio::test]
async fn dropping_a_reply_closes_its_connection() {
    let upstream = Upstream::start().await;
    let client = upstream.client();
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection.send(&format!("{EVENT_STREAM}{}", chunk(HELLO))).await;
        connection
    };
    let (mut reply, connection) = join!(begin(&client), server);
    assert!(reply.next().await.is_some_and(|event| event.is_ok()));
    drop(reply);
    connection.closed().await;
}

#[tokio::test]
async fn an_error_within_a_reply_closes_the_connection_before_the_stream_is_dropped() {
    let upstream = Upstream::start().await;
    let client = upstream.client();
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection.send(&format!("{EVENT_STREAM}{}", chunk("data: {\"error\":\"no\"}\n\n"))).await;
        connection
    };
    let (mut reply, connection) = join!(begin(&client), server);
    assert!(reply.next().await.is_some_and(|event| event.is_err()));
    assert!(reply.next().await.is_none());
    connection.closed().await;
}

#[tokio::test]
async fn a_connection_serves_the_next_call_after_a_complete_reply() {
    let upstream = Upstream::start().await;
    let client = upstream.client();
    let mut connection = {
        let server = async {
            let mut connection = upstream.accept().await;
            connection.request().await;
            connection.send(&format!("{EVENT_STREAM}{}", chunk(&format!("{HELLO}{END}")))).await;
            connection
        };
        let (mut reply, mut connection) = join!(begin(&client), server);
        while reply.next().await.unwrap().unwrap() != ReplyEvent::Finished {}
        // The body's end comes a little later than the reply's.
        let (end, ()) = join!(reply.next(), connection.send(LAST_CHUNK));
        assert!(end.is_none());
        connection
    };
    let server = async {
        connection.request().await;
        connection.send(&format!("{EVENT_STREAM}{}{LAST_CHUNK}", chunk(&format!("{HELLO}{END}")))).await;
    };
    assert_eq!(join!(call(&client), server).0, Ok(hello()));
}
