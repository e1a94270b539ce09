//! Both places where checkpoints are kept, by the same rules; and what becomes of leases and values.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::HeaderMap;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, future::ready};
use secrecy::SecretString;
use serde_json::json;

use super::checkpoint::Unkeepable;
use super::memory_store::MemoryStore;
use super::redis_store::RedisStore;
use super::store::{Begun, CheckpointStore, Times};
use super::*;
use crate::chain::{Decision, FinishReason, Spend, StepFinished, StepMetadata, StepName, StepOutput};
use crate::model::{Catalog, StopReason};
use crate::server::shared_store::StoreError;
use crate::server::shared_store::tests::redis_server::RedisServer;
use crate::settings::CheckpointSettings;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;
use crate::telemetry::metrics::{KnownModels, Metrics};

const TIMES: Times = Times { lease: Duration::from_secs(10), value: Duration::from_hours(1) };
const NOW: Times = Times { lease: Duration::ZERO, ..TIMES };

fn claim_of(subject: &str, body: &str, chain: &str) -> Claim {
    let mut headers = HeaderMap::new();
    headers.insert("idempotency-key", "key".parse().unwrap());
    let key = &IdempotencyKey::of(&headers).unwrap().unwrap();
    Claim::new(Asked { subject, key, body: body.as_bytes(), chain, upstream: "up", direct: false })
}

fn claim() -> Claim {
    claim_of("alice", "{}", "chain")
}

fn step(step: StepName, output: serde_json::Value) -> StepFinished {
    let serde_json::Value::Object(fields) = output else { panic!("no object") };
    StepFinished {
        step,
        output: StepOutput::from_json(step, fields).unwrap(),
        reply: "the reply".to_owned(),
        metadata: StepMetadata {
            model: "a-model".to_owned(),
            attempts: 2,
            repairs: 1,
            elapsed: Duration::from_millis(1500),
            spend: Spend::default(),
            verdict: Decision::Warn,
            request_ids: vec!["req_1".to_owned()],
            stop_reason: Some(StopReason::EndTurn),
            tolerated: true,
            degraded: false,
            workers: Vec::new(),
        },
    }
}

fn draft(content: &str) -> Checkpoint {
    let mut checkpoint = Checkpoint::default();
    let analysis =
        json!({"intent": "greet", "key_entities": ["world"], "complexity": "simple", "context": {"a": "b"}});
    checkpoint.finished(&step(StepName::Analyze, analysis));
    let draft = json!({"content": content, "confidence": 0.9, "metadata": {}});
    checkpoint.finished(&step(StepName::Process, draft));
    checkpoint
}

#[test]
fn steps_are_read_as_they_were_written() {
    let mut whole = draft("Hello \u{0}\u{1F600}");
    whole.finished(&step(StepName::Synthesize, json!({"final_text": "Hi", "formatting": "plain"})));
    whole.ended(FinishReason::Length);
    let read = Checkpoint::from_bytes(&whole.to_bytes().unwrap()).unwrap();
    assert_eq!(format!("{read:?}"), format!("{whole:?}"));
    assert!(read.is_whole());
    assert_eq!(read.plan(false).finish, Some(FinishReason::Length));
}

#[test]
fn the_titles_of_parts_are_kept_wherever_they_were_cut() {
    let mut checkpoint = Checkpoint::default();
    for cut in 115..125 {
        let title = format!("{} # {}", "x".repeat(cut), "y ".repeat(20));
        let parts = json!([{"title": title, "instruction": "Write it."}, {"title": "# #", "instruction": "And this."}]);
        let analysis = json!({"intent": "i", "key_entities": [], "complexity": "complex", "context": {}, "subtasks": parts});
        checkpoint.finished(&step(StepName::Analyze, analysis));
        assert!(checkpoint.to_bytes().is_ok(), "{cut}");
    }
}

#[test]
fn what_is_of_another_version_cut_or_too_large_is_no_checkpoint() {
    let bytes = draft("Hello").to_bytes().unwrap();
    for at in 0..bytes.len() {
        assert!(Checkpoint::from_bytes(&bytes[..at]).is_none(), "{at}");
    }
    let other = String::from_utf8(bytes).unwrap().replace("\"version\":1", "\"version\":2");
    assert!(Checkpoint::from_bytes(other.as_bytes()).is_none());
    assert_eq!(draft(&"x".repeat(checkpoint::MAX_BYTES)).to_bytes(), Err(Unkeepable::TooLarge));
    let mut deep = json!("a");
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let mut checkpoint = Checkpoint::default();
    let metadata = json!({ "deep": deep });
    checkpoint
        .finished(&step(StepName::Process, json!({"content": "c", "confidence": 1, "metadata": metadata})));
    assert_eq!(checkpoint.to_bytes(), Err(Unkeepable::Unreadable));
}

