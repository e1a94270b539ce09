//! A real server of the test's own, on a socket in a folder of its own.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::metrics;
use crate::server::shared_store::health::State;
use crate::server::shared_store::{SharedStore, StoreConfig, StoreLimits};
use crate::settings::StoreAddress;

/// How long a call to it may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Dropped, it ends.
pub(in crate::server) struct RedisServer {
    child: Child,
    folder: TempDir,
}

impl RedisServer {
    /// `None`, loudly, if there is no such program here.
    pub(in crate::server) fn start() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no"])
            .args(["--unixsocket", "s", "--dir"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            let message = "SKIPPED: redis-server is missing; get it with: apt-get install redis-server";
            assert!(std::env::var_os("PROMPTCHAIN_TEST_NO_SKIP").is_none(), "{message}");
            // Past the test harness, which shows only what failing tests say.
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{message}\n").as_bytes());
            return None;
        };
        Some(Self { child, folder })
    }

    /// For what the program itself doesn't do.
    pub(in crate::server) fn client(&self) -> redis::Client {
        redis::Client::open(self.address()).unwrap()
    }

    fn address(&self) -> String {
        format!("redis+unix://{}", self.folder.path().join("s").display())
    }

    /// Connected to it.
    pub(in crate::server) async fn open(&self) -> Arc<SharedStore> {
        let address = self.address();
        let store = SharedStore::open(&StoreConfig {
            address: &StoreAddress::parse(&address).unwrap(),
            certificates: None,
            key_prefix: "test",
            on_error: "memory",
            // So that a busy machine isn't taken for a store that is gone.
            limits: StoreLimits { answer: PATIENCE, connect: PATIENCE },
            metrics: metrics(),
        });
        let store = Arc::new(store.unwrap());
        let mut state = store.health.state();
        let is_there = state.wait_for(|state| matches!(state, State::There { .. }));
        drop(tokio::time::timeout(PATIENCE, is_there).await.expect("it comes"));
        store
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
