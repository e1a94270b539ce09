//! Calls that fail: why, and after how long.

use futures_util::future::join_all;

use super::*;

/// What comes of a call over a connection on which the store does that, and of the one after it.
#[track_caller]
fn check(act: Act, fault: StoreFault, millis: u128) {
    // One that is late may be so by chance.
    let excused = if fault == StoreFault::timeout { 2 } else { 0 };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let (store, _) = store([serving([OK, act]), Peer::Hangs]).await;
        assert_eq!(call(&store).await, (Ok(Reply::Number(1)), 0));
        for _ in 0..=excused {
            assert_eq!(call(&store).await, (Err(fault), millis));
        }
        assert_eq!(call(&store).await, (Err(fault), 0), "the gate is closed");
    });
}

#[test]
fn a_call_that_is_not_answered_fails_after_80_ms() {
    for act in [Act::Ignore, Act::Freeze, Act::SayLater(Duration::from_millis(81), ":1\r\n"), Act::Say(":1")]
    {
        check(act, StoreFault::timeout, 80);
    }
}

#[test]
fn a_connection_that_breaks_fails_the_call_at_once() {
    check(Act::Cut, StoreFault::connection, 0);
    for (beginning, fault) in [
        (":", StoreFault::connection),
        ("$5\r\nab", StoreFault::reply),
        ("*2\r\n:1\r\n", StoreFault::connection),
    ] {
        check(Act::SayAndCut(beginning), fault, 0);
    }
}

#[test]
fn an_answer_that_makes_no_sense_fails_the_call_at_once() {
    for garbage in
        ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\u{1}\u{2}\r\n", "$x\r\n", "$-1\r\n", "*0\r\n", "+OK\r\n"]
    {
        check(Act::Say(garbage), StoreFault::reply, 0);
    }
}

#[test]
fn an_error_of_the_stores_is_told_by_its_kind() {
    for (error, fault) in [
        ("-LOADING Redis is loading the dataset in memory\r\n", StoreFault::not_ready),
        ("-BUSY Redis is busy running a script.\r\n", StoreFault::not_ready),
        ("-CLUSTERDOWN The cluster is down\r\n", StoreFault::not_ready),
        ("-MASTERDOWN Link with MASTER is down\r\n", StoreFault::not_ready),
        ("-READONLY You can't write against a read only replica.\r\n", StoreFault::read_only),
        ("-MISCONF Redis is configured to save RDB snapshots\r\n", StoreFault::read_only),
        ("-NOREPLICAS Not enough good replicas to write.\r\n", StoreFault::read_only),
        ("-OOM command not allowed when used memory > 'maxmemory'.\r\n", StoreFault::out_of_memory),
        ("-NOAUTH Authentication required.\r\n", StoreFault::refused),
        ("-WRONGPASS invalid username-password pair\r\n", StoreFault::refused),
        ("-NOPERM this user has no permissions\r\n", StoreFault::refused),
        ("-ERR unknown command\r\n", StoreFault::other),
        ("-ERR The user executing the script can't run this command or subcommand\r\n", StoreFault::refused),
    ] {
        check(Act::Say(error), fault, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_one_key_or_late_now_and_then_does_not_close_the_gate() {
    let wrong = Act::Say("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
    let late = Act::SayLater(Duration::from_millis(120), ":1\r\n");
    let (store, dial) = store([serving([wrong, wrong, wrong, late, late, OK, late, late, OK])]).await;
    for _ in 0..3 {
        assert_eq!(call(&store).await, (Err(StoreFault::key), 0));
    }
    for _ in 0..2 {
        for _ in 0..2 {
            assert_eq!(call(&store).await.0, Err(StoreFault::timeout));
            pass(100).await;
        }
        assert_eq!(call(&store).await, (Ok(Reply::Number(1)), 0));
    }
    assert_eq!(dial.dials(), [0]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_time_is_one_however_late() {
    let late = Act::SayLater(Duration::from_millis(79), ":7\r\n");
    let (store, _) = store([serving([late])]).await;
    assert_eq!(call(&store).await, (Ok(Reply::Number(7)), 79));
    assert_eq!(call(&store).await, (Ok(Reply::Number(7)), 79));
}

#[tokio::test(start_paused = true)]
async fn of_calls_at_the_same_time_none_waits_for_another_that_is_not_answered() {
    let (store, _) = store([serving([Act::Freeze]), Peer::Hangs]).await;
    // More than the pipe holds, so that some can't even be sent.
    let calls = join_all((0..500).map(|_| call(&store))).await;
    assert_eq!(calls.len(), 500);
    for call in calls {
        assert_eq!(call, (Err(StoreFault::timeout), 80));
    }
}

#[tokio::test(start_paused = true)]
async fn while_nobody_is_reached_calls_fail_at_once() {
    for peer in [Peer::Refuses, Peer::Hangs] {
        let (store, _) = store([peer]).await;
        for _ in 0..100 {
            assert_eq!(call(&store).await.1, 0);
            pass(37).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn before_it_is_known_how_the_store_is_calls_fail_at_once() {
    let store = open(&ScriptedDial::new([Peer::Hangs]), metrics());
    assert_eq!(call(&store).await, (Err(StoreFault::connection), 0));
    let begin = Instant::now();
    assert_eq!(store.is_there().await.unwrap_err().fault, StoreFault::timeout);
    assert_eq!(begin.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_script_that_the_store_does_not_know_is_sent_to_it() {
    let unknown = Act::Say("-NOSCRIPT No matching script. Please use EVAL.\r\n");
    let (store, dial) = store([serving([OK, unknown, OK, OK])]).await;
    for _ in 0..3 {
        assert_eq!(call(&store).await, (Ok(Reply::Number(1)), 0));
    }
    assert_eq!(dial.commands(), ["EVALSHA", "EVALSHA", "EVAL", "EVALSHA"]);
    let seen = dial.seen.lock().unwrap();
    let hash = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";
    assert_eq!(seen.commands[0], ["EVALSHA", hash, "1", "test:v1:thing:{alice}", "argument"]);
    assert_eq!(seen.commands[2], ["EVAL", "return 1", "1", "test:v1:thing:{alice}", "argument"]);
}

#[tokio::test(start_paused = true)]
async fn both_sendings_of_a_script_have_one_limit_of_time() {
    let unknown = Act::SayLater(Duration::from_millis(50), "-NOSCRIPT No matching script.\r\n");
    let (store, _) = store([serving([unknown, Act::SayLater(Duration::from_millis(50), ":1\r\n")])]).await;
    assert_eq!(call(&store).await, (Err(StoreFault::timeout), 80));
}
