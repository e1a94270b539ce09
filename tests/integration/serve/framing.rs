//! Requests whose end two readers could see in different places: no proxy's client can have a second
//! request answered in another's name.

use crate::support::{Request, Served, Upstream, chat, question, token};

/// What must never be answered.
const SMUGGLED: &str = "GET /v1/models HTTP/1.1\r\nHost: x\r\nX-Request-ID: smuggled\r\n\r\n";

fn post(served_headers: &[&str], body: &str) -> String {
    let mut head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".to_owned();
    for header in served_headers {
        head.push_str(&format!("{header}\r\n"));
    }
    format!("{head}Authorization: Bearer {}\r\n\r\n{body}", token())
}

/// Sends it; the server must answer once, with one of these statuses, and close.
#[track_caller]
fn is_answered_once(served: &Served, bytes: &str, statuses: &[u16]) {
    let mut client = served.connect();
    client.send(bytes);
    let response = client.response();
    assert!(statuses.contains(&response.status), "{response:?} to {bytes}");
    response.has_common_headers();
    client.is_closed();
}

#[test]
fn a_request_of_two_lengths_is_the_last_of_its_connection() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[]);
    let chunked_end = format!("0\r\n\r\n{SMUGGLED}");
    let length = format!("Content-Length: {}", chunked_end.len());
    for headers in
        [[length.as_str(), "Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", length.as_str()]]
    {
        is_answered_once(&served, &post(&headers, &chunked_end), &[400]);
    }
    served.log().wait_for("Response sent");
    assert!(!served.log().text().contains("smuggled"), "{}", served.log().text());
    assert!(upstream.calls().is_empty());
}

#[test]
fn an_answer_to_a_body_that_was_not_read_says_that_it_is_the_last() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[("MAX_REQUEST_BODY_SIZE", "65536")]);
    let piece = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
    let forged = post(&["Content-Length: 60000"], "").replace(token(), "forged");
    for (request, status) in [
        (post(&["Content-Length: 70000"], ""), 413),
        (post(&["Transfer-Encoding: chunked"], &piece.repeat(9)), 413),
        (forged, 403),
    ] {
        let mut client = served.connect();
        client.send(&request);
        let response = client.response();
        assert_eq!((response.status, response.header("connection")), (status, Some("close")), "{response:?}");
        client.is_closed();
    }
    // One that has come with its head costs nobody the connection.
    let mut client = served.connect();
    for _ in 0..2 {
        client.send(post(&["Content-Length: 2"], "{}").replace(token(), "forged"));
        let response = client.response();
        assert_eq!((response.status, response.header("connection")), (403, None));
    }
    assert_eq!(client.ask(&chat(false)).header("connection"), None);
}

#[test]
fn lengths_that_cannot_be_relied_upon_are_refused() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[]);
    for headers in [
        &["Content-Length: 0", "Content-Length: 4"][..],
        &["Content-Length: 4, 5"],
        &["Content-Length: +4"],
        &["Content-Length: -1"],
        &["Content-Length: 0x4"],
        &["Content-Length: 99999999999999999999"],
        &["Content-Length: "],
        &["Transfer-Encoding: gzip"],
        &["Transfer-Encoding: chunked, gzip"],
        &["Transfer-Encoding: xchunked"],
        &["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        &["Transfer-Encoding: identity"],
        &["Transfer-Encoding: \"chunked\""],
        &["Transfer-Encoding: chunked;q=1"],
        &["Transfer-Encoding: chunked\r\n , gzip"],
        &["Transfer-Encoding : chunked", "Content-Length: 4"],
        &[" Transfer-Encoding: chunked", "Content-Length: 4"],
        &["Transfer-Encoding: \u{b}chunked", "Content-Length: 4"],
        &["Transfer-Encoding\0: chunked", "Content-Length: 4"],
        &["X: y\rTransfer-Encoding: chunked", "Content-Length: 4"],
        &["Content-Length: 4\0"],
        &["Content-Length: 4 4"],
        &["Content-Length:\r\n 4"],
        &["Content-Length: \u{664}"],
    ] {
        is_answered_once(&served, &post(headers, SMUGGLED), &[400]);
    }
    // HTTP/1.0 has no chunks.
    let chunked = post(&["Transfer-Encoding: chunked"], &format!("0\r\n\r\n{SMUGGLED}"));
    is_answered_once(&served, &chunked.replacen("HTTP/1.1", "HTTP/1.0", 1), &[400]);
    assert!(!served.log().text().contains("smuggled"));
}

