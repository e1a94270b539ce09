//! Both places where requests are counted, by the same model.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures_util::future::join_all;

use super::super::decision::Standing;
use super::super::key::CompactKey;
use super::super::memory_store::MemoryStore;
use super::super::redis_store::RedisStore;
use super::super::store::{Counted, RateLimitStore};
use super::*;
use crate::server::shared_store::tests::redis_server::RedisServer;
use crate::server::shared_store::{Script, SharedStore};

/// How far a real clock may have gone on while a test ran; less than the least time between what is tried.
const SLACK: Duration = Duration::from_secs(9);

/// Lets time pass for what is counted under a key in the store: its windows end so much sooner.
const PASS: &str = "
    local left = redis.call('PTTL', KEYS[1]) - ARGV[1]
    if left <= 0 then return redis.call('DEL', KEYS[1]) end
    local known = redis.call('HGETALL', KEYS[1])
    for i = 1, #known, 2 do
        if known[i]:sub(-1) == 'e' then
            redis.call('HSET', KEYS[1], known[i], string.format('%.0f', known[i + 1] - ARGV[1]))
        end
    end
    return redis.call('PEXPIRE', KEYS[1], left)";

static SUBJECTS: AtomicU64 = AtomicU64::new(0);

/// Subjects that no other case has.
fn new_subjects() -> [CompactKey; 2] {
    [(); 2].map(|()| CompactKey::from(&subject(&SUBJECTS.fetch_add(1, Ordering::Relaxed).to_string())))
}

async fn pass(store: &SharedStore, key: CompactKey, time: Duration) {
    let key = store.key("limit:models", &key.name());
    let millis = time.as_millis().to_string();
    store.run(&Script::new(PASS), &key, &[millis.as_bytes()], Some).await.unwrap();
}

/// Compares what a store says to requests, each so many times 10 s after the one before it, with a replay of
/// those that passed. `pass` lets time pass for a key.
async fn follow(
    store: &dyn RateLimitStore,
    limits: &[RateLimit],
    requests: &[(u64, usize)],
    pass: impl AsyncFn(CompactKey, Duration),
) {
    let (start, keys) = (Instant::now(), new_subjects());
    let (mut passed, mut now) = ([const { Vec::new() }; 2], Duration::ZERO);
    for &(tens, who) in requests {
        let wait = Duration::from_secs(10 * tens);
        now += wait;
        for key in keys {
            pass(key, wait).await;
        }
        let request = Counted { scope: Scope::Models, limits, key: keys[who], now: start + now };
        let stood = store.take(request).await.unwrap();
        assert_eq!(stood.len(), limits.len());
        for (Standing { limit, used, reset_in }, expected) in stood.iter().zip(limits) {
            let (expected_used, expected_reset) = replay(&passed[who], *expected, now);
            assert_eq!((limit, *used), (expected, expected_used), "at {now:?} of {requests:?} by {limits:?}");
            let is_near = *reset_in <= expected_reset && expected_reset < *reset_in + SLACK;
            assert!(is_near, "{reset_in:?} rather than {expected_reset:?} at {now:?} of {requests:?}");
        }
        if stood.iter().all(|standing| standing.used < standing.limit.count) {
            passed[who].push(now);
        }
    }
}

/// Limits with windows of whole minutes, some of the same length, and requests.
fn cases() -> impl Strategy<Value = (Vec<RateLimit>, Vec<(u64, usize)>)> {
    let limits = vec((1_u32..5, 1_u32..4), 1..4);
    let limits = limits.prop_map(|limits| {
        limits.into_iter().map(|(count, minutes)| limit(count, minutes, RateUnit::Minute)).collect()
    });
    (limits, vec((0_u64..8, 0_usize..2), 0..40))
}

proptest! {
    #[test]
    fn memory_stands_as_a_replay_of_all_requests_that_passed((limits, requests) in cases()) {
        let store = MemoryStore::new();
        follow(&store, &limits, &requests, async |_, _| {}).now_or_never().unwrap();
    }
}

#[test]
fn the_shared_store_stands_as_a_replay_of_all_requests_that_passed() {
    let Some(server) = RedisServer::start() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shared = runtime.block_on(server.open());
    let store = RedisStore::new(Arc::clone(&shared));
    let config = ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |((limits, requests) in cases())| {
        runtime.block_on(follow(&store, &limits, &requests, async |key, time| pass(&shared, key, time).await));
    });
}

