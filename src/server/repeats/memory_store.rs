//! Checkpoints in memory: a bounded number of bounded size, the oldest out first.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::Claim;
use super::claim::Hash;
use super::store::{Begun, CheckpointStore, Times};
use crate::server::shared_store::StoreError;

/// The most claims that are remembered.
const MAX_ENTRIES: usize = 10_000;

/// The most bytes of their values together: 64 MiB.
const MAX_BYTES: usize = 64 << 20;

/// Keeps checkpoints in memory.
pub(super) struct MemoryStore {
    table: Mutex<Table>,
}

struct Table {
    max_entries: usize,
    max_bytes: usize,
    entries: HashMap<Hash, Entry>,
    /// The same by when they were last touched.
    by_age: BTreeMap<u64, Hash>,
    touches: u64,
    bytes: usize,
}

struct Entry {
    touched: u64,
    ends: Instant,
    body: Hash,
    chain: Hash,
    value: Option<Vec<u8>>,
    holder: String,
    held_until: Instant,
}

impl MemoryStore {
    pub(super) fn new() -> Self {
        Self::of(MAX_ENTRIES, MAX_BYTES)
    }

    pub(super) fn of(max_entries: usize, max_bytes: usize) -> Self {
        let (entries, by_age) = (HashMap::new(), BTreeMap::new());
        Self { table: Mutex::new(Table { max_entries, max_bytes, entries, by_age, touches: 0, bytes: 0 }) }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn begin(&mut self, claim: &Claim, times: Times) -> Begun {
        let now = Instant::now();
        self.drop_ended(now);
        let mut value = None;
        if let Some(known) = self.entries.get(&claim.name).filter(|known| known.ends > now) {
            if known.body != claim.body {
                return Begun::OtherBody;
            }
            if known.holder != claim.holder && known.held_until > now {
                return Begun::Busy;
            }
            value = known.value.clone().filter(|_| known.chain == claim.chain);
        }
        self.put(claim, value.clone(), times, now);
        Begun::Mine(value)
    }

    fn keep(&mut self, claim: &Claim, value: Option<&[u8]>, times: Times) -> bool {
        let now = Instant::now();
        let Some(known) = self.entries.get(&claim.name) else { return false };
        if known.holder != claim.holder {
            return false;
        }
        let value = value.map(<[u8]>::to_vec).or_else(|| known.value.clone());
        self.put(claim, value, times, now);
        true
    }

    fn put(&mut self, claim: &Claim, value: Option<Vec<u8>>, times: Times, now: Instant) {
        self.forget(&claim.name);
        self.touches += 1;
        self.bytes += value.as_ref().map_or(0, Vec::len);
        let entry = Entry {
            touched: self.touches,
            ends: now + times.value,
            body: claim.body,
            chain: claim.chain,
            value,
            holder: claim.holder.clone(),
            held_until: now + times.lease,
        };
        self.by_age.insert(self.touches, claim.name);
        self.entries.insert(claim.name, entry);
        while self.entries.len() > self.max_entries || self.bytes > self.max_bytes {
            let Some((_, oldest)) = self.by_age.pop_first() else { return };
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, name: &Hash) {
        if let Some(entry) = self.entries.remove(name) {
            self.by_age.remove(&entry.touched);
            self.bytes -= entry.value.map_or(0, |value| value.len());
        }
    }

    /// The oldest that have ended, for as long as the oldest has.
    fn drop_ended(&mut self, now: Instant) {
        while let Some((_, &oldest)) = self.by_age.first_key_value()
            && self.entries.get(&oldest).is_none_or(|entry| entry.ends <= now)
        {
            self.by_age.pop_first();
            self.forget(&oldest);
        }
    }
}

impl CheckpointStore for MemoryStore {
    fn begin<'a>(&'a self, claim: &'a Claim, times: Times) -> BoxFuture<'a, Result<Begun, StoreError>> {
        ready(Ok(self.table().begin(claim, times))).boxed()
    }

    fn keep<'a>(
        &'a self,
        claim: &'a Claim,
        value: Option<&'a [u8]>,
        times: Times,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        ready(Ok(self.table().keep(claim, value, times))).boxed()
    }

    fn in_memory(&self) -> usize {
        self.table().entries.len()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MemoryStore")
    }
}
