//! What passes through the client is written down, and comes out of the files the same.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::join;
use tokio::time::{Instant, timeout};

use super::super::recording::{FolderError, Leftover, Recorder, RecorderError, Replayer};
use super::super::{AnthropicClient, Credentials, Tape};
use super::upstream::{EVENT_STREAM, LAST_CHUNK, Upstream, chunk};
use super::{END, HELLO, SECRET, answer, api_key, begin, call, hello, request};
use crate::model::{CallError, CallErrorKind, Model, ReplyEvent, SystemBlock};

fn recording(upstream: &Upstream, folder: &Path) -> (AnthropicClient, Arc<Recorder>) {
    let recorder = Arc::new(Recorder::create(folder).unwrap());
    let tape = Tape::Record(Arc::clone(&recorder));
    (AnthropicClient::with_tape(upstream.config(Some(api_key())), tape).unwrap(), recorder)
}

/// A client of nobody, without credentials.
async fn replaying(folder: &Path, speed: Option<f64>) -> (AnthropicClient, Arc<Replayer>) {
    let replayer = Arc::new(Replayer::open(folder, speed).unwrap());
    let config = Upstream::start().await.config(None);
    (AnthropicClient::with_tape(config, Tape::Replay(Arc::clone(&replayer))).unwrap(), replayer)
}

fn files(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

fn text_of(folder: &Path, index: usize) -> String {
    fs::read_to_string(folder.join(&files(folder)[index])).unwrap()
}

fn json_of(folder: &Path, index: usize) -> Value {
    serde_json::from_str(&text_of(folder, index)).unwrap()
}

/// What becomes of a call that is answered so, when it is recorded and when it is replayed.
async fn both(answer: &str, folder: &Path) -> [Result<Vec<ReplyEvent>, CallError>; 2] {
    let upstream = Upstream::start().await;
    let (client, recorder) = recording(&upstream, folder);
    let (first, _) = join!(call(&client), upstream.answer(answer));
    assert_eq!(recorder.failure(), None);
    let (client, replayer) = replaying(folder, None).await;
    let again = call(&client).await;
    assert_eq!(replayer.leftover(), None);
    [first, again]
}

#[tokio::test]
async fn a_reply_is_replayed_as_it_was_whatever_its_pieces_were_cut_in() {
    let folder = TempDir::new().unwrap();
    let upstream = Upstream::start().await;
    let (client, _) = recording(&upstream, folder.path());
    let body = format!("{}{END}", HELLO.replace("Hello", "Grüße 🌍"));
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection.send(EVENT_STREAM).await;
        for byte in body.bytes() {
            connection.send_bytes(&[b"1\r\n", [byte].as_slice(), b"\r\n"].concat()).await;
        }
        connection.send(LAST_CHUNK).await;
    };
    let (recorded, ()) = join!(call(&client), server);
    let (client, _) = replaying(folder.path(), None).await;
    let texts = |events: Vec<ReplyEvent>| {
        events
            .into_iter()
            .filter_map(|event| if let ReplyEvent::Text(text) = event { Some(text) } else { None })
    };
    let replayed = call(&client).await.unwrap();
    assert_eq!(recorded.as_ref(), Ok(&replayed));
    assert_eq!(texts(replayed).collect::<String>(), "Grüße 🌍");
    let recording = json_of(folder.path(), 0);
    let pieces = recording["response"]["body"].as_array().unwrap();
    let text: String = pieces.iter().map(|piece| piece["text"].as_str().unwrap()).collect();
    assert_eq!(text, body, "all of it is text");
    assert_eq!(recording["end"]["how"], "complete");
}

