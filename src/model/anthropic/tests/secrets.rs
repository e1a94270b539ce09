//! What is secret stays out of every text.

use tokio::join;

use super::upstream::Upstream;
use super::{SECRET, answer, api_key, call, failure, outcome, request};
use crate::model::anthropic::{AnthropicClient, ClientConfig, ClientError, Credentials};
use crate::model::{CallErrorKind, ReplyEvent, StopReason, Usage};

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
async fn an_answer_that_is_not_what_was_asked_for_is_not_quoted_with_the_secret() {
    let quoting = answer("200 OK\r\n", &format!(r#"{{"data":"{SECRET}","input_tokens":1}}"#));
    let upstream = Upstream::start().await;
    let client = AnthropicClient::new(upstream.config(Some(api_key()))).unwrap();
    let error = join!(client.list_models(), upstream.answer(&quoting)).0.unwrap_err();
    assert!(error.to_string().contains("[secret]"), "{error}");
    let quoting = answer("200 OK\r\n", &format!(r#""{SECRET}""#));
    let request = request();
    let error = join!(client.count_tokens(&request), upstream.answer(&quoting)).0.unwrap_err();
    assert!(error.to_string().contains("[secret]"), "{error}");
}

#[tokio::test]
async fn a_secret_in_capitals_is_found_in_a_content_type_too() {
    let secret = "sk-ant-Very-SECRET-0123456789";
    let upstream = Upstream::start().await;
    let config = upstream.config(Some(Credentials::ApiKey(secret.into())));
    let client = AnthropicClient::new(config).unwrap();
    let reply = answer(&format!("200 OK\r\ncontent-type: text/{secret}; a=b\r\n"), "");
    let error = join!(call(&client), upstream.answer(&reply)).0.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::Malformed("the content type is text/[secret]".into()));
}

#[tokio::test]
async fn what_a_reply_says_beside_its_text_is_fit_to_be_shown() {
    let long = "a".repeat(400);
    let body = [
        format!(r#"{{"type":"message_start","message":{{"id":"msg {SECRET}","model":"m\u001b {SECRET}"}}}}"#),
        format!(r#"{{"type":"content_block_delta","delta":{{"type":"text_delta","text":"{SECRET}\n"}}}}"#),
        format!(
            r#"{{"type":"message_delta","delta":{{"stop_reason":"refusal","stop_details":{{"category":"\u001b{SECRET}","explanation":"{SECRET}\n\u0007{long}"}}}}}}"#
        ),
        r#"{"type":"message_stop"}"#.to_owned(),
    ];
    let body = format!("data: {}\n\n", body.join("\n\ndata: "));
    let head = format!("200 OK\r\nrequest-id: {SECRET}\r\ncontent-type: text/event-stream\r\n");
    let events = outcome(&answer(&head, &body)).await.unwrap();
    let explanation = format!("[secret] {}…", "a".repeat(300 - "[secret] ".len()));
    let refusal = StopReason::Refusal { category: Some("[secret]".into()), explanation: Some(explanation) };
    assert_eq!(
        events,
        [
            ReplyEvent::Started {
                id: Some("msg [secret]".into()),
                model: Some("m [secret]".into()),
                request_id: Some("[secret]".into()),
                usage: Usage::default()
            },
            ReplyEvent::Text(format!("{SECRET}\n")),
            ReplyEvent::Stopped { reason: refusal, usage: Usage::default() },
            ReplyEvent::Finished,
        ]
    );
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
