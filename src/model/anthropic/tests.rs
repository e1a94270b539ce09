//! The client against a server on loopback: what is sent, what becomes of the answers, and when
//! connections close. What bodies mean is tested beside the decoder.

use futures_util::TryStreamExt;
use tokio::join;

use self::upstream::Upstream;
use super::{AnthropicClient, Credentials};
use crate::model::{
    CallError, Model, ModelRequest, ReplyEvent, ReplyStream, Role, StopReason, Thinking, Turn, Usage,
};

mod answers;
mod batches;
mod connections;
mod hostile_batches;
mod recordings;
mod secrets;
pub(super) mod upstream;

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
            id: None,
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
    client.call(&request(), None).await.unwrap_or_else(|error| panic!("{error}"))
}

/// One call in full: the events of the reply, or the first error.
async fn call(client: &AnthropicClient) -> Result<Vec<ReplyEvent>, CallError> {
    client.call(&request(), None).await?.try_collect().await
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
