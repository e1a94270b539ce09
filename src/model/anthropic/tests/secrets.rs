//! What is secret stays out of every text.

use super::upstream::Upstream;
use super::{SECRET, answer, api_key, failure};
use crate::model::anthropic::{AnthropicClient, ClientConfig, ClientError, Credentials};

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
