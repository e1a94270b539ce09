//! How long calls take and what is told, whatever the store does.

mod faults;
mod peer;
mod real;
mod recovery;
pub(in crate::server) mod redis_server;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::store::{SharedStore, StoreConfig, StoreLimits};
use super::{Reply, Script, StoreError};
use crate::model::Catalog;
use crate::settings::StoreAddress;
use crate::telemetry::metrics::{KnownModels, Metrics, StoreFault};
use peer::{Act, Peer, ScriptedDial};

const OK: Act = Act::Say(":1\r\n");

fn metrics() -> Arc<Metrics> {
    Arc::new(Metrics::new(KnownModels::new(Arc::new(Catalog::built_in()), [])).with_stores(1))
}

/// A store behind which those peers are, once it is known how it is.
async fn store(peers: impl IntoIterator<Item = Peer>) -> (SharedStore, ScriptedDial) {
    let dial = ScriptedDial::new(peers);
    let store = open(&dial, metrics());
    let _ = store.is_there().await;
    (store, dial)
}

/// The same, when nobody knows yet.
fn open(dial: &ScriptedDial, metrics: Arc<Metrics>) -> SharedStore {
    let config = StoreConfig {
        address: &StoreAddress::parse("redis://scripted").unwrap(),
        certificates: None,
        key_prefix: "test",
        on_error: "memory",
        limits: StoreLimits::SERVING,
        metrics,
    };
    SharedStore::over(Box::new(dial.clone()), &config)
}

/// A server that answers probes, and calls with these.
fn serving(calls: impl IntoIterator<Item = Act>) -> Peer {
    Peer::Serves { probes: vec![OK], calls: calls.into_iter().collect() }
}

/// What a call brings, and the milliseconds that it took.
async fn call(store: &SharedStore) -> (Result<Reply, StoreFault>, u128) {
    let begin = Instant::now();
    let key = store.key("thing", "alice");
    let reply = store.run(&Script::new("return 1"), &key, &[b"argument"], number).await;
    (reply.map_err(|error: StoreError| error.fault), begin.elapsed().as_millis())
}

/// What a script is to return here.
fn number(reply: Reply) -> Option<Reply> {
    matches!(reply, Reply::Number(_)).then_some(reply)
}

async fn pass(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
