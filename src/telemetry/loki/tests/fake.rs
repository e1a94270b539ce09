//! A server that takes pushes as Loki does, or doesn't.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use super::PATIENCE;

/// What it answers a push.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    Status(u16),
    /// That status, header and body.
    With(u16, (&'static str, &'static str), &'static str),
    /// Nothing, ever.
    Nothing,
}

/// A push, read as Loki reads it.
#[derive(Debug, Clone)]
pub(super) struct Push {
    pub(super) headers: HeaderMap,
    /// Labels, nanoseconds since 1970 and line of each entry, stream by stream.
    pub(super) entries: Vec<(BTreeMap<String, String>, i64, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePush {
    streams: Vec<WireStream>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireStream {
    stream: BTreeMap<String, String>,
    values: Vec<(String, String)>,
}

struct Shared {
    /// What it answers next; 204 to all further ones, or whatever comes last here.
    answers: Mutex<VecDeque<Answer>>,
    always: Answer,
    pushes: watch::Sender<Vec<Push>>,
}

/// A server that takes pushes.
pub(super) struct FakeLoki {
    pub(super) url: Url,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

impl FakeLoki {
    /// It answers like that, and 204 afterwards.
    pub(super) async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::start(answers.into_iter().collect(), Answer::Status(204)).await
    }

    /// It answers like that whatever comes.
    pub(super) async fn always(answer: Answer) -> Self {
        Self::start(VecDeque::new(), answer).await
    }

    async fn start(answers: VecDeque<Answer>, always: Answer) -> Self {
        let pushes = watch::Sender::new(Vec::new());
        let shared = Arc::new(Shared { answers: Mutex::new(answers), always, pushes });
        let router = Router::new()
            .route("/loki/api/v1/push", post(take))
            .route("/elsewhere", post(take))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, router));
        Self { url, shared, _serving: serving }
    }

    /// What it was asked to take until now, taken or not.
    pub(super) fn pushes(&self) -> Vec<Push> {
        self.shared.pushes.borrow().clone()
    }

    /// Waits for so many pushes.
    pub(super) async fn wait_for(&self, count: usize) -> Vec<Push> {
        let mut pushes = self.shared.pushes.subscribe();
        let enough = pushes.wait_for(|pushes| pushes.len() >= count);
        tokio::time::timeout(PATIENCE, enough).await.expect("it doesn't come").unwrap().clone()
    }
}

/// HTTP/1.1 on every connection, one task each.
async fn serve(listener: tokio::net::TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let service = hyper_util::service::TowerToHyperService::new(router.clone());
        connections.spawn(async move {
            let io = hyper_util::rt::TokioIo::new(stream);
            drop(hyper::server::conn::http1::Builder::new().serve_connection(io, service).await);
        });
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(headers[CONTENT_TYPE], "application/json");
    let push: WirePush = serde_json::from_slice(&body).unwrap();
    let entries = push.streams.into_iter().flat_map(|WireStream { stream, values }| {
        assert!(!values.is_empty());
        let read = |(time, line): (String, String)| (stream.clone(), time.parse().unwrap(), line);
        values.into_iter().map(read).collect::<Vec<_>>()
    });
    let push = Push { headers, entries: entries.collect() };
    shared.pushes.send_modify(|pushes| pushes.push(push));
    let answer = shared.answers.lock().unwrap().pop_front().unwrap_or(shared.always);
    match answer {
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::With(status, header, body) => {
            (StatusCode::from_u16(status).unwrap(), [header], body).into_response()
        }
        Answer::Nothing => std::future::pending().await,
    }
}