#[cfg(unix)]
#[tokio::test]
async fn a_recording_is_for_its_owner_alone_and_holds_no_secret() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let other_key = "sk-ant-api03-somebody-elses-0123";
    let body = format!(r#"{{"error":{{"type":"t","message":"bad {SECRET}, not {other_key}"}}}}"#);
    let head = format!("401 No\r\nrequest-id: {SECRET}\r\nset-cookie: session\r\n");
    let [recorded, replayed] = both(&answer(&head, &body), folder.path()).await;
    assert_eq!(recorded.unwrap_err().request_id, replayed.unwrap_err().request_id);
    let [name] = files(folder.path()).try_into().unwrap();
    assert!(name.starts_with("0001-") && name.len() == "0001-0123456789ab.json".len(), "{name}");
    assert_eq!(fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600);
    let text = text_of(folder.path(), 0);
    for secret in [SECRET, other_key, "x-api-key", "session", "run-1"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(text.matches("[secret]").count(), 3);
}

#[tokio::test]
async fn an_error_is_replayed_with_what_it_says_about_trying_again() {
    let folder = TempDir::new().unwrap();
    let body = r#"{"error":{"type":"overloaded_error","message":"Busy"}}"#;
    let head = "529 Busy\r\nretry-after: 7\r\nx-should-retry: false\r\nrequest-id: req_9\r\n\
        anthropic-ratelimit-tokens-remaining: 0\r\n";
    let [recorded, replayed] = both(&answer(head, body), folder.path()).await;
    assert_eq!(recorded, replayed);
    let error = replayed.unwrap_err();
    assert_eq!(error.to_string(), "upstream answered 529 overloaded_error: Busy");
    assert_eq!((error.retry_after, error.should_retry), (Some(Duration::from_secs(7)), Some(false)));
    let headers = &json_of(folder.path(), 0)["response"]["headers"];
    assert_eq!(headers["anthropic-ratelimit-tokens-remaining"], "0");
}

#[tokio::test]
async fn what_broke_off_breaks_off_again_in_the_same_words() {
    let short =
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n{HELLO}");
    for (answer, how) in [("", "unanswered"), (short.as_str(), "broken_off")] {
        let folder = TempDir::new().unwrap();
        let [recorded, replayed] = both(answer, folder.path()).await;
        assert_eq!(recorded, replayed);
        assert!(matches!(replayed.unwrap_err().kind, CallErrorKind::Interrupted(_)));
        assert_eq!(json_of(folder.path(), 0)["end"]["how"], how);
    }
}

#[tokio::test]
async fn an_upstream_that_was_not_reached_is_not_reached_again() {
    let folder = TempDir::new().unwrap();
    let upstream = Upstream::start().await;
    let (client, _) = recording(&upstream, folder.path());
    drop(upstream);
    let recorded = call(&client).await;
    let (client, _) = replaying(folder.path(), None).await;
    let replayed = call(&client).await;
    assert_eq!(recorded, replayed);
    assert!(matches!(replayed.unwrap_err().kind, CallErrorKind::Connect { .. }));
}

#[tokio::test]
async fn what_we_dropped_is_recorded_so_far_and_goes_no_further_when_replayed() {
    let folder = TempDir::new().unwrap();
    let upstream = Upstream::start().await;
    let (client, _) = recording(&upstream, folder.path());
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection.send(&format!("{EVENT_STREAM}{}", chunk(HELLO))).await;
        connection
    };
    let (mut reply, connection) = join!(begin(&client), server);
    let first = reply.next().await.unwrap().unwrap();
    assert_eq!(reply.next().await.unwrap().unwrap(), ReplyEvent::Text("Hello".into()));
    assert_eq!(files(folder.path()).len(), 0, "it is written when it has ended");
    drop(reply);
    connection.closed().await;
    assert_eq!(json_of(folder.path(), 0)["end"]["how"], "dropped");

    let (client, _) = replaying(folder.path(), None).await;
    let mut reply = begin(&client).await;
    assert_eq!(reply.next().await.unwrap().unwrap(), first);
    assert_eq!(reply.next().await.unwrap().unwrap(), ReplyEvent::Text("Hello".into()));
    assert!(reply.next().now_or_never().is_none());
}

