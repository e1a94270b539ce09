//! What came of a cell: what whoever asked has got, and what program and simulator have counted.

use promptchain::simulator::{LogEntry, Step};
use serde_json::Value;

use super::books::{Books, Paid};
use super::cell::Cell;
use crate::support::{Metrics, Ran, Response};

/// What came of a cell.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) got: Got,
    /// The answer's text, as far as it came.
    pub(super) text: String,
    /// The `error.code` of a run that failed: of the response, or in the log.
    pub(super) code: Option<String>,
    /// What a person reads of it, line by line.
    pub(super) told: Vec<String>,
    /// What the program says that it used.
    pub(super) books: Books,
    /// The calls, as the simulator saw them.
    pub(super) calls: Vec<LogEntry>,
    /// Of a server: what it has counted.
    pub(super) metrics: Option<Metrics>,
}

/// What whoever asked has got.
#[derive(Debug)]
pub(super) enum Got {
    /// An exit code.
    Exit(i32),
    /// A response in one piece: the answer, or an error with a status of its own.
    Whole(Response),
    /// A stream.
    Stream {
        response: Response,
        /// The `finish_reason`; `None` if it ends with an error.
        finish: Option<String>,
    },
}

impl Seen {
    /// Of `run`, whose log is among what it said on stderr.
    #[track_caller]
    pub(super) fn at_terminal(ran: &Ran, calls: Vec<LogEntry>) -> Self {
        let (log, told): (Vec<&str>, Vec<&str>) = ran.stderr.lines().partition(|line| line.starts_with('{'));
        let log: Vec<Value> = log.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let last = log.iter().find(|line| line["message"].as_str().is_some_and(|it| it.starts_with("Run ")));
        let last = last.unwrap_or_else(|| panic!("no last line: {ran:?}"));
        Self {
            got: Got::Exit(ran.code.unwrap()),
            // A last line is ended, if the answer doesn't do that itself.
            text: ran.stdout.strip_suffix('\n').unwrap_or(&ran.stdout).to_owned(),
            code: last["error_code"].as_str().map(str::to_owned),
            told: told.into_iter().filter_map(notable).collect(),
            books: Books::of_log_line(last),
            calls,
            metrics: None,
        }
    }

    /// Of a server.
    #[track_caller]
    pub(super) fn by_client(response: Response, metrics: Metrics, calls: Vec<LogEntry>) -> Self {
        let is_stream = response.header("content-type").is_some_and(|it| it.starts_with("text/event-stream"));
        let (text, finish, error) = if is_stream { read_stream(&response) } else { read_whole(&response) };
        let of_error = |name: &str| error.as_ref().map(|error| error[name].as_str().unwrap().to_owned());
        Self {
            text,
            code: of_error("code"),
            told: of_error("message").into_iter().collect(),
            books: Books::of_metrics(&metrics),
            calls,
            metrics: Some(metrics),
            got: if is_stream { Got::Stream { response, finish } } else { Got::Whole(response) },
        }
    }

    /// The calls for that step.
    pub(super) fn calls_for(&self, step: Step) -> impl Iterator<Item = &LogEntry> {
        self.calls.iter().filter(move |call| call.step == Some(step))
    }

    /// Whether there is an answer.
    pub(super) fn is_answered(&self) -> bool {
        match &self.got {
            Got::Exit(code) => *code == 0,
            Got::Whole(response) => response.status == 200,
            Got::Stream { finish, .. } => finish.is_some(),
        }
    }

    /// What is known of the cost of the calls for that step, in their order.
    pub(super) fn paid_for(&self, cell: &Cell) -> Vec<Paid> {
        self.calls_for(cell.step).map(Paid::of).collect()
    }

    /// The response, where there is one.
    pub(super) fn response(&self) -> Option<&Response> {
        match &self.got {
            Got::Exit(_) => None,
            Got::Whole(response) | Got::Stream { response, .. } => Some(response),
        }
    }
}

/// What a line on stderr says beside what every run says; how long something takes isn't the same twice.
fn notable(line: &str) -> Option<String> {
    const RETRYING: &str = "retrying in ";
    let words: Vec<&str> = line.split_whitespace().collect();
    if matches!(words.as_slice(), ["total", ..] | [_, "ok" | "failed" | "warned", ..]) {
        return None;
    }
    let line = words.join(" ");
    let Some((before, rest)) = line.split_once(RETRYING) else { return Some(line) };
    let (_, after) = rest.split_once(": ")?;
    Some(format!("{before}{RETRYING}…: {after}"))
}

/// Text, finish reason and error of an answer in one piece.
#[track_caller]
fn read_whole(response: &Response) -> (String, Option<String>, Option<Value>) {
    let body = response.json();
    if response.status != 200 {
        return (String::new(), None, Some(body["error"].clone()));
    }
    let choice = &body["choices"][0];
    let word = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{body}")).to_owned();
    (word(&choice["message"]["content"]), Some(word(&choice["finish_reason"])), None)
}

/// The same of a stream, which must end in one of the two ways that there are.
#[track_caller]
fn read_stream(response: &Response) -> (String, Option<String>, Option<Value>) {
    let mut events = response.events();
    assert_eq!(events.pop().as_deref(), Some("[DONE]"), "{response:?}");
    let mut events: Vec<Value> = events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    let last = events.pop().unwrap();
    assert!(events.iter().all(|event| event["choices"][0]["finish_reason"].is_null()), "{events:?}");
    assert!(events.iter().all(|event| event.get("error").is_none()), "{events:?}");
    assert_eq!(events[0]["choices"][0]["delta"], serde_json::json!({"role": "assistant", "content": ""}));
    let text = events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect();
    if last["error"].is_object() {
        return (text, None, Some(last["error"].clone()));
    }
    let choice = &last["choices"][0];
    assert_eq!(choice["delta"], serde_json::json!({}), "{last}");
    (text, Some(choice["finish_reason"].as_str().unwrap().to_owned()), None)
}
