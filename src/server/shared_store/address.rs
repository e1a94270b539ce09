//! Where the store is, in the words of the crate that connects to it.

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};
use secrecy::ExposeSecret;

use super::StoreError;
use crate::settings::{StoreAddress, StoreNode, StorePlace};

/// One for each node of a cluster that is known, else one.
pub(super) fn connections(address: &StoreAddress) -> Result<Vec<ConnectionInfo>, StoreError> {
    let places = match &address.place {
        StorePlace::Server(node) => vec![of_node(node, address.tls)],
        StorePlace::Cluster(nodes) => nodes.iter().map(|node| of_node(node, address.tls)).collect(),
        StorePlace::Socket(path) => vec![ConnectionAddr::Unix(path.clone())],
    };
    let connection = |place: ConnectionAddr| {
        let connection = place.into_connection_info()?;
        let tcp = connection.tcp_settings().clone().set_nodelay(true);
        Ok(connection.set_tcp_settings(tcp).set_redis_settings(identity(address)))
    };
    places.into_iter().map(connection).collect()
}

fn of_node(node: &StoreNode, tls: bool) -> ConnectionAddr {
    let StoreNode { host, port } = node.clone();
    if tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    }
}

fn identity(address: &StoreAddress) -> RedisConnectionInfo {
    let mut identity = RedisConnectionInfo::default()
        .set_db(i64::from(address.database))
        // What `CLIENT LIST` shows.
        .set_lib_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    if let Some(username) = &address.username {
        identity = identity.set_username(username);
    }
    if let Some(password) = &address.password {
        identity = identity.set_password(password.expose_secret());
    }
    identity
}
