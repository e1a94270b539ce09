//! An OpenTelemetry collector that takes spans over HTTP and gRPC, or doesn't.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;

/// What it does with an export.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Collects {
    /// It takes it.
    All,
    /// It takes it but for so many spans.
    AllBut(i64),
    /// It answers this status.
    Refuses(u16),
    /// It answers 400, and says which authorization it doesn't like.
    Quotes,
    /// It never answers.
    Hangs,
}

/// An export as it came.
#[derive(Debug, Clone)]
pub(crate) struct Export {
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// What the spans are of.
    pub(crate) resource: Vec<(String, String)>,
    pub(crate) spans: Vec<Span>,
}

/// A collector. It ends with the test's process.
pub(crate) struct Collector {
    http: SocketAddr,
    grpc: SocketAddr,
    exports: Arc<Mutex<Vec<Export>>>,
}

#[derive(Clone)]
struct Shared {
    collects: Collects,
    exports: Arc<Mutex<Vec<Export>>>,
}

impl Collector {
    pub(crate) fn that(collects: Collects) -> Self {
        let exports = Arc::default();
        let shared = Shared { collects, exports: Arc::clone(&exports) };
        let (told, addresses) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let http = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let grpc = TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send((http.local_addr().unwrap(), grpc.local_addr().unwrap())).unwrap();
                let router = Router::new().route("/v1/traces", post(export)).with_state(shared.clone());
                let service =
                    tonic::transport::Server::builder().add_service(TraceServiceServer::new(shared));
                let (http, grpc) = tokio::join!(
                    axum::serve(http, router),
                    service.serve_with_incoming(TcpIncoming::from(grpc))
                );
                http.unwrap();
                grpc.unwrap();
            });
        });
        let (http, grpc) = addresses.recv().unwrap();
        Self { http, grpc, exports }
    }

    /// Where it speaks HTTP.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// Where it speaks gRPC.
    pub(crate) fn grpc_url(&self) -> String {
        format!("http://{}", self.grpc)
    }

    pub(crate) fn exports(&self) -> Vec<Export> {
        self.exports.lock().unwrap().clone()
    }

    /// All spans, in the order in which they came.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.exports().into_iter().flat_map(|export| export.spans).collect()
    }
}

/// What is said of a span under that name, as text.
pub(crate) fn said(span: &Span, name: &str) -> Option<String> {
    span.attributes.iter().find(|said| said.key == name).map(|said| text(said.value.as_ref()))
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Any::StringValue(text)) => text.clone(),
        Some(Any::BoolValue(value)) => value.to_string(),
        Some(Any::IntValue(value)) => value.to_string(),
        Some(Any::DoubleValue(value)) => value.to_string(),
        Some(Any::ArrayValue(values)) => {
            values.values.iter().map(|value| text(Some(value))).collect::<Vec<_>>().join(",")
        }
        other => panic!("{other:?}"),
    }
}

impl Shared {
    fn keep(&self, headers: &HeaderMap, request: ExportTraceServiceRequest) {
        let pair = |said: &KeyValue| (said.key.clone(), text(said.value.as_ref()));
        let headers: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect();
        for of_resource in request.resource_spans {
            let attributes = of_resource.resource.unwrap_or_default().attributes;
            let export = Export {
                headers: headers.clone(),
                resource: attributes.iter().map(pair).collect(),
                spans: of_resource.scope_spans.into_iter().flat_map(|of_scope| of_scope.spans).collect(),
            };
            self.exports.lock().unwrap().push(export);
        }
    }

    /// The authorization, as it came and as JSON writes it.
    fn quoted(&self, headers: &HeaderMap) -> String {
        if !matches!(self.collects, Collects::Quotes) {
            return String::new();
        }
        let value = headers["authorization"].to_str().unwrap();
        format!("{value}, {}", serde_json::Value::from(value))
    }

    async fn answer(&self) -> Result<ExportTraceServiceResponse, u16> {
        match self.collects {
            Collects::Quotes => Err(400),
            Collects::All => Ok(ExportTraceServiceResponse::default()),
            Collects::AllBut(rejected_spans) => {
                let partial = ExportTracePartialSuccess { rejected_spans, error_message: "too many".into() };
                Ok(ExportTraceServiceResponse { partial_success: Some(partial) })
            }
            Collects::Refuses(status) => Err(status),
            Collects::Hangs => std::future::pending().await,
        }
    }
}

async fn export(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, (StatusCode, String)> {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    shared.keep(&headers, ExportTraceServiceRequest::decode(body).unwrap());
    let answer = shared.answer().await.map(|answer| answer.encode_to_vec());
    answer.map_err(|status| (StatusCode::from_u16(status).unwrap(), shared.quoted(&headers)))
}

#[tonic::async_trait]
impl TraceService for Shared {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        let (metadata, _, request) = request.into_parts();
        let headers = metadata.into_headers();
        self.keep(&headers, request);
        match self.answer().await {
            Ok(answer) => Ok(tonic::Response::new(answer)),
            Err(503) => Err(tonic::Status::unavailable("too busy")),
            Err(_) => {
                Err(tonic::Status::invalid_argument(format!("not like that {}", self.quoted(&headers))))
            }
        }
    }
}
