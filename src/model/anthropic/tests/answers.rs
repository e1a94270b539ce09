//! What is sent, and what becomes of each kind of answer.

use std::time::Duration;

use tokio::join;

use super::upstream::{EVENT_STREAM, LAST_CHUNK, Upstream, chunk};
use super::{END, HELLO, SECRET, answer, api_key, call, failure, hello, outcome, request};
use crate::model::anthropic::{AnthropicClient, Credentials};
use crate::model::{CallErrorKind, Model};

#[tokio::test]
async fn a_call_is_one_post_with_the_documented_headers() {
    let upstream = Upstream::start().await;
    let client = AnthropicClient::new(upstream.config(Some(api_key()))).unwrap();
    let reply = format!("{EVENT_STREAM}{}{LAST_CHUNK}", chunk(&format!("{HELLO}{END}")));
    let (events, request) = join!(call(&client), upstream.answer(&reply));
    assert_eq!(events, Ok(hello()));
    insta::assert_snapshot!(request.head.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @"
    POST /v1/messages HTTP/1.1
    accept: text/event-stream
    anthropic-version: 2023-06-01
    content-type: application/json
    user-agent: promptchain/VERSION
    x-api-key: sk-ant-very-secret-0123456789
    x-request-id: run-1
    ");
    insta::assert_snapshot!(request.body, @r#"{"model":"m","max_tokens":10,"messages":[{"role":"user","content":"Grüße"}],"stream":true}"#);
}

#[tokio::test]
async fn a_token_is_sent_as_bearer_and_no_credentials_as_none() {
    for (credentials, expected) in [
        (Some(Credentials::AuthToken(SECRET.into())), vec![format!("authorization: Bearer {SECRET}")]),
        (None, vec![]),
    ] {
        let upstream = Upstream::start().await;
        let client = AnthropicClient::new(upstream.config(credentials)).unwrap();
        let (_, request) = join!(call(&client), upstream.answer(EVENT_STREAM));
        let proofs = request
            .head
            .lines()
            .filter(|line| line.starts_with("authorization") || line.starts_with("x-api-key"));
        assert_eq!(proofs.collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn the_content_type_decides_how_the_reply_is_read() {
    let message = r#"{"model":"m","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn"}"#;
    let stream = format!("{HELLO}{END}");
    for (content_type, body) in [
        ("content-type: text/event-stream\r\n", stream.as_str()),
        ("content-type: Text/Event-Stream; charset=utf-8\r\n", &stream),
        ("", &stream),
        ("content-type: application/json\r\n", message),
        ("content-type: application/json; charset=utf-8\r\n", message),
    ] {
        let reply =
            outcome(&answer(&format!("200 OK\r\nrequest-id: req_head\r\n{content_type}"), body)).await;
        assert_eq!(reply, Ok(hello()), "{content_type}");
    }
    let error = failure(&answer("200 OK\r\nrequest-id: req_1\r\ncontent-type: text/html\r\n", &stream)).await;
    assert_eq!(error.kind, CallErrorKind::Malformed("the content type is text/html".into()));
    assert_eq!(error.request_id.as_deref(), Some("req_1"));
}

#[tokio::test]
async fn a_reply_in_an_encoding_that_nobody_asked_for_is_refused_by_its_head() {
    let stream = format!("{HELLO}{END}");
    for plain in ["identity", "Identity, identity", ""] {
        let head = format!("200 OK\r\nrequest-id: req_head\r\ncontent-encoding: {plain}\r\n");
        assert_eq!(outcome(&answer(&head, &stream)).await, Ok(hello()), "{plain}");
    }
    for (head, encoding) in [
        ("content-encoding: gzip\r\n", "gzip"),
        ("content-type: text/event-stream\r\ncontent-encoding: BR\r\n", "BR"),
        ("content-encoding: identity\r\ncontent-encoding: zstd\r\n", "identity, zstd"),
    ] {
        let error = failure(&answer(&format!("200 OK\r\nrequest-id: req_1\r\n{head}"), "\u{1f}...")).await;
        let expected = format!("the content encoding is {encoding}, which wasn't asked for");
        assert_eq!(error.kind, CallErrorKind::Malformed(expected));
        assert_eq!((error.request_id.as_deref(), error.is_retryable()), (Some("req_1"), false));
    }
    let unwell = failure(&answer("503 Busy\r\ncontent-encoding: gzip\r\n", "noise")).await;
    assert_eq!(unwell.to_string(), "upstream answered 503: Service Unavailable");
    assert!(unwell.is_retryable());
}

#[tokio::test]
async fn what_has_no_content_type_and_is_no_event_stream_is_not_asked_for_again() {
    for (answered, expected) in [
        (answer("200 OK\r\n", "<html>hi</html>"), "there is no content type, and no event in what came"),
        (answer("200 OK\r\n", "{\"content\":[]}"), "there is no content type, and no event in what came"),
        (answer("200 OK\r\n", ""), "there is no content type, and no event in what came"),
        ("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), "the answer has no content (204)"),
    ] {
        let error = failure(&answered).await;
        assert_eq!(error.kind, CallErrorKind::Malformed(expected.to_owned()), "{answered}");
        assert!(!error.is_retryable());
    }
    let cut = failure(&answer("200 OK\r\ncontent-type: text/event-stream\r\n", "")).await;
    assert_eq!(
        cut.kind,
        CallErrorKind::Truncated,
        "of a stream that has said what it is, only the rest is missing"
    );
}

#[tokio::test]
async fn an_http_error_says_what_the_upstream_said() {
    let api_error = r#"{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"},"request_id":"req_body"}"#;
    for (head, body, expected) in [
        ("429 Too Many Requests\r\n", api_error, "429 rate_limit_error: Slow down | req_body"),
        (
            "529 Overloaded\r\nrequest-id: req_head\r\n",
            api_error,
            "529 rate_limit_error: Slow down | req_head",
        ),
        ("404 Not Found\r\n", r#"{"error":"no such model"}"#, "404: no such model | -"),
        ("502 Bad Gateway\r\n", "<html>\r\n\t<h1>502\u{7}</h1>", "502: <html> <h1>502 </h1> | -"),
        ("503 Service Unavailable\r\n", "", "503: Service Unavailable | -"),
        (
            "307 Temporary Redirect\r\nlocation: /other\r\n",
            "",
            "307: Temporary Redirect; redirects aren't followed | -",
        ),
        ("401 Unauthorized\r\n", r#"{"error":{"type":7,"message":"no"}}"#, "401: no | -"),
    ] {
        let error = failure(&answer(head, body)).await;
        let said = format!("{error} | {}", error.request_id.as_deref().unwrap_or("-"));
        assert_eq!(said, format!("upstream answered {expected}"));
    }
}

#[tokio::test]
async fn an_http_error_keeps_what_the_upstream_says_about_retrying() {
    let head = "529 Overloaded\r\nretry-after-ms: 1500\r\nretry-after: 9\r\nx-should-retry: false\r\n";
    let error = failure(&answer(head, "")).await;
    assert_eq!(error.retry_after, Some(Duration::from_millis(1500)));
    assert_eq!(error.should_retry, Some(false));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_reply_is_told_from_one_that_ends_early() {
    let half = format!("{EVENT_STREAM}{}", chunk(HELLO));
    let broken = failure(&half).await;
    assert!(matches!(broken.kind, CallErrorKind::Interrupted(_)), "{broken}");
    assert_eq!(broken.request_id.as_deref(), Some("req_head"));
    let ended = failure(&format!("{half}{LAST_CHUNK}")).await;
    assert_eq!(ended.kind, CallErrorKind::Truncated);
    assert_eq!(ended.request_id.as_deref(), Some("req_head"));
}

#[tokio::test]
async fn a_count_that_is_not_answered_in_time_was_timed_out_even_if_something_came() {
    for begun in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        let upstream = Upstream::start().await;
        let client = upstream.client();
        let server = async {
            let mut connection = upstream.accept().await;
            connection.request().await;
            connection.send(begun).await;
            // From here on time passes as soon as nothing else does.
            tokio::time::pause();
            std::future::pending::<()>().await;
        };
        let asked = request();
        let error = tokio::select! {
            counted = client.count_tokens(&asked) => counted.unwrap_err(),
            () = server => unreachable!("it waits"),
        };
        tokio::time::resume();
        assert_eq!(error.to_string(), "there was no complete answer within 15s", "{begun}");
        assert!(error.is_retryable() && error.is_upstream_fault() && !error.is_certainly_unbilled());
    }
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_was_interrupted() {
    let error = failure("").await;
    assert_eq!(error.to_string(), "the connection broke off: connection closed before message completed");
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_said_to_be_none() {
    for head in ["HTTP/1.1 200 OK\r\nbad header\u{1}: x\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"] {
        let error = failure(head).await.to_string();
        assert!(
            error.starts_with("the connection broke off: its answer isn't HTTP (invalid HTTP "),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_refused_connection_names_the_upstream_and_the_reason() {
    let upstream = Upstream::start().await;
    let (client, origin) = (upstream.client(), upstream.origin());
    drop(upstream);
    let error = call(&client).await.unwrap_err();
    assert_eq!(client.upstream(), origin);
    assert_eq!(error.kind, CallErrorKind::Connect { upstream: origin, reason: "connection refused".into() });
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_a_failed_connection() {
    let upstream = Upstream::start().await;
    let mut config = upstream.config(None);
    config.base_url = url::Url::parse(&upstream.origin().replace("http:", "https:")).unwrap();
    let client = AnthropicClient::new(config).unwrap();
    let server = async { upstream.accept().await.send("HTTP/1.1 400 Bad Request\r\n\r\n").await };
    let error = join!(call(&client), server).0.unwrap_err();
    assert!(matches!(error.kind, CallErrorKind::Connect { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_accepts_but_never_speaks_tls_runs_into_the_connect_timeout() {
    let upstream = Upstream::start().await;
    let mut config = upstream.config(None);
    config.base_url = url::Url::parse(&upstream.origin().replace("http:", "https:")).unwrap();
    config.connect_timeout = Duration::from_millis(20);
    let client = AnthropicClient::new(config).unwrap();
    let (reply, _held_open) = join!(call(&client), upstream.accept());
    let reason = "no connection within 20ms".into();
    assert_eq!(
        reply.unwrap_err().kind,
        CallErrorKind::Connect { upstream: client.upstream().to_owned(), reason }
    );
}
