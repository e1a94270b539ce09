//! Opens connections to the upstream, and addresses requests to it.

use std::time::Duration;

use hyper::Request;
use hyper::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use hyper::http::uri::{PathAndQuery, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Body;
use rustls::RootCertStore;
use tokio::time::timeout;

use super::open::OpenConnection;
use super::route::Route;
use super::tls;
use crate::model::anthropic::transport_error::innermost;
use crate::model::anthropic::{ClientConfig, ClientError};

/// How long a connection may be silent before the system checks that its peer is still there.
/// Address translators forget silent connections after a minute or more.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);
/// How long after such a check the next one is made, if it isn't answered.
const TCP_KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// After so many of them the peer is gone.
const TCP_KEEPALIVE_RETRIES: u32 = 3;
/// How long what was sent may go without the peer's system having taken it. Then the peer is gone, too.
#[cfg(target_os = "linux")]
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens connections to one upstream.
pub(super) struct Connector {
    route: Route,
    host: HeaderValue,
    time: Duration,
}

impl Connector {
    /// Nothing is opened yet. `is_used` as of [`Connections::new`](super::Connections::new).
    pub(super) fn new(config: &ClientConfig, is_used: bool) -> Result<Self, ClientError> {
        // Reading the system's root certificates takes time, and nothing asks for them then but a proxy
        // that is itself reached by https, which is not worth the wait at each start.
        let is_needless = !is_used || config.base_url.scheme() == "http";
        let tls = tls::config(is_needless.then(RootCertStore::empty))
            .map_err(|error| ClientError::Setup(error.to_string()))?;
        let proxies = if config.direct { None } else { Some(Matcher::from_system()) };
        Self::with(config, proxies.as_ref(), tls)
    }

    /// The same, past those proxies and by that TLS.
    pub(super) fn with(
        config: &ClientConfig,
        proxies: Option<&Matcher>,
        tls: rustls::ClientConfig,
    ) -> Result<Self, ClientError> {
        let unfit = |error: &dyn std::error::Error| ClientError::Setup(error.to_string());
        let url = &config.base_url;
        let origin: Uri = url.origin().ascii_serialization().parse().map_err(|error| unfit(&error))?;
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        let host = HeaderValue::try_from(host).map_err(|error| unfit(&error))?;
        Ok(Self { route: Route::new(origin, proxies, tcp(), tls), host, time: config.connect_timeout })
    }

    /// A new connection, or why there is none. Names, TCP, TLS and the proxy share one time.
    pub(super) async fn connect(&self) -> Result<Box<OpenConnection>, String> {
        let connected = timeout(self.time, self.route.connect()).await;
        let io = connected.map_err(|_| format!("no connection within {:?}", self.time))?;
        let io = io.map_err(|error| innermost(&*error))?;
        OpenConnection::new(io).await.map_err(|error| innermost(&error))
    }

    /// `request` as it is written: to the upstream by its path, to a proxy that passes it on by its whole URL.
    ///
    /// # Errors
    /// If its URL can't be written so.
    pub(super) fn addressed(&self, request: reqwest::Request) -> reqwest::Result<Request<Body>> {
        let mut request = Request::<Body>::try_from(request)?;
        request.headers_mut().insert(HOST, self.host.clone());
        if let Route::PassedOn { authorization, .. } = &self.route {
            if let Some(authorization) = authorization {
                request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
            }
        } else {
            let path = request.uri().path_and_query().cloned();
            *request.uri_mut() = path.unwrap_or_else(|| PathAndQuery::from_static("/")).into();
        }
        Ok(request)
    }
}

/// How TCP connections are made.
fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(TCP_KEEPALIVE));
    tcp.set_keepalive_interval(Some(TCP_KEEPALIVE_INTERVAL));
    tcp.set_keepalive_retries(Some(TCP_KEEPALIVE_RETRIES));
    #[cfg(target_os = "linux")]
    tcp.set_tcp_user_timeout(Some(TCP_USER_TIMEOUT));
    tcp
}