#[tokio::test]
async fn a_call_that_was_dropped_before_its_answer_is_recorded_and_waits_when_replayed() {
    let folder = TempDir::new().unwrap();
    let upstream = Upstream::start().await;
    let (client, _) = recording(&upstream, folder.path());
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
    };
    tokio::select! {
        () = server => {}
        _ = call(&client) => panic!("the call isn't answered"),
    }
    assert_eq!(json_of(folder.path(), 0)["response"], Value::Null);
    let (client, _) = replaying(folder.path(), None).await;
    assert!(client.call(&request(), None).now_or_never().is_none());
}

#[tokio::test]
async fn the_same_request_gets_its_recordings_in_order_and_then_no_more() {
    let folder = TempDir::new().unwrap();
    let upstream = Upstream::start().await;
    let (client, _) = recording(&upstream, folder.path());
    let busy = answer("529 Busy\r\n", "busy");
    let good = answer(
        "200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_head\r\n",
        &format!("{HELLO}{END}"),
    );
    for answer in [busy, good] {
        drop(join!(call(&client), upstream.answer(&answer)));
    }
    let (client, replayer) = replaying(folder.path(), None).await;
    assert_eq!(call(&client).await.unwrap_err().status(), Some(529));
    let unused = vec![files(folder.path())[1].clone()];
    assert_eq!(replayer.leftover(), Some(Leftover { unmatched: 0, unused }));
    assert_eq!(call(&client).await, Ok(hello()));
    assert_eq!(replayer.leftover(), None);
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.to_string(), "the request was recorded 2 times, and is sent once more");
    assert_eq!(replayer.leftover(), Some(Leftover { unmatched: 1, unused: Vec::new() }));
}

#[tokio::test]
async fn another_request_is_told_from_the_nearest_recording() {
    let folder = TempDir::new().unwrap();
    both(&answer("500 Oops\r\n", ""), folder.path()).await[0].as_ref().unwrap_err();
    let (client, _) = replaying(folder.path(), None).await;
    let mut other = request();
    (other.max_tokens, other.turns[0].text) = (11, "Grüß Gott".into());
    let Err(error) = client.call(&other, None).await else { panic!("it isn't recorded") };
    assert!(error.is_unrecorded() && !error.is_retryable());
    let CallErrorKind::Unrecorded(unrecorded) = error.kind else { panic!("{error:?}") };
    let name = &files(folder.path())[0];
    assert_eq!(
        unrecorded.summary,
        format!(
            "the request isn't recorded; the nearest recording, {name}, differs at /max_tokens, /messages/0/content"
        )
    );
    assert_eq!(
        unrecorded.differences,
        ["/max_tokens: recorded 10, now 11", r#"/messages/0/content: recorded "Grüße", now "Grüß Gott""#]
    );
}

#[tokio::test]
async fn what_is_recorded_of_one_path_is_not_compared_with_what_is_sent_to_another() {
    let folder = TempDir::new().unwrap();
    both(&answer("500 Oops\r\n", ""), folder.path()).await[0].as_ref().unwrap_err();
    assert_eq!(json_of(folder.path(), 0)["request"]["path"], "/v1/messages");
    let (client, _) = replaying(folder.path(), None).await;
    let error = client.count_tokens(&request()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request isn't recorded, nor is any other POST /v1/messages/count_tokens"
    );
}

#[tokio::test]
async fn of_many_places_in_which_a_request_differs_the_first_are_named_and_the_others_counted() {
    let folder = TempDir::new().unwrap();
    both(&answer("500 Oops\r\n", ""), folder.path()).await[0].as_ref().unwrap_err();
    let (client, _) = replaying(folder.path(), None).await;
    let mut other = request();
    (other.model, other.max_tokens, other.temperature) = ("other".into(), 11, Some(0.123));
    other.turns[0].text = "Grüß Gott".into();
    other.schema = Some(Arc::new(json!({"type": "object"}).into()));
    other.system.clear();
    other.system.push(SystemBlock { text: "Otherwise.".into(), cache: false });
    let Err(error) = client.call(&other, None).await else { panic!("it isn't recorded") };
    let CallErrorKind::Unrecorded(unrecorded) = error.kind else { panic!("{error:?}") };
    assert_eq!(unrecorded.differences.len(), 5);
    let told = unrecorded.summary;
    assert!(told.ends_with(" and 1 more places"), "{told}");
}

/// Replaces a part of the only recording.
fn change(folder: &Path, change: impl FnOnce(&mut Value)) {
    let path = folder.join(&files(folder)[0]);
    let mut recording: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut recording);
    fs::write(path, recording.to_string()).unwrap();
}

