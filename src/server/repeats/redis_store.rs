//! Checkpoints in the store that replicas share, by its clock.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::Claim;
use super::claim::hex;
use super::store::{Begun, CheckpointStore, Times};
use crate::server::shared_store::{Reply, Script, SharedStore, StoreError};

/// Keeps checkpoints in the shared store.
pub(super) struct RedisStore {
    store: Arc<SharedStore>,
    begin: Script,
    keep: Script,
}

impl RedisStore {
    pub(super) fn new(store: Arc<SharedStore>) -> Self {
        let (begin, keep) = (Script::new(include_str!("begin.lua")), Script::new(include_str!("keep.lua")));
        Self { store, begin, keep }
    }

    async fn run<T>(
        &self,
        script: &Script,
        claim: &Claim,
        args: &[&[u8]],
        read: impl FnOnce(Reply) -> Option<T>,
    ) -> Result<T, StoreError> {
        let key = self.store.key("checkpoint", &hex(&claim.name));
        self.store.run(script, &key, args, read).await
    }
}

impl CheckpointStore for RedisStore {
    fn begin<'a>(&'a self, claim: &'a Claim, times: Times) -> BoxFuture<'a, Result<Begun, StoreError>> {
        async move {
            let (lease, value) = (millis(times.lease), millis(times.value));
            let args: [&[u8]; 5] =
                [&claim.body, &claim.chain, claim.holder.as_bytes(), lease.as_bytes(), value.as_bytes()];
            self.run(&self.begin, claim, &args, begun).await
        }
        .boxed()
    }

    fn keep<'a>(
        &'a self,
        claim: &'a Claim,
        value: Option<&'a [u8]>,
        times: Times,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let (lease, lasts) = (millis(times.lease), millis(times.value));
            let mut args = vec![claim.holder.as_bytes(), lease.as_bytes(), lasts.as_bytes()];
            args.extend(value);
            let read = |reply| match reply {
                Reply::Number(was_mine) => Some(was_mine == 1),
                _ => None,
            };
            self.run(&self.keep, claim, &args, read).await
        }
        .boxed()
    }
}

fn begun(reply: Reply) -> Option<Begun> {
    let Reply::List(parts) = reply else { return None };
    let [Reply::Bytes(word), Reply::Bytes(value)] = <[Reply; 2]>::try_from(parts).ok()? else { return None };
    match word.as_slice() {
        b"mine" => Some(Begun::Mine(Some(value).filter(|value| !value.is_empty()))),
        b"busy" => Some(Begun::Busy),
        b"other" => Some(Begun::OtherBody),
        _ => None,
    }
}

fn millis(time: Duration) -> String {
    time.as_millis().to_string()
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RedisStore").field("store", &self.store).finish_non_exhaustive()
    }
}
