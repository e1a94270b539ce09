//! Clients that send what they shouldn't: each gets an answer that it can read, in the form of all others.

use std::thread;

use crate::support::{Leaving, Request, Response, Served, Upstream, chat, models, token};

/// The most bytes of a body in these tests.
const MAX_BODY: (&str, &str) = ("MAX_REQUEST_BODY_SIZE", "4096");

fn served() -> (Upstream, Served) {
    let upstream = Upstream::good();
    let served = upstream.serve(&[MAX_BODY]);
    (upstream, served)
}

/// What the server answers to those bytes. It must close the connection after it.
#[track_caller]
fn last_answer_to(served: &Served, bytes: impl AsRef<[u8]>) -> Response {
    let mut client = served.connect();
    client.send(bytes);
    let response = client.response();
    client.is_closed();
    response
}

/// A POST that announces a body of that size.
fn announcing(size: usize) -> Request {
    Request::post("/v1/chat/completions")
        .by(token())
        .header("Content-Type", "application/json")
        .header("Content-Length", &size.to_string())
}

#[test]
fn what_is_not_http_is_refused_as_malformed() {
    let (_upstream, served) = served();
    for bytes in [
        "hello\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\u{7f}\x03\x03",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        "GET /a b HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : spaced\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
        "GET / HTTP/1.1\r\nX: \0\r\n\r\n",
    ] {
        let response = last_answer_to(&served, bytes);
        response.is_error(400, "malformed_request");
        let id = response.header("x-request-id").unwrap();
        assert_eq!(served.log().wait_for_request("Request refused", id)["status_code"], 400);
    }
    assert_eq!(served.get("/health").status, 200);
}

#[test]
fn a_head_that_is_too_large_is_refused_in_each_of_its_parts() {
    let (_upstream, served) = served();
    let long = "x".repeat(1_000_000);
    let fields = |count: usize| "X-Many: y\r\n".repeat(count);
    for head in [
        format!("GET / HTTP/1.1\r\nX-Long: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", fields(100)),
        format!("GET /{long} HTTP/1.1\r\n\r\n"),
        // One that ends soon after the limit may have been read to its end before it is refused.
        format!("GET /{} HTTP/1.1\r\n\r\n", &long[..70_000]),
        format!("GET /{} HTTP/1.1\r\n\r\n", &long[..65_530]),
    ] {
        last_answer_to(&served, head).is_error(431, "headers_too_large");
    }

    // What fits is read: as many fields, or nearly as many bytes.
    for head in [fields(99), format!("X-Long: {}\r\n", &long[..64_000])] {
        let mut client = served.connect();
        client.send(format!("GET /health HTTP/1.1\r\nHost: x\r\n{head}\r\n"));
        assert_eq!(client.response().status, 200);
    }
}

#[test]
fn a_request_of_http_1_1_names_one_host() {
    let (_upstream, served) = served();
    for hosts in ["", "Host: a\r\nHost: b\r\n", "Host: a\r\nHost: a\r\n"] {
        for target in ["/v1/models", "http://elsewhere.test/v1/models"] {
            let mut client = served.connect();
            client.send(format!("GET {target} HTTP/1.1\r\n{hosts}\r\n"));
            let refused = client.response();
            refused.is_error(400, "malformed_request");
            let id = refused.header("x-request-id").unwrap();
            assert_eq!(served.log().wait_for_end_of(id)["status_code"], 400);
        }
    }
    let mut client = served.connect();
    client.send("GET /health HTTP/1.0\r\n\r\n");
    assert_eq!(client.response().status, 200, "an older client needn't");
}

#[test]
fn security_headers_can_be_switched_off_for_refusals_too() {
    let served = Upstream::good().serve(&[("ENABLE_SECURITY_HEADERS", "false")]);
    for response in [last_answer_to(&served, "hello\r\n\r\n"), served.get("/health")] {
        assert_eq!(response.header("x-frame-options"), None);
        assert!(response.header("x-request-id").is_some());
    }
}

#[test]
fn a_client_of_http_1_0_gets_a_response_that_ends_with_the_connection() {
    let (_upstream, served) = served();
    for stream in [false, true] {
        let request = String::from_utf8(chat(stream).bytes()).unwrap().replace("HTTP/1.1", "HTTP/1.0");
        let response = last_answer_to(&served, request);
        assert_eq!(response.header("transfer-encoding"), None);
        assert!(!response.answer().is_empty());
    }
}