#[tokio::test]
async fn a_recording_is_played_at_once_or_in_its_time_or_faster() {
    let folder = TempDir::new().unwrap();
    both(&answer("200 OK\r\ncontent-type: text/event-stream\r\n", ""), folder.path()).await[0]
        .as_ref()
        .unwrap_err();
    change(folder.path(), |recording| {
        let body = json!([{ "ms": 3000, "text": HELLO }, { "ms": 5000, "text": END }]);
        recording["response"]["ms"] = json!(1000);
        recording["response"]["body"] = body;
        recording["end"]["ms"] = json!(8000);
    });
    tokio::time::pause();
    for (speed, seconds) in [(None, 0.0), (Some(1.0), 5.0), (Some(2.0), 2.5), (Some(0.5), 10.0)] {
        let (client, _) = replaying(folder.path(), speed).await;
        let began = Instant::now();
        let mut reply = begin(&client).await;
        while reply.next().await.unwrap().unwrap() != ReplyEvent::Finished {}
        // The clock's grain is a millisecond.
        let elapsed = began.elapsed().as_secs_f64();
        assert!((elapsed - seconds).abs() < 0.01, "{speed:?}: {elapsed}");
        let rest: Vec<ReplyEvent> = reply.try_collect().await.unwrap();
        assert_eq!(rest, []);
    }
}

#[tokio::test]
async fn what_we_dropped_is_played_in_its_own_time_at_any_speed_and_then_waits() {
    let folder = TempDir::new().unwrap();
    both(&answer("200 OK\r\ncontent-type: text/event-stream\r\n", ""), folder.path()).await[0]
        .as_ref()
        .unwrap_err();
    change(folder.path(), |recording| {
        let body = json!([{ "ms": 3000, "text": HELLO }, { "ms": 5000, "text": HELLO }]);
        recording["response"]["ms"] = json!(1000);
        recording["response"]["body"] = body;
        recording["end"] = json!({ "how": "dropped", "ms": 6000 });
    });
    tokio::time::pause();
    for speed in [None, Some(1.0), Some(100.0)] {
        let (client, _) = replaying(folder.path(), speed).await;
        let began = Instant::now();
        let mut reply = begin(&client).await;
        for seconds in [3.0, 5.0] {
            while reply.next().await.unwrap().unwrap() != ReplyEvent::Text("Hello".into()) {}
            let elapsed = began.elapsed().as_secs_f64();
            assert!((elapsed - seconds).abs() < 0.01, "{speed:?}: {elapsed}");
        }
        assert!(timeout(Duration::from_hours(1), reply.next()).await.is_err());
    }
}

