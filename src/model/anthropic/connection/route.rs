//! Which way the upstream is reached: straight, or through the system's proxy.

use std::error::Error;

use hyper::Uri;
use hyper::header::{HeaderMap, HeaderValue, USER_AGENT};
use hyper::http::uri::Scheme;
use hyper::service::Service;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::service::TowerToHyperService;
use rustls::ClientConfig;

use super::open::Io;
use super::tls;
use crate::model::anthropic::client::PRODUCT;

/// The way to one upstream.
pub(super) enum Route {
    /// To the upstream itself.
    Straight { to: Uri, by: Straight },
    /// To a proxy that passes requests on. They name the upstream, and who sends them, if the proxy asks for that.
    PassedOn { to: Uri, by: Straight, authorization: Option<HeaderValue> },
    /// To the upstream, by TLS within a tunnel that a proxy makes.
    Tunnel { to: Uri, by: Tunnelled },
}

type Straight = TowerToHyperService<HttpsConnector<HttpConnector>>;
type Tunnelled = TowerToHyperService<HttpsConnector<Tunnel<HttpsConnector<HttpConnector>>>>;

impl Route {
    /// The way to `to`, past `proxies`.
    pub(super) fn new(to: Uri, proxies: Option<&Matcher>, tcp: HttpConnector, tls: ClientConfig) -> Self {
        let Some(proxy) = proxies.and_then(|proxies| proxies.intercept(&to)) else {
            return Self::Straight { to, by: straight(tcp, tls) };
        };
        let (at, authorization) = (proxy.uri().clone(), proxy.basic_auth().cloned());
        if to.scheme() != Some(&Scheme::HTTPS) {
            return Self::PassedOn { to: at, by: straight(tcp, tls), authorization };
        }
        let to_proxy = HttpsConnector::from((tcp, tls::without_protocol(tls.clone())));
        let user_agent = HeaderValue::from_static(PRODUCT);
        let mut tunnel =
            Tunnel::new(at, to_proxy).with_headers(HeaderMap::from_iter([(USER_AGENT, user_agent)]));
        if let Some(authorization) = authorization {
            tunnel = tunnel.with_auth(authorization);
        }
        Self::Tunnel { to, by: TowerToHyperService::new(HttpsConnector::from((tunnel, tls))) }
    }

    /// A connection, that way.
    pub(super) async fn connect(&self) -> Result<Box<dyn Io>, Box<dyn Error + Send + Sync>> {
        Ok(match self {
            Self::Straight { to, by } | Self::PassedOn { to, by, .. } => Box::new(by.call(to.clone()).await?),
            Self::Tunnel { to, by } => Box::new(by.call(to.clone()).await?),
        })
    }
}

fn straight(tcp: HttpConnector, tls: ClientConfig) -> Straight {
    TowerToHyperService::new(HttpsConnector::from((tcp, tls)))
}