#[tokio::test]
async fn of_requests_at_the_same_time_exactly_as_many_pass_as_the_shared_limits_let() {
    let Some(server) = RedisServer::start() else { return };
    let limits = [limit(100, 1, RateUnit::Hour), limit(70, 1, RateUnit::Day)];
    // As two replicas.
    let stores = [RedisStore::new(server.open().await), RedisStore::new(server.open().await)];
    let [key, _] = new_subjects();
    let request = Counted { scope: Scope::Default, limits: &limits, key, now: Instant::now() };
    for _ in 0..10 {
        let taken = join_all((0..20).map(|n| stores[n % 2].take(request))).await;
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    }
    let standings = stores[0].take(request).await.unwrap();
    assert_eq!(standings.iter().map(|standing| standing.used).collect::<Vec<_>>(), [70, 70]);
}

#[tokio::test]
async fn nothing_is_kept_without_an_end() {
    let Some(server) = RedisServer::start() else { return };
    let shared = server.open().await;
    let store = RedisStore::new(Arc::clone(&shared));
    let limits = [limit(2, 1, RateUnit::Minute), limit(1, 1, RateUnit::Hour), limit(9, 1, RateUnit::Minute)];
    let odd = ["", "a b", "{x}", "\0\r\n", "ünï", &"x".repeat(100_000)].map(subject);
    let addresses = ["203.0.113.9", "2001:db8::1"].map(|text| RateKey::Address(text.parse().unwrap()));
    for scope in Scope::ALL {
        for key in odd.iter().chain(&addresses) {
            for used in [0, 1, 1] {
                let request = Counted { scope, limits: &limits, key: key.into(), now: Instant::now() };
                let standings = store.take(request).await.unwrap();
                assert_eq!(standings.iter().map(|standing| standing.used).collect::<Vec<_>>(), [used; 3]);
            }
        }
    }
    let mut connection = server.client().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    let counted: Vec<_> = keys.iter().filter(|key| key.starts_with("test:v1:limit:")).collect();
    assert_eq!(counted.len(), 24, "{keys:?}");
    for key in &keys {
        assert!(key.len() < 110 && key.bytes().all(|byte| byte.is_ascii_graphic()), "{key}");
        let left: i64 = redis::cmd("PTTL").arg(key).query_async(&mut connection).await.unwrap();
        // A probe's may just have ended.
        assert!(left != -1 && left <= 3_600_000, "{key}: {left}");
        if counted.contains(&key) {
            assert!(left > 3_500_000, "{key}: {left}");
        }
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_no_window_longer() {
    let Some(server) = RedisServer::start() else { return };
    let shared = server.open().await;
    let store = RedisStore::new(Arc::clone(&shared));
    let limits = [limit(1, 1, RateUnit::Minute)];
    let [key, _] = new_subjects();
    let request = Counted { scope: Scope::Models, limits: &limits, key, now: Instant::now() };
    store.take(request).await.unwrap();
    let name = format!("test:v1:limit:models:{{{}}}", key.name());
    let mut connection = server.client().get_multiplexed_async_connection().await.unwrap();
    let far = "9999999999999";
    let _: i64 =
        redis::cmd("HSET").arg(name).arg("60000e").arg(far).query_async(&mut connection).await.unwrap();
    let standings = store.take(request).await.unwrap();
    assert_eq!((standings[0].used, standings[0].reset_in), (1, Duration::from_mins(1)));
}

#[tokio::test]
async fn a_replica_with_shorter_windows_alone_ends_none_of_anothers() {
    let Some(server) = RedisServer::start() else { return };
    let shared = server.open().await;
    let store = RedisStore::new(Arc::clone(&shared));
    let [key, _] = new_subjects();
    let used = async |limit: RateLimit| {
        let request = Counted { scope: Scope::Models, limits: &[limit], key, now: Instant::now() };
        store.take(request).await.unwrap()[0].used
    };
    let (daily, of_a_minute) = (limit(9, 1, RateUnit::Day), limit(5, 1, RateUnit::Minute));
    assert_eq!([used(daily).await, used(daily).await], [0, 1]);
    assert_eq!(used(of_a_minute).await, 0, "as after a reload, or while replicas are restarted one by one");
    pass(&shared, key, Duration::from_mins(2)).await;
    assert_eq!(used(daily).await, 2);
    assert_eq!(used(of_a_minute).await, 0, "that one has ended");
}