#[tokio::test]
async fn of_several_headers_of_a_name_the_one_counts_that_counted_then() {
    let folder = TempDir::new().unwrap();
    let head = "429 Slow down\r\nretry-after: 1\r\nretry-after: 2\r\nx-should-retry: true\r\n\
        x-should-retry: false\r\n";
    let [recorded, replayed] = both(&answer(head, "no"), folder.path()).await;
    let error = replayed.unwrap_err();
    assert_eq!((error.retry_after, error.should_retry), (Some(Duration::from_secs(1)), Some(true)));
    assert_eq!(recorded.unwrap_err(), error);

    let folder = TempDir::new().unwrap();
    let head = "200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_head\r\n\
        content-type: text/html\r\n";
    let [recorded, replayed] = both(&answer(head, &format!("{HELLO}{END}")), folder.path()).await;
    assert_eq!((recorded, replayed), (Ok(hello()), Ok(hello())));
}

#[tokio::test]
async fn whatever_an_answer_begins_with_can_be_recorded_and_replayed() {
    for head in [
        "101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n",
        "204 No Content\r\n",
        "304 Not Modified\r\n",
        "600 What\r\n",
        "999 What\r\n",
        "500 Oops\r\nrequest-id: Grüße\r\ncontent-type: a\tb\r\n",
    ] {
        let folder = TempDir::new().unwrap();
        let [recorded, replayed] = both(&answer(head, ""), folder.path()).await;
        assert_eq!(recorded, replayed, "{head}");
    }
}

#[tokio::test]
async fn a_reply_in_the_smallest_pieces_makes_no_large_recording() {
    const BYTES: usize = 200_000;
    let folder = TempDir::new().unwrap();
    let upstream = Upstream::start().await;
    let (client, _) = recording(&upstream, folder.path());
    let server = async {
        let mut connection = upstream.accept().await;
        connection.request().await;
        connection.send(EVENT_STREAM).await;
        connection.send(&chunk(&format!("{HELLO}: "))).await;
        connection.send(&chunk("x").repeat(BYTES)).await;
        connection.send(&format!("{}{LAST_CHUNK}", chunk(&format!("\n{END}")))).await;
    };
    let (recorded, ()) = join!(call(&client), server);
    assert_eq!(recorded, Ok(hello()));
    let bytes = text_of(folder.path(), 0).len();
    // Reading so many takes a while, and each millisecond of it is a piece.
    assert!((BYTES..10 * BYTES).contains(&bytes), "{bytes}");
    let recording = json_of(folder.path(), 0);
    let times = recording["response"]["body"].as_array().unwrap().iter().map(|piece| piece["ms"].as_u64());
    assert!(times.is_sorted_by(|one, next| one < next), "each millisecond has one piece");
    let (client, _) = replaying(folder.path(), None).await;
    assert_eq!(call(&client).await, Ok(hello()));
}

#[tokio::test]
async fn an_escaped_secret_is_neither_in_the_recording_nor_in_the_error() {
    let secret = "CANARYkey-0123456789/abc+def";
    for quoted in [r"CANARYkey-0123456789\/abc+def", r"CANARYkey-0123456789\\\/abc+def"] {
        let folder = TempDir::new().unwrap();
        let upstream = Upstream::start().await;
        let recorder = Arc::new(Recorder::create(folder.path()).unwrap());
        let config = upstream.config(Some(Credentials::ApiKey(secret.into())));
        let client = AnthropicClient::with_tape(config, Tape::Record(recorder)).unwrap();
        // Not JSON, so that it is quoted as it is.
        let refused = answer("401 No\r\n", &format!("refused: \"{quoted}\""));
        let error = join!(call(&client), upstream.answer(&refused)).0.unwrap_err();
        assert_eq!(error.to_string(), "upstream answered 401: refused: \"[secret]\"");
        let text = text_of(folder.path(), 0);
        assert!(text.contains("[secret]") && !text.contains("CANARY") && !text.contains("abc+def"), "{text}");
    }
}

#[tokio::test]
async fn a_folder_is_recorded_into_by_one_at_a_time() {
    let folder = TempDir::new().unwrap();
    let first = Recorder::create(folder.path()).unwrap();
    assert!(matches!(Recorder::create(folder.path()), Err(RecorderError::Busy(_))));
    drop(first);
    assert_eq!(files(folder.path()), Vec::<String>::new(), "nothing is left behind");
    Recorder::create(folder.path()).unwrap();
}

