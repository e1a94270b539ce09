//! A request, as a client makes it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use futures_util::{StreamExt as _, stream};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::api::SECRET;
use crate::server::connection::{ConnectionWatch, Peer};

/// A request to be sent.
pub(super) struct Ask {
    method: Method,
    path: &'static str,
    headers: HeaderMap,
    body: Body,
    peer: &'static str,
}

impl Ask {
    /// From nobody in particular, without a body.
    pub(super) fn new(method: Method, path: &'static str) -> Self {
        Self { method, path, headers: HeaderMap::new(), body: Body::empty(), peer: "198.51.100.7" }
    }

    pub(super) fn get(path: &'static str) -> Self {
        Self::new(Method::GET, path)
    }

    /// For the models, from `alice`.
    pub(super) fn models() -> Self {
        Self::get("/v1/models").by("alice")
    }

    /// For a chat completion, from `alice`, with these members beside model and messages.
    pub(super) fn chat(members: Value) -> Self {
        let mut body = json!({
            "model": "prompt-chaining",
            "messages": [{"role": "user", "content": "Say hello"}],
        });
        let Value::Object(members) = members else { panic!("{members} isn't an object") };
        body.as_object_mut().unwrap().extend(members);
        Self::new(Method::POST, "/v1/chat/completions")
            .by("alice")
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string())
    }

    /// For a chat completion in one piece.
    pub(super) fn whole() -> Self {
        Self::chat(json!({}))
    }

    /// For a chat completion as a stream.
    pub(super) fn streamed() -> Self {
        Self::chat(json!({"stream": true}))
    }

    pub(super) fn header(mut self, name: impl TryInto<HeaderName>, value: &str) -> Self {
        let name = name.try_into().unwrap_or_else(|_| panic!("not a header's name"));
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// With a good token of that subject.
    pub(super) fn by(self, subject: &str) -> Self {
        self.claiming(&json!({"sub": subject}))
    }

    /// With a token of ours that claims that.
    pub(super) fn claiming(self, claims: &Value) -> Self {
        let token = encode(&Header::default(), claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
        self.header(AUTHORIZATION, &format!("Bearer {token}"))
    }

    pub(super) fn without(mut self, name: &HeaderName) -> Self {
        self.headers.remove(name);
        self
    }

    pub(super) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// With a body of these pieces, whose size nobody knows beforehand.
    pub(super) fn pieces(self, pieces: Vec<Bytes>) -> Self {
        self.body(Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>))))
    }

    /// With a body that fails the request if anybody reads of it.
    pub(super) fn unread(self) -> Self {
        self.body(Body::from_stream(stream::poll_fn(
            |_| -> std::task::Poll<Option<std::io::Result<Bytes>>> { panic!("the body is read") },
        )))
    }

    /// With a body that breaks off in silence.
    pub(super) fn unending(self) -> Self {
        let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]);
        self.body(Body::from_stream(first.chain(stream::pending())))
    }

    /// Over a connection from that address.
    pub(super) fn from(mut self, address: &'static str) -> Self {
        self.peer = address;
        self
    }

    pub(super) fn into_request(self) -> Request<Body> {
        let address = SocketAddr::new(self.peer.parse().unwrap(), 4711);
        let mut request = Request::builder().method(self.method).uri(self.path).body(self.body).unwrap();
        *request.headers_mut() = self.headers;
        request
            .extensions_mut()
            .insert(Peer { address, watch: ConnectionWatch::new(Duration::from_mins(1)) });
        request
    }
}
