//! A server that records, and one that answers from its recordings.

use std::fs;

use tempfile::TempDir;

use crate::support::{Ended, Served, Upstream, chat, chat_by, question, serve, token};

fn recording(upstream: &Upstream, folder: &str) -> Served {
    let mut command = serve(&[("ANTHROPIC_BASE_URL", &upstream.base_url())]);
    command.args(&["--record", folder]);
    Served::start(command)
}

fn replaying(folder: &str) -> Served {
    let mut command = serve(&[]);
    command.args(&["--replay", folder]);
    Served::start(command)
}

fn end(served: Served) -> Ended {
    served.signal("TERM");
    served.finish()
}

#[test]
fn a_server_answers_from_recordings_what_it_answered_then() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("tape");
    let folder = folder.to_str().unwrap();
    let upstream = Upstream::with_faults(&["process:overloaded@1"]);
    let served = recording(&upstream, folder);
    // The last one's call is dropped where the stop text comes.
    let mut stopped = question("Say hello to the world", true);
    stopped["stop"] = "request".into();
    let answers = |served: &Served| {
        [chat(true), chat_by(token(), &stopped), chat(false)].map(|request| {
            let response = served.ask(&request);
            assert_eq!(response.status, 200, "{response:?}");
            let is_stream =
                response.header("content-type").is_some_and(|it| it.starts_with("text/event-stream"));
            if is_stream { response.answer() } else { response.json()["choices"].to_string() }
        })
    };
    let recorded = answers(&served);
    assert!(recorded[0].starts_with(&recorded[1]) && recorded[0].len() > recorded[1].len(), "{recorded:?}");
    end(served).exits(0);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), upstream.calls().len());
    let mut dropped =
        files.iter().filter(|file| fs::read_to_string(file).unwrap().contains(r#""how": "dropped""#));
    assert!(dropped.next().is_some());
    drop(upstream);

    let served = replaying(folder);
    assert_eq!(served.log().wait_for("Listening")["upstream"], "recordings");
    assert_eq!(answers(&served), recorded);
    end(served).exits(0);
}

#[test]
fn a_request_that_was_not_recorded_is_a_502_whose_reason_stands_in_the_log_alone() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("tape");
    let folder = folder.to_str().unwrap();
    let upstream = Upstream::good();
    let served = recording(&upstream, folder);
    assert_eq!(served.ask(&chat(false)).status, 200);
    end(served).exits(0);

    let served = replaying(folder);
    assert_eq!(served.ask(&chat(false)).status, 200);
    let response = served.ask(&chat_by(token(), &question("What did the zebrafinch say?", false)));
    response.is_error(502, "recording");
    assert_eq!(response.header("x-should-retry"), Some("false"));
    assert!(!response.text().contains(".json") && !response.text().contains("zebrafinch"), "{response:?}");
    let failed = served.log().wait_for("Attempt failed");
    let reason = failed["error"].as_str().unwrap();
    assert!(reason.contains("0001-") && reason.contains("/messages/0/content"), "{failed}");
    let log = end(served).exits(3).log;
    assert!(!log.whole_text().contains("zebrafinch"), "{}", log.text());
    let wrong = log.wait_for("The recordings are wrong");
    assert!(wrong["error"].as_str().unwrap().contains("a request isn't among the recordings"), "{wrong}");
}

#[test]
fn recordings_that_nobody_asked_for_are_named_when_the_server_ends() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("tape");
    let folder = folder.to_str().unwrap();
    let upstream = Upstream::good();
    let served = recording(&upstream, folder);
    assert_eq!(served.ask(&chat(false)).status, 200);
    end(served).exits(0);

    let log = end(replaying(folder)).exits(3).log;
    let wrong = log.wait_for("The recordings are wrong");
    assert!(wrong["error"].as_str().unwrap().contains("3 recordings"), "{wrong}");
    assert_eq!(wrong["causes"].as_str().unwrap().matches("is unused").count(), 3, "{wrong}");
}
