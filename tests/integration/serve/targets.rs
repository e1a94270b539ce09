//! Paths, targets and methods by which clients try to get at what isn't theirs, or out of HTTP/1.1.

use crate::support::{Connection, Request, Response, Served, Upstream, token};

fn served() -> Served {
    // Nobody here gets as far as the upstream.
    Upstream::good().serve(&[])
}

/// The head of a request, its first line as it is.
fn request(line: &str, headers: &[&str]) -> String {
    let headers = headers.iter().fold(String::new(), |head, header| head + header + "\r\n");
    format!("{line}\r\nHost: x\r\n{headers}\r\n")
}

#[track_caller]
fn answer_to(served: &Served, line: &str, headers: &[&str]) -> Response {
    let mut client = served.connect();
    client.send(request(line, headers));
    client.response()
}

/// Asserts that it is still a connection of HTTP/1.1, and nothing else.
#[track_caller]
fn goes_on(mut client: Connection) {
    let next = client.ask(&Request::get("/health").header("X-Request-ID", "next"));
    assert_eq!((next.status, next.header("x-request-id")), (200, Some("next")));
}

#[test]
fn no_way_to_write_a_path_leads_round_the_token() {
    let served = served();
    for target in [
        "/metrics?x=/health",
        "/metrics#/health",
        "http://elsewhere.test/metrics",
        "https://somebody@elsewhere.test:1/metrics",
        "/v1/models/../../metrics",
        "/v1/models/%2e%2e%2f%2e%2e%2fmetrics",
        "/v1/models/..;/metrics",
        "/v1/models//",
    ] {
        answer_to(&served, &format!("GET {target} HTTP/1.1"), &[]).is_error(401, "invalid_api_key");
        let authorization = format!("Authorization: Bearer {}", token());
        let known = answer_to(&served, &format!("GET {target} HTTP/1.1"), &[&authorization]);
        let is_metrics = known.status == 200 && known.text().contains("# TYPE");
        assert!(
            is_metrics || known.status == 404,
            "a model's name is nothing but a name: {target} {known:?}"
        );
    }
}

#[test]
fn a_path_is_what_it_is_and_nothing_that_it_could_be_read_as() {
    let served = served();
    for path in [
        "//metrics",
        "/./metrics",
        "/v1/../metrics",
        "/health/../metrics",
        "/docs/../metrics",
        "/assets/../metrics",
        "/assets/..%2fmetrics",
        "/%2e%2e/metrics",
        "/%2Fmetrics",
        "/%6detrics",
        "/metrics/",
        "/metrics.",
        "/metrics;x=y",
        "/metrics%00",
        "/metrics%20",
        "/metrics%0d%0aX:%20y",
        "/METRICS",
        "/V1/models",
        "//v1/models",
        "/v1//models",
        "/v1%2Fmodels",
        "/v1/chat/completions/",
        "/..",
        "*",
    ] {
        answer_to(&served, &format!("GET {path} HTTP/1.1"), &[]).is_error(404, "not_found");
    }
    for path in ["/metrics\0", "/metrics\t", "/metrics\u{7f}"] {
        answer_to(&served, &format!("GET {path} HTTP/1.1"), &[]).is_error(400, "malformed_request");
    }
    let long = answer_to(&served, &format!("GET /{} HTTP/1.1", "a/".repeat(30_000)), &[]);
    assert!(long.is_error(404, "not_found").body.len() < 1000, "it isn't sent back: {long:?}");
}

#[test]
fn a_method_that_is_not_a_routes_own_is_refused_and_opens_no_tunnel() {
    let served = served();
    let long = "X".repeat(10_000);
    for method in ["TRACE", "CONNECT", "PROPFIND", "BREW", "get", "GETGET", long.as_str()] {
        let mut client = served.connect();
        client.send(request(&format!("{method} /health HTTP/1.1"), &["X-Canary: mirrored"]));
        let refusal = client.response();
        refusal.is_error(405, "method_not_allowed");
        assert_eq!(refusal.header("allow"), Some("GET,HEAD"), "{method}");
        assert!(!refusal.text().contains("mirrored") && refusal.body.len() < 1000, "{refusal:?}");
        goes_on(client);
    }
    let mut client = served.connect();
    client.send(request("CONNECT elsewhere.test:443 HTTP/1.1", &[]));
    client.response().is_error(404, "not_found");
    goes_on(client);
    answer_to(&served, " /health HTTP/1.1", &[]).is_error(400, "malformed_request");
}

#[test]
fn nobody_gets_out_of_http_1_1() {
    let served = served();
    for headers in [
        &["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"][..],
        &[
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ],
        &["Connection: Upgrade", "Upgrade: TLS/1.0"],
    ] {
        let mut client = served.connect();
        client.send(request("GET /health HTTP/1.1", headers));
        let response = client.response();
        assert_eq!((response.status, response.header("upgrade")), (200, None));
        goes_on(client);
    }
}

#[test]
fn an_id_that_could_not_stand_in_a_line_is_replaced() {
    let served = served();
    let too_long = [b'x'; 129];
    for id in [&b"a b"[..], b"a\tb", b"\xff\xfe", "\u{e9}".as_bytes(), "\u{202e}".as_bytes(), &too_long, b""]
    {
        let mut client = served.connect();
        client.send([b"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: ", id, b"\r\n\r\n"].concat());
        let response = client.response();
        let given = response.header("x-request-id").unwrap();
        assert!(response.status == 200 && given.starts_with("req_") && given.len() == 36, "{given}");
    }
    for id in ["a\u{1b}[2Jb", "a\0", "a\rb", "a\u{7f}"] {
        let refused = answer_to(&served, "GET /health HTTP/1.1", &[&format!("X-Request-ID: {id}")]);
        refused.is_error(400, "malformed_request");
    }
    // What comes after a line's end is another header, and what isn't one ends it.
    let split = answer_to(&served, "GET /health HTTP/1.1", &["X-Request-ID: a\r\nSet-Cookie: x"]);
    assert_eq!((split.header("x-request-id"), split.header("set-cookie")), (Some("a"), None));
}