type Damage = fn(&mut Value);

#[tokio::test]
async fn a_recording_that_cannot_be_used_is_named_with_what_is_wrong() {
    let cases: [(Damage, &str); 15] = [
        (|it| it["version"] = json!(2), "is of version 2, and this program reads version 1"),
        (|it| *it = json!([]), "is damaged: "),
        (|it| it["end"]["how"] = json!("well"), "is damaged: unknown variant `well`"),
        (|it| it["request"]["body"]["max_tokens"] = json!(1), "/request/hash isn't that of its request"),
        (|it| it["response"]["status"] = json!(99), "there is no status 99"),
        (|it| it["extra"] = json!(1), "is damaged: unknown field `extra`"),
        (|it| it["request"]["extra"] = json!(1), "is damaged: unknown field `extra`"),
        (|it| it["response"]["extra"] = json!(1), "is damaged: unknown field `extra`"),
        (|it| it["end"]["extra"] = json!(1), "is damaged: unknown field `extra`"),
        (|it| it["response"]["body"][0]["extra"] = json!(1), "is damaged: unknown field `extra`"),
        (|it| it["response"]["body"][0]["base64"] = json!(""), "has both `text` and `base64`"),
        (|it| it["response"]["body"] = json!([{ "ms": 1 }]), "has neither `text` nor `base64`"),
        (|it| it["response"]["headers"]["a b"] = json!("c"), "/response/headers/a b can't be a header"),
        (|it| it["response"]["body"] = json!([{ "ms": 1, "base64": "?" }]), "/response/body/0 isn't base64"),
        (|it| it["response"] = Value::Null, "/end doesn't fit"),
    ];
    let folder = TempDir::new().unwrap();
    both(&answer("500 Oops\r\n", "no"), folder.path()).await[0].as_ref().unwrap_err();
    let name = files(folder.path())[0].clone();
    let good = text_of(folder.path(), 0);
    for (damage, expected) in cases {
        fs::write(folder.path().join(&name), &good).unwrap();
        change(folder.path(), damage);
        let Err(FolderError::Damaged { files, .. }) = Replayer::open(folder.path(), None) else {
            panic!("{expected}")
        };
        assert!(files.len() == 1 && files[0].starts_with(&name) && files[0].contains(expected), "{files:?}");
    }
    fs::write(folder.path().join(&name), &good[..good.len() / 2]).unwrap();
    assert!(matches!(Replayer::open(folder.path(), None), Err(FolderError::Damaged { .. })));
    fs::remove_file(folder.path().join(&name)).unwrap();
    assert!(matches!(Replayer::open(folder.path(), None), Err(FolderError::Empty(_))));
}

#[tokio::test]
async fn a_folder_that_holds_recordings_is_not_recorded_into_again() {
    let folder = TempDir::new().unwrap();
    both(&answer("500 Oops\r\n", "no"), folder.path()).await[0].as_ref().unwrap_err();
    assert!(matches!(Recorder::create(folder.path()), Err(RecorderError::Taken(_))));
    let file = folder.path().join(&files(folder.path())[0]);
    assert!(matches!(Recorder::create(&file), Err(RecorderError::Io { .. })));
}

#[tokio::test]
async fn a_recording_that_cannot_be_written_is_no_loss_to_the_call() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("inner");
    let upstream = Upstream::start().await;
    let (client, recorder) = recording(&upstream, &inner);
    fs::remove_dir(&inner).unwrap();
    let good = answer(
        "200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_head\r\n",
        &format!("{HELLO}{END}"),
    );
    let (reply, _) = join!(call(&client), upstream.answer(&good));
    assert_eq!(reply, Ok(hello()));
    assert!(recorder.failure().is_some_and(|failure| failure.contains("0001-")));
}