#[test]
fn a_body_over_the_limit_is_refused_by_its_announcement_and_by_its_bytes() {
    let (upstream, served) = served();
    let announced = served.ask(&announcing(4097));
    announced.is_error(413, "request_too_large");
    let detail = "Request body too large. Maximum size: 4096 bytes, received: 4097 bytes";
    assert_eq!(announced.json()["detail"], detail);

    let longest = "Host: x\r\nContent-Length: 18446744073709551615\r\n";
    let longest = last_answer_to(&served, format!("POST /v1/chat/completions HTTP/1.1\r\n{longest}\r\n"));
    longest.is_error(413, "request_too_large");

    let anonymous = Request::post("/v1/chat/completions").header("Content-Length", "4097");
    served.ask(&anonymous).is_error(413, "request_too_large");

    let mut client = served.connect();
    let chunked = Request::post("/v1/chat/completions")
        .by(token())
        .header("Content-Type", "application/json")
        .header("Transfer-Encoding", "chunked");
    client.send(chunked.bytes());
    client.send(format!("1000\r\n{}\r\n1\r\n \r\n", " ".repeat(4096)));
    let counted = client.response();
    counted.is_error(413, "request_too_large");
    assert_eq!(counted.json()["detail"], detail);
    client.is_closed();

    // A chunk may announce what it likes.
    let mut client = served.connect();
    client.send(chunked.bytes());
    client.send(format!("7fffffffffffffff\r\n{}", " ".repeat(4097)));
    client.response().is_error(413, "request_too_large");
    client.is_closed();
    assert!(upstream.calls().is_empty());
}

#[test]
fn a_refusal_can_be_read_by_a_client_that_sends_all_of_its_body_first() {
    let (_upstream, served) = served();
    let size = 12 * 1024 * 1024;
    let mut client = served.connect();
    client.send(announcing(size).bytes());
    client.send(vec![b' '; size]);
    client.response().is_error(413, "request_too_large");
    client.is_closed();
}

#[test]
fn a_refusal_can_be_read_while_a_body_without_end_is_still_being_sent() {
    let (_upstream, served) = served();
    let mut client = served.connect();
    client.send(announcing(1 << 40).bytes());
    let mut sender = client.sender();
    let sending = thread::spawn(move || {
        let piece = vec![b' '; 64 * 1024];
        while sender.try_send(&piece).is_ok() {}
    });
    client.response().is_error(413, "request_too_large");
    sending.join().expect("the server lets go of it");
}

#[test]
fn a_client_that_asks_before_it_sends_a_body_is_told_whether_to() {
    let (_upstream, served) = served();
    let mut client = served.connect();
    client.send(announcing(5000).header("Expect", "100-continue").bytes());
    client.response().is_error(413, "request_too_large");

    let whole = chat(false).header("Expect", "100-continue").bytes();
    let head = whole.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let mut client = served.connect();
    client.send(&whole[..head]);
    assert_eq!(client.head().status, 100);
    client.send(&whole[head..]);
    assert!(!client.response().answer().is_empty());
}

#[test]
fn a_body_that_is_announced_and_never_sent_costs_nothing() {
    let (upstream, served) = served();
    for leaving in [Leaving::Fin, Leaving::Rst] {
        let id = format!("{leaving:?}");
        let mut client = served.connect();
        client.send(announcing(4000).header("X-Request-ID", &id).bytes());
        client.send("{");
        assert_eq!(served.ask(&models()).status, 200, "others are served meanwhile");
        // Whether the connection or the body is found broken first is up to chance.
        if let Some(mut listener) = client.leave(leaving)
            && let Some(response) = listener.response_if_any()
        {
            response.is_error(400, "incomplete_body");
            listener.says_no_more();
        }
        let end = served.log().wait_for_end_of(&id);
        assert!(matches!(end["status_code"].as_u64(), None | Some(400)), "{end}");
    }
    assert!(upstream.calls().is_empty());
    assert!(served.log().entries("Chat completion request cancelled").is_empty(), "it never was one");
}
