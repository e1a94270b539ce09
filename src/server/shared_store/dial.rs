//! Connects to the store.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use redis::cluster::ClusterClient;
use redis::{AsyncConnectionConfig, Client, TlsCertificates};

use super::link::Link;
use super::store::{StoreConfig, StoreLimits};
use super::{StoreError, address};
use crate::settings::StorePlace;

/// How often a call within a cluster follows it elsewhere. The time for the answer ends first.
const CLUSTER_RETRIES: u32 = 3;

/// Connects to a store.
pub(super) trait Dial: Send + Sync {
    /// A new connection; the caller limits the time.
    fn dial(&self) -> BoxFuture<'_, Result<Link, StoreError>>;
}

/// Connects to a server or to a cluster.
pub(super) struct RedisDial {
    client: AnyClient,
    limits: StoreLimits,
}

enum AnyClient {
    Server(Box<Client>),
    Cluster(Box<ClusterClient>),
}

impl RedisDial {
    /// Nobody is called yet.
    ///
    /// # Errors
    /// If the certificates aren't any.
    pub(super) fn new(config: &StoreConfig<'_>) -> Result<Self, StoreError> {
        let &StoreConfig { address, certificates, limits, .. } = config;
        let mut connections = address::connections(address)?;
        let certificates = TlsCertificates {
            client_tls: None,
            root_cert: certificates.filter(|_| address.tls).map(|pem| pem.as_bytes().to_vec()),
        };
        if matches!(address.place, StorePlace::Cluster(_)) {
            let mut cluster = ClusterClient::builder(connections)
                .connection_timeout(limits.connect)
                // Later than whoever waits for the answer gives up: the crate would send again what it takes for lost,
                // and a request would count twice.
                .response_timeout(limits.connect)
                .retries(CLUSTER_RETRIES);
            if address.tls {
                cluster = cluster.certs(certificates);
            }
            return Ok(Self { client: AnyClient::Cluster(Box::new(cluster.build()?)), limits });
        }
        let Some(connection) = connections.pop() else { return Err(StoreError::connecting()) };
        let client = if address.tls {
            Client::build_with_tls(connection, certificates)
        } else {
            Client::open(connection)
        };
        Ok(Self { client: AnyClient::Server(Box::new(client?)), limits })
    }
}

impl Dial for RedisDial {
    fn dial(&self) -> BoxFuture<'_, Result<Link, StoreError>> {
        async move {
            match &self.client {
                AnyClient::Server(client) => {
                    let config = AsyncConnectionConfig::new()
                        .set_connection_timeout(Some(self.limits.connect))
                        .set_response_timeout(Some(self.limits.answer));
                    Ok(Link::Server(client.get_multiplexed_async_connection_with_config(&config).await?))
                }
                AnyClient::Cluster(client) => Ok(Link::Cluster(client.get_async_connection().await?)),
            }
        }
        .boxed()
    }
}
