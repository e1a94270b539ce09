//! Clients that do nothing wrong: they ask at a steady pace, and note how long they wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval};

use crate::Result;
use crate::house::House;
use crate::latency::Latency;
use crate::support::token;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The list of models: the server alone answers.
    Models,
    /// A chat completion: three calls.
    Chat,
}

/// From one request to the next.
const EVERY: [(Asked, Duration); 2] =
    [(Asked::Models, Duration::from_millis(20)), (Asked::Chat, Duration::from_millis(100))];

/// An answer.
#[derive(Debug, Clone)]
struct Answer {
    asked: Asked,
    /// When it was due to be asked for. What comes later has waited since then.
    due: Instant,
    took: Duration,
    failure: Option<String>,
}

/// Clients that ask for as long as this lives.
pub(crate) struct Good {
    answers: Arc<Mutex<Vec<Answer>>>,
    _asking: JoinSet<()>,
}

impl Good {
    /// They ask for all of these.
    pub(crate) fn begin(house: &House, what: &[Asked]) -> Result<Self> {
        let answers = Arc::default();
        let mut asking = JoinSet::new();
        for (asked, every) in EVERY.iter().filter(|(asked, _)| what.contains(asked)) {
            let request = match asked {
                Asked::Models => house.client.get(format!("{}/v1/models", house.server.url)),
                Asked::Chat => {
                    let messages = json!([{"role": "user", "content": "What is ownership?"}]);
                    house
                        .client
                        .post(format!("{}/v1/chat/completions", house.server.url))
                        .header("content-type", "application/json")
                        .body(json!({"model": "prompt-chaining", "messages": messages}).to_string())
                }
            };
            asking.spawn(ask_on(request.bearer_auth(token("good")?), *asked, *every, Arc::clone(&answers)));
        }
        Ok(Self { answers, _asking: asking })
    }

    /// How long answers took that were due within a time; it must have been over for long enough.
    ///
    /// # Errors
    /// If one of them wasn't good.
    pub(crate) fn latency(&self, asked: Asked, windows: &[(Instant, Instant)]) -> Result<Latency> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = |answer: &Answer| windows.iter().any(|(from, to)| (from..to).contains(&&answer.due));
        let due: Vec<&Answer> =
            answers.iter().filter(|answer| answer.asked == asked && is_due(answer)).collect();
        if let Some(failure) = due.iter().find_map(|answer| answer.failure.as_deref()) {
            return Err(format!("a good request failed: {failure}").into());
        }
        Ok(Latency::of(due.iter().map(|answer| answer.took)))
    }
}

async fn ask_on(
    request: reqwest::RequestBuilder,
    asked: Asked,
    every: Duration,
    answers: Arc<Mutex<Vec<Answer>>>,
) {
    let mut pace = interval(every);
    let mut asking = JoinSet::new();
    loop {
        let due = pace.tick().await;
        while asking.try_join_next().is_some() {}
        let Some(request) = request.try_clone() else { return };
        let answers = Arc::clone(&answers);
        asking.spawn(async move {
            let failure = match request.send().await {
                Ok(answer) if answer.status() == 200 => {
                    answer.bytes().await.err().map(|error| error.to_string())
                }
                Ok(answer) => Some(answer.status().to_string()),
                Err(error) => Some(error.to_string()),
            };
            let answer = Answer { asked, due, took: due.elapsed(), failure };
            answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
        });
    }
}
