//! When connections are closed, and what ends a call.

use std::time::Duration;

use tokio::join;
use tokio::time::{Instant, pause, resume};

use super::*;
use crate::model::anthropic::connection::pool::IDLE_CONNECTION;

const LONG: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";

fn is_in_time(passed: Duration) -> bool {
    // The tests' own work takes time, and the timer rounds.
    let second = Duration::from_secs(1);
    passed + second > IDLE_CONNECTION && passed < IDLE_CONNECTION + second
}

/// Connections of which two are kept, and the upstream's ends of them.
async fn with_two_kept(upstream: &Upstream) -> (Connections, [Connection; 2]) {
    let connections = connections(upstream);
    let server = async {
        let (mut first, mut second) = (upstream.accept().await, upstream.accept().await);
        join!(answers(&mut first, "one"), answers(&mut second, "one"));
        [first, second]
    };
    let calls = async { join!(call(&connections, upstream), call(&connections, upstream)) };
    let (_, ends) = join!(calls, server);
    (connections, ends)
}

#[tokio::test]
async fn idle_connections_are_closed_in_time_though_nobody_calls() {
    let upstream = Upstream::start().await;
    let (connections, [first, second]) = with_two_kept(&upstream).await;
    pause();
    let began = Instant::now();
    join!(first.closed(), second.closed());
    let passed = began.elapsed();
    assert!(is_in_time(passed), "{passed:?}");
    // And once more, since what closes them has ended meanwhile.
    resume();
    let server = async {
        let mut third = upstream.accept().await;
        answers(&mut third, "three").await;
        third
    };
    let (_, third) = join!(call(&connections, &upstream), server);
    pause();
    let again = Instant::now();
    third.closed().await;
    let passed = again.elapsed();
    assert!(is_in_time(passed), "{passed:?}");
}

#[tokio::test]
async fn dropping_the_connections_closes_those_that_are_kept() {
    let upstream = Upstream::start().await;
    let (connections, [first, second]) = with_two_kept(&upstream).await;
    pause();
    let began = Instant::now();
    drop(connections);
    join!(first.closed(), second.closed());
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a_body_outlives_the_connections_it_came_from() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let server = async {
        let mut connection = upstream.accept().await;
        answers(&mut connection, "one").await;
        connection
    };
    let (response, connection) = join!(connections.exchange(request(&upstream.origin())), server);
    drop(connections);
    assert_eq!(body(response.unwrap()).await, "one");
    connection.closed().await;
}

#[tokio::test]
async fn dropping_a_call_before_its_answer_closes_its_connection() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection
    };
    let connection = tokio::select! {
        connection = server => connection,
        _ = connections.exchange(request(&upstream.origin())) => panic!("it isn't answered"),
    };
    connection.closed().await;
}

#[tokio::test]
async fn dropping_a_body_before_its_end_closes_its_connection() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let server = async {
        let mut connection = upstream.accept().await;
        serve(&mut connection, &format!("{LONG}abc")).await;
        connection
    };
    let (response, connection) = join!(connections.exchange(request(&upstream.origin())), server);
    let mut response = response.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap(), "abc");
    drop(response);
    connection.closed().await;
    assert!(!connections.pool.has_any());
}

#[tokio::test]
async fn a_time_ends_a_call_without_an_answer() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let mut request = request(&upstream.origin());
    *request.timeout_mut() = Some(Duration::from_secs(3));
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        pause();
        connection
    };
    let (answer, connection) = join!(connections.exchange(request), server);
    assert_eq!(answer.unwrap_err(), NoAnswer::Interrupted("operation timed out".into()));
    connection.closed().await;
}

#[tokio::test]
async fn a_time_ends_a_body_that_goes_on() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let mut request = request(&upstream.origin());
    *request.timeout_mut() = Some(Duration::from_secs(3));
    let server = async {
        let mut connection = upstream.accept().await;
        serve(&mut connection, &format!("{LONG}abc")).await;
        connection
    };
    let (response, connection) = join!(connections.exchange(request), server);
    let mut response = response.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap(), "abc");
    pause();
    let error = response.chunk().await.unwrap_err();
    assert_eq!(super::super::super::transport_error::innermost_cause(error), "operation timed out");
    connection.closed().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_and_its_connection_is_gone() {
    let upstream = Upstream::start().await;
    let connections = connections(&upstream);
    let server = async {
        let mut connection = upstream.accept().await;
        serve(&mut connection, &format!("{LONG}abc")).await;
        connection.close().await;
    };
    let (response, ()) = join!(connections.exchange(request(&upstream.origin())), server);
    let mut response = response.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap(), "abc");
    assert!(response.chunk().await.is_err());
    assert!(response.chunk().await.unwrap().is_none());
    assert!(!connections.pool.has_any());
}
