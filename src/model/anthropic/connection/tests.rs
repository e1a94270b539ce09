//! Connections against a server on loopback: which of them serve again, when they are closed, and which way they go.

use std::sync::Arc;

use reqwest::{Method, Request, Response};
use tokio::task::yield_now;
use url::Url;

use super::connector::Connector;
use super::{Connections, NoAnswer};
use crate::model::anthropic::ClientConfig;
use crate::model::anthropic::tests::upstream::{Connection, Upstream};

mod drives;
mod ends;
mod keeps;
mod ways;

fn connections(upstream: &Upstream) -> Connections {
    Connections::new(&upstream.config(None), true).unwrap()
}

/// A request to `upstream`.
fn request(upstream: &str) -> Request {
    let mut request =
        Request::new(Method::POST, Url::parse(upstream).unwrap().join("v1/messages?x=y").unwrap());
    *request.body_mut() = Some("hello".into());
    request
}

/// The body of the answer, read to its end.
async fn body(response: Response) -> String {
    response.text().await.unwrap()
}

/// One call, and the body of its answer.
async fn call(connections: &Connections, upstream: &Upstream) -> String {
    body(connections.exchange(request(&upstream.origin())).await.unwrap()).await
}

fn answer(text: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len())
}

/// Takes a request off `connection` and answers it with these bytes.
async fn serve(connection: &mut Connection, bytes: &str) {
    assert_eq!(connection.request().await.body, "hello");
    connection.send(bytes).await;
}

/// The same, with that body and nothing special.
async fn answers(connection: &mut Connection, text: &str) {
    serve(connection, &answer(text)).await;
}

/// Until what the upstream has done to a connection that is kept has been found out.
async fn until_none_is_kept(connections: &Connections) {
    while connections.pool.has_any() {
        yield_now().await;
    }
}