#[test]
fn of_chunks_and_a_length_the_chunks_count_and_nothing_comes_after_them() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[]);
    let body = question("Say hello to the world", false).to_string();
    let chunks = format!("{:x};name=value\r\n{body}\r\n0\r\nX-Trailer: y\r\n\r\n{SMUGGLED}", body.len());
    let length = format!("Content-Length: {}", chunks.len());
    // A line feed alone ends a line too, here as in nginx.
    let after_line_feed = "X: y\nTransfer-Encoding: chunked";
    for headers in [
        [length.as_str(), "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", &length],
        [length.as_str(), "tRANSFER-eNCODING:\tChunked"],
        [length.as_str(), after_line_feed],
    ] {
        is_answered_once(&served, &post(&headers, &chunks), &[200]);
    }
    served.log().wait_for_count("Response sent", 4);
    assert!(!served.log().text().contains("smuggled"), "{}", served.log().text());
}

#[test]
fn a_body_that_nobody_reads_is_not_taken_for_a_request() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[]);
    let length = format!("Content-Length: {}", SMUGGLED.len());
    let next = "GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: next\r\nConnection: close\r\n\r\n";
    for line in ["GET /health", "GET /nowhere", "DELETE /v1/models", "POST /v1/chat/completions"] {
        let mut client = served.connect();
        client.send(format!("{line} HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n{SMUGGLED}{next}"));
        client.response().has_common_headers();
        // It may go on with the connection or not.
        if let Some(response) = client.response_if_any() {
            assert_eq!(response.header("x-request-id"), Some("next"), "{line}");
        }
    }
    assert!(!served.log().text().contains("smuggled"), "{}", served.log().text());
}

#[test]
fn chunks_that_cannot_be_read_end_the_connection() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[]);
    let extension = format!("1;{}\r\n \r\n0\r\n\r\n", "x".repeat(20_000));
    let trailer = format!("0\r\nX: {}\r\n\r\n", "x".repeat(70_000));
    let trailers = format!("0\r\n{}\r\n", "X: y\r\n".repeat(101));
    for body in [
        "zz\r\n",
        "-1\r\n",
        "+1\r\n",
        "0x1\r\n",
        " 1\r\n",
        "1 1\r\n",
        "1\n \r\n0\r\n\r\n",
        "1;x\n \r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n",
        "3\r\nabcX\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "0\r\nno colon\r\n\r\n",
        "\r\n",
        &extension,
        &trailer,
        &trailers,
    ] {
        is_answered_once(
            &served,
            &post(&["Transfer-Encoding: chunked"], &format!("{body}{SMUGGLED}")),
            &[400],
        );
    }
    assert!(!served.log().text().contains("smuggled"));
    assert!(upstream.calls().is_empty());
}

#[test]
fn requests_of_one_connection_are_answered_one_after_the_other_in_their_order() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[]);
    let mut client = served.connect();
    let mut all = Vec::new();
    for id in ["a", "b", "c"] {
        all.extend(chat(id != "b").header("X-Request-ID", id).bytes());
    }
    all.extend(Request::get("/health").header("X-Request-ID", "d").header("Connection", "close").bytes());
    client.send(&all);
    for id in ["a", "b", "c"] {
        let response = client.response();
        assert_eq!(response.header("x-request-id"), Some(id));
        assert!(!response.answer().is_empty());
    }
    assert_eq!(client.response().header("x-request-id"), Some("d"));
    client.is_closed();
    let order: Vec<_> = upstream.calls().into_iter().filter_map(|call| call.x_request_id).collect();
    assert_eq!(order, ["a", "a", "a", "b", "b", "b", "c", "c", "c"], "none is begun before its turn");
}
