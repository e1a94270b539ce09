//! The client against a server on loopback: what is sent, what becomes of the answers, and when
//! connections close. What bodies mean is tested beside the decoder.

use futures_util::{StreamExt, TryStreamExt};
use tokio::join;

use self::upstream::{EVENT_STREAM, LAST_CHUNK, Upstream, chunk};
use super::*;
use crate::model::{
    CallError, CallErrorKind, Model, ModelRequest, ReplyEvent, ReplyStream, Role, StopReason, Thinking, Turn,
    Usage,
};

mod upstream;

const SECRET: &str = "sk-ant-very-secret-0123456789";

const HELLO: &str = "data: {\"type\":\"message_start\",\"message\":{\"model\":\"m\"}}\n\n\
    data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n";
const END: &str = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n\
    data: {\"type\":\"message_stop\"}\n\n";

fn request() -> ModelRequest {
    ModelRequest {
        model: "m".into(),
        max_tokens: 10,
        temperature: None,
        system: Vec::new(),
        turns: vec![Turn { role: Role::User, text: "Grüße".into() }],
        schema: None,
        thinking: Thinking::Unspecified,
        request_id: "run-1".into(),
    }
}

fn api_key() -> Credentials {
    Credentials::ApiKey(SECRET.into())
}

fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}content-length: {}\r\n\r\n{body}", body.len())
}

fn hello() -> Vec<ReplyEvent> {
    vec![
        ReplyEvent::Started {
            model: Some("m".into()),
            request_id: Some("req_head".into()),
            usage: Usage::default(),
        },
        ReplyEvent::Text("Hello".into()),
        ReplyEvent::Stopped { reason: StopReason::EndTurn, usage: Usage::default() },
        ReplyEvent::Finished,
    ]
}

/// The stream of a call that the upstream lets begin.
async fn begin(client: &AnthropicClient) -> ReplyStream {
    client.call(&request()).await.unwrap_or_else(|error| panic!("{error}"))
}

/// One call in full: the events of the reply, or the first error.
async fn call(client: &AnthropicClient) -> Result<Vec<ReplyEvent>, CallError> {
    client.call(&request()).await?.try_collect().await
}

/// What becomes of a call that is answered with these bytes.
async fn outcome(answer: &str) -> Result<Vec<ReplyEvent>, CallError> {
    let upstream = Upstream::start().await;
    let client = AnthropicClient::new(upstream.config(Some(api_key()))).unwrap();
    join!(call(&client), upstream.answer(answer)).0
}

async fn failure(answer: &str) -> CallError {
    outcome(answer).await.unwrap_err()
}

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
    assert_eq!(error.retry_after, Some(std::time::Duration::from_millis(1500)));
    assert_eq!(error.should_retry, Some(false));
    assert!(!error.is_retryable());
}

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
async fn a_connection_that_closes_without_an_answer_was_interrupted() {
    let error = failure("").await;
    assert_eq!(error.to_string(), "the connection broke off: connection closed before message completed");
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

#[tokio::test]
async fn no_error_and_no_debug_text_holds_the_secret() {
    let quoting = format!(
        r#"{{"error":{{"type":"e {SECRET}","message":"bad key {SECRET}"}},"request_id":"{SECRET}"}}"#
    );
    let event = format!("data: {quoting}\n\n");
    for answer in [
        answer("401 Unauthorized\r\n", &quoting),
        answer("401 Unauthorized\r\n", &format!("bad key {SECRET}")),
        answer(&format!("401 Unauthorized\r\nrequest-id: {SECRET}\r\n"), ""),
        answer("200 OK\r\ncontent-type: text/event-stream\r\n", &event),
        answer("200 OK\r\ncontent-type: application/json\r\n", &quoting),
        answer(&format!("200 OK\r\ncontent-type: {SECRET}\r\n"), ""),
    ] {
        let error = failure(&answer).await;
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    }
    let mut config = Upstream::start().await.config(Some(api_key()));
    let client = AnthropicClient::new(config.clone()).unwrap();
    config.base_url.set_password(Some(SECRET)).unwrap();
    assert!(!format!("{client:?} {config:?}").contains(SECRET), "{client:?} {config:?}");
}

#[tokio::test]
async fn what_a_header_cannot_carry_is_refused_without_quoting_it() {
    let upstream = Upstream::start().await;
    for secret in ["", " ", "two\nlines-of-secret", "secret\u{0}"] {
        for (credentials, what) in [
            (Credentials::ApiKey(secret.into()), "API key"),
            (Credentials::AuthToken(secret.into()), "auth token"),
        ] {
            let error = AnthropicClient::new(upstream.config(Some(credentials))).unwrap_err();
            assert_eq!(error, ClientError::Header { what });
        }
    }
    let config = ClientConfig { api_version: String::new(), ..upstream.config(None) };
    assert_eq!(AnthropicClient::new(config).unwrap_err(), ClientError::Header { what: "API version" });
}