/// One claim after the other, on a new name.
async fn follow_the_rules(store: &dyn CheckpointStore, subject: &str) {
    let (first, repeat) = (claim_of(subject, "{}", "chain"), claim_of(subject, "{}", "chain"));
    let begin = |claim: &Claim| {
        let claim = claim.clone();
        async move { store.begin(&claim, TIMES).await.unwrap() }
    };
    assert_eq!(begin(&first).await, Begun::Mine(None));
    assert_eq!(begin(&repeat).await, Begun::Busy);
    assert_eq!(begin(&claim_of(subject, "[]", "chain")).await, Begun::OtherBody);
    assert!(!store.keep(&repeat, Some(b"of the repeat"), TIMES).await.unwrap(), "it isn't its own");
    assert!(store.keep(&first, Some(b"\x00\xff"), TIMES).await.unwrap());
    assert_eq!(begin(&first).await, Begun::Mine(Some(b"\x00\xff".to_vec())), "who holds it has it still");
    assert!(store.keep(&first, None, NOW).await.unwrap(), "it is given back");
    assert_eq!(begin(&repeat).await, Begun::Mine(Some(b"\x00\xff".to_vec())));
    assert!(!store.keep(&first, None, TIMES).await.unwrap(), "it is another's now");
    assert!(store.keep(&repeat, None, NOW).await.unwrap());
    assert_eq!(begin(&claim_of(subject, "[]", "chain")).await, Begun::OtherBody, "for as long as it is kept");
    assert_eq!(begin(&claim_of(subject, "{}", "other prompts")).await, Begun::Mine(None));
}

#[tokio::test]
async fn a_claim_is_held_by_one_at_a_time_and_goes_on_where_the_one_before_was() {
    let memory = MemoryStore::new();
    for subject in ["alice", "bob"] {
        follow_the_rules(&memory, subject).await;
    }
    let Some(server) = RedisServer::start() else { return };
    let redis = RedisStore::new(server.open().await);
    for subject in ["alice", "bob"] {
        follow_the_rules(&redis, subject).await;
    }
}

#[tokio::test]
async fn in_the_store_it_lasts_as_long_as_it_should_and_a_lease_that_lapsed_is_anybodys() {
    let Some(server) = RedisServer::start() else { return };
    let store = server.open().await;
    let redis = RedisStore::new(Arc::clone(&store));
    let first = claim();
    let brief = Times { lease: Duration::from_millis(1), ..TIMES };
    redis.begin(&first, brief).await.unwrap();
    redis.keep(&first, Some(b"draft"), brief).await.unwrap();
    let repeat = claim();
    let begun = loop {
        match redis.begin(&repeat, TIMES).await.unwrap() {
            Begun::Busy => {}
            begun => break begun,
        }
    };
    assert_eq!(begun, Begun::Mine(Some(b"draft".to_vec())));
    let mut connection = server.client().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> =
        redis::cmd("KEYS").arg("*checkpoint*").query_async(&mut connection).await.unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert!(key.starts_with("test:v1:checkpoint:{") && !key.contains("alice"), "{key}");
    let left: i64 = redis::cmd("PTTL").arg(key).query_async(&mut connection).await.unwrap();
    assert!((3_500_000..=3_600_000).contains(&left), "{left}");
}

#[tokio::test(start_paused = true)]
async fn in_memory_there_are_so_many_and_so_large_the_oldest_goes_first() {
    let store = MemoryStore::of(3, 10);
    let claims = ["a", "b", "c", "d"].map(|subject| claim_of(subject, "{}", "chain"));
    let has = async |at: usize| store.keep(&claims[at], None, TIMES).await.unwrap();
    for claim in &claims[..3] {
        store.begin(claim, TIMES).await.unwrap();
    }
    assert!(has(0).await, "and is the youngest by that");
    store.begin(&claims[3], TIMES).await.unwrap();
    assert!(!has(1).await && has(2).await && has(3).await && has(0).await);
    assert!(store.keep(&claims[2], Some(&[0; 6]), TIMES).await.unwrap());
    assert!(store.keep(&claims[3], Some(&[0; 4]), TIMES).await.unwrap());
    assert!(has(0).await && has(2).await && has(3).await);
    assert!(store.keep(&claims[3], Some(&[0; 5]), TIMES).await.unwrap());
    assert!(!has(2).await, "eleven bytes are too many, and the empty ones were younger");
    tokio::time::advance(TIMES.value).await;
    assert_eq!(
        store.begin(&claim_of("d", "[]", "c"), TIMES).await.unwrap(),
        Begun::Mine(None),
        "it has ended"
    );
}

