//! A real server that isn't well. The rest of what one may do is tried with whole programs.

use redis::Value;

use super::redis_server::RedisServer;
use super::*;
use crate::server::shared_store::health::State;

const COUNT: &str = "redis.call('INCR', KEYS[1]) redis.call('PEXPIRE', KEYS[1], 60000) return 1";

/// A connection past the store.
async fn directly(server: &RedisServer, command: &[&str]) -> Value {
    let mut connection = server.client().get_multiplexed_async_connection().await.unwrap();
    let (name, args) = command.split_first().unwrap();
    redis::cmd(name).arg(args).query_async(&mut connection).await.unwrap()
}

async fn count(store: &SharedStore) -> Result<Reply, StoreFault> {
    let key = store.key("thing", "alice");
    store.run(&Script::new(COUNT), &key, &[], Some).await.map_err(|error| error.fault)
}

/// Until the store was found to be well again.
async fn is_back(store: &SharedStore) {
    let mut state = store.health.state();
    drop(state.wait_for(|state| matches!(state, State::There { .. })).await);
}

#[tokio::test]
async fn scripts_that_the_store_was_told_to_forget_run_nevertheless() {
    let Some(server) = RedisServer::start() else { return };
    let store = server.open().await;
    for _ in 0..3 {
        assert_eq!(count(&store).await, Ok(Reply::Number(1)));
        directly(&server, &["SCRIPT", "FLUSH"]).await;
    }
    assert_eq!(directly(&server, &["GET", "test:v1:thing:{alice}"]).await, Value::BulkString(b"3".to_vec()));
}

#[tokio::test]
async fn a_store_that_is_full_or_may_only_be_read_is_gone_until_it_is_not() {
    let Some(server) = RedisServer::start() else { return };
    let store = server.open().await;
    for (spoil, mend, fault) in [
        (
            &["CONFIG", "SET", "maxmemory", "1"][..],
            &["CONFIG", "SET", "maxmemory", "0"][..],
            StoreFault::out_of_memory,
        ),
        (&["REPLICAOF", "127.0.0.1", "1"], &["REPLICAOF", "NO", "ONE"], StoreFault::read_only),
        (
            &["CONFIG", "SET", "min-replicas-to-write", "1"],
            &["CONFIG", "SET", "min-replicas-to-write", "0"],
            StoreFault::read_only,
        ),
    ] {
        assert_eq!(count(&store).await, Ok(Reply::Number(1)));
        directly(&server, spoil).await;
        assert_eq!(count(&store).await, Err(fault), "{spoil:?}");
        directly(&server, mend).await;
        is_back(&store).await;
    }
}
