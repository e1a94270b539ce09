//! Where spans are exported, and as whose.

use secrecy::SecretString;
use url::Url;

use super::OtlpLimits;

/// Where spans are exported, and as whose.
#[derive(Debug, Clone)]
pub struct OtlpConfig {
    /// The collector's endpoint for traces, whole: with its path, for HTTP.
    pub endpoint: Url,
    /// What is spoken with it.
    pub protocol: OtlpProtocol,
    /// Headers that go with each export; their values may be secrets.
    pub headers: Vec<(String, SecretString)>,
    /// What the spans are of: `service.name` and the like.
    pub resource: Vec<(String, String)>,
    /// What bounds it.
    pub limits: OtlpLimits,
}

/// What is spoken with a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OtlpProtocol {
    /// Protobuf over HTTP/1.1.
    #[default]
    Http,
    /// gRPC.
    Grpc,
}