fn metrics() -> Arc<Metrics> {
    Arc::new(Metrics::new(KnownModels::new(Arc::new(Catalog::built_in()), [])))
}

fn settings(key: Option<&str>) -> CheckpointSettings {
    CheckpointSettings { ttl: TIMES.value, key: key.map(SecretString::from), previous_key: None }
}

async fn mine(checkpoints: &Checkpoints) -> (Lease, Checkpoint) {
    match checkpoints.open(&claim()).await {
        Opened::Mine(lease, checkpoint) => (lease, checkpoint),
        Opened::Busy => panic!("it is busy"),
        Opened::OtherBody | Opened::Unavailable(_) => panic!("it can't be had"),
    }
}

/// Until the task behind a lease that was dropped has given it back.
async fn is_free(checkpoints: &Checkpoints) -> (Lease, Checkpoint) {
    match checkpoints.clone().open_when_free(claim()).await {
        Opened::Mine(lease, checkpoint) => (lease, checkpoint),
        _ => panic!("it can't be had"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_while_it_is_held_and_given_back_when_it_is_dropped() {
    let checkpoints = Checkpoints::new(None, &settings(None), metrics());
    let (lease, _) = mine(&checkpoints).await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert!(matches!(checkpoints.open(&claim()).await, Opened::Busy));
    assert!(lease.keep(draft("Hello")).await);
    // Also what nobody waits for any more is kept.
    drop(lease.keep(draft("Hello, world")));
    drop(lease);
    let began = tokio::time::Instant::now();
    let (_, checkpoint) = is_free(&checkpoints).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(format!("{checkpoint:?}"), format!("{:?}", draft("Hello, world")));
}

#[tokio::test(start_paused = true)]
async fn a_lease_whose_holder_died_lapses() {
    let store: Arc<dyn CheckpointStore> = Arc::new(MemoryStore::new());
    let process = || Checkpoints::over(Arc::clone(&store), true, &settings(None), metrics());
    let (died, lives) = (process(), process());
    let (lease, _) = mine(&died).await;
    assert!(lease.keep(draft("Hello")).await);
    // All its tasks end with it.
    drop(died);
    let began = tokio::time::Instant::now();
    let (_, checkpoint) = is_free(&lives).await;
    let waited = began.elapsed();
    assert!((9..=11).contains(&waited.as_secs()), "{waited:?}");
    assert_eq!(checkpoint.steps().count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_lease_a_repeat_has_taken_over_is_told_that_nothing_of_it_is_kept() {
    let store: Arc<dyn CheckpointStore> = Arc::new(MemoryStore::new());
    let process = || Checkpoints::over(Arc::clone(&store), true, &settings(None), metrics());
    let (stands_still, lives) = (process(), process());
    let first = claim();
    let Opened::Mine(lease, _) = stands_still.open(&first).await else { panic!("it is free") };
    assert!(lease.keep(draft("of the first")).await);
    // As if ten seconds had passed without its renewal.
    assert!(store.keep(&first, None, NOW).await.unwrap());
    let (repeat, checkpoint) = is_free(&lives).await;
    assert_eq!(checkpoint.steps().count(), 2);
    let log = Captured::from_level(LogLevel::Info);
    assert!(!lease.keep(draft("of the first, later")).await);
    assert!(log.text().contains("The checkpoint isn't this request's any more"), "{}", log.text());
    drop(lease);
    assert!(repeat.keep(draft("of the repeat")).await, "what the first gives back isn't the repeat's lease");
    drop(repeat);
    let (_, checkpoint) = is_free(&process()).await;
    assert_eq!(format!("{checkpoint:?}"), format!("{:?}", draft("of the repeat")));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_rotated_without_a_step_being_lost() {
    const OLD: &str = "the first of two keys, of 32 letters";
    const NEW: &str = "the other of two keys, of 32 letters";
    let store: Arc<dyn CheckpointStore> = Arc::new(MemoryStore::new());
    let with = |key, previous: Option<&str>| {
        let settings = CheckpointSettings { previous_key: previous.map(SecretString::from), ..settings(key) };
        Checkpoints::over(Arc::clone(&store), true, &settings, metrics())
    };
    let before = with(Some(OLD), None);
    let (lease, _) = mine(&before).await;
    assert!(lease.keep(draft("a secret draft")).await);
    drop(lease);
    let during = with(Some(NEW), Some(OLD));
    let (lease, checkpoint) = is_free(&during).await;
    assert_eq!(checkpoint.steps().count(), 2);
    assert!(lease.keep(checkpoint).await);
    drop(lease);
    for (key, steps) in [(OLD, 0), (NEW, 2)] {
        let (_, checkpoint) = is_free(&with(Some(key), None)).await;
        assert_eq!(checkpoint.steps().count(), steps, "what is written again is written with the new one");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_key_or_none_has_encrypted_counts_as_absent() {
    const ONE: &str = "the first of two keys, of 32 letters";
    const TWO: &str = "the other of two keys, of 32 letters";
    for (writes, reads, is_read) in [
        (None, None, true),
        (Some(ONE), Some(ONE), true),
        (Some(ONE), Some(TWO), false),
        (Some(ONE), None, false),
        (None, Some(ONE), false),
    ] {
        let store: Arc<dyn CheckpointStore> = Arc::new(MemoryStore::new());
        let with = |key| Checkpoints::over(Arc::clone(&store), true, &settings(key), metrics());
        let writer = with(writes);
        let (lease, _) = mine(&writer).await;
        assert!(lease.keep(draft("a secret draft")).await);
        drop(lease);
        let (_, checkpoint) = is_free(&with(reads)).await;
        assert_eq!(checkpoint.steps().count(), if is_read { 2 } else { 0 }, "{writes:?} {reads:?}");
        drop(writer);
    }
}

/// A store that answers so, and then always as if nobody held anything.
#[derive(Debug)]
struct Scripted(Mutex<VecDeque<Result<Begun, StoreError>>>);

impl CheckpointStore for Scripted {
    fn begin<'a>(&'a self, _: &'a Claim, _: Times) -> BoxFuture<'a, Result<Begun, StoreError>> {
        ready(self.0.lock().unwrap().pop_front().unwrap_or(Ok(Begun::Mine(None)))).boxed()
    }

    fn keep<'a>(
        &'a self,
        _: &'a Claim,
        _: Option<&'a [u8]>,
        _: Times,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        ready(Ok(true)).boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_takes_a_store_that_is_briefly_gone_for_no_end_of_the_wait() {
    for (gone, is_mine) in [(Duration::from_secs(9), true), (Duration::from_secs(11), false)] {
        let busy = std::iter::once(Ok(Begun::Busy));
        let looks = usize::try_from(gone.as_millis() / 200).unwrap();
        let answers = busy.chain((0..looks).map(|_| Err(StoreError::unexpected()))).collect();
        let store = Arc::new(Scripted(Mutex::new(answers)));
        let checkpoints = Checkpoints::over(store, true, &settings(None), metrics());
        let opened = checkpoints.clone().open_when_free(claim()).await;
        assert_eq!(matches!(opened, Opened::Mine(..)), is_mine, "{gone:?}");
        // Nobody can hold a lease for longer without the store.
        assert_eq!(matches!(opened, Opened::Unavailable(_)), !is_mine, "{gone:?}");
    }
}

/// A store that is gone.
#[derive(Debug)]
struct Gone;

impl CheckpointStore for Gone {
    fn begin<'a>(&'a self, _: &'a Claim, _: Times) -> BoxFuture<'a, Result<Begun, StoreError>> {
        ready(Err(StoreError::unexpected())).boxed()
    }

    fn keep<'a>(
        &'a self,
        _: &'a Claim,
        _: Option<&'a [u8]>,
        _: Times,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        ready(Err(StoreError::unexpected())).boxed()
    }
}

#[tokio::test]
async fn without_the_store_nothing_is_opened() {
    let checkpoints = Checkpoints::over(Arc::new(Gone), true, &settings(None), metrics());
    assert!(matches!(checkpoints.open(&claim()).await, Opened::Unavailable(_)));
}
