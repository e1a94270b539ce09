//! A stream, as a client reads it: what comes in which write, and when.

use std::time::Duration;

use axum::body::{BodyDataStream, Bytes};
use axum::response::Response;
use futures_util::StreamExt as _;
use serde_json::Value;
use tokio::time::Instant;

/// A stream under way. Dropped, its client leaves.
pub(super) struct Frames {
    body: BodyDataStream,
    head_came: Instant,
    /// What all chunks have in common, once there was one.
    common: Option<[Value; 4]>,
}

impl Frames {
    /// Of a response that must be a stream.
    #[track_caller]
    pub(super) fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        assert_eq!(head.status, 200);
        assert_eq!(head.headers["content-type"], "text/event-stream; charset=utf-8");
        Self { body: body.into_data_stream(), head_came: Instant::now(), common: None }
    }

    /// The next write, an event a line; `None` after the last.
    pub(super) async fn next(&mut self) -> Option<String> {
        let write = self.body.next().await?.unwrap();
        let lines: Vec<String> = events(&write).iter().map(|data| self.line(data)).collect();
        Some(lines.join("\n"))
    }

    /// All events that are still to come, one a line.
    pub(super) async fn rest(mut self) -> String {
        let mut writes = Vec::new();
        while let Some(write) = self.next().await {
            writes.push(write);
        }
        writes.join("\n")
    }

    /// The same, with the time of each write since the response's head.
    pub(super) async fn timed(mut self) -> String {
        let mut writes = String::new();
        while let Some(write) = self.next().await {
            writes.push_str(&format!("after {}s\n", seconds(self.head_came.elapsed())));
            writes.extend(write.lines().map(|line| format!("  {line}\n")));
        }
        writes
    }

    /// An event in a few words.
    fn line(&mut self, data: &str) -> String {
        if data == "[DONE]" {
            return data.to_owned();
        }
        let json: Value = serde_json::from_str(data).unwrap();
        if let Some(error) = json.get("error") {
            return format!("error {error}");
        }
        let common = ["id", "object", "created", "model"].map(|name| json[name].clone());
        assert!(common[0].as_str().unwrap().starts_with("chatcmpl-"), "{data}");
        assert_eq!(common[1], "chat.completion.chunk");
        assert_eq!(*self.common.get_or_insert_with(|| common.clone()), common, "the same in all chunks");
        chunk(&json)
    }
}

/// A chunk in a few words.
fn chunk(json: &Value) -> String {
    let usage = match json.get("usage") {
        None => String::new(),
        Some(Value::Null) => " usage null".to_owned(),
        Some(usage) => {
            let estimated = if usage["estimated"] == true { " estimated" } else { "" };
            format!(" usage {}/{}{estimated}", usage["prompt_tokens"], usage["completion_tokens"])
        }
    };
    let Some(choice) = json["choices"].get(0) else { return format!("no choice{usage}") };
    let step = json.get("promptchain").map(|step| format!(" step {step}")).unwrap_or_default();
    let finish =
        choice["finish_reason"].as_str().map(|reason| format!(" finish {reason}")).unwrap_or_default();
    format!("{}{finish}{step}{usage}", choice["delta"])
}

/// The data of the events in a write, each of which must be a whole one, and a `data:` line and nothing else.
fn events(write: &Bytes) -> Vec<String> {
    let text = str::from_utf8(write).unwrap();
    let events = text.strip_suffix("\n\n").unwrap_or_else(|| panic!("{text:?} breaks off")).split("\n\n");
    let data = events.map(|event| {
        let data = event.strip_prefix("data: ").unwrap_or_else(|| panic!("{event:?} isn't data"));
        assert!(!data.contains(['\n', '\r']), "{event:?}");
        data.to_owned()
    });
    data.collect()
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}
