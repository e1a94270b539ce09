//! Plays a case: the engine and the client of the Messages API against the simulator, over its socket.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use promptchain::chain::{
    AnswerOptions, ChainConfig, Conversation, Engine, Event, Message, MessageRole, Plan, Run, RunInput,
    Summary,
};
use promptchain::resilience::BreakerRegistry;
use promptchain::simulator::{FaultRule, LogEntry, Simulator, SimulatorConfig};
use tokio::time::timeout;

use super::scenario::{Leaving, Scenario};
use crate::support::client;

/// After so long the simulator should know of every call how it ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came of a case.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) events: Vec<Event>,
    /// Whether the run was dropped before its end.
    pub(super) was_dropped: bool,
    pub(super) summary: Summary,
    pub(super) calls: Vec<LogEntry>,
    /// Whether anybody goes on after the last event.
    pub(super) goes_on: bool,
}

pub(super) async fn play(scenario: &Scenario, defaults: &ChainConfig) -> Played {
    let faults = FaultRule::parse_list(&scenario.faults).unwrap();
    let simulator = Simulator::start(SimulatorConfig { faults, ..SimulatorConfig::default() }).await.unwrap();
    let mut chain = defaults.clone();
    scenario.settings.apply(&mut chain);
    let breakers = Arc::new(BreakerRegistry::new(scenario.breaker()));
    let engine = Engine::new(client(&simulator, &chain.api_version), breakers);
    let input = input(scenario);
    let mut summary = Summary::new(&input.conversation);
    let mut run = engine.start(Arc::new(chain), input);
    let mut events = read(&mut run, scenario.leaving).await;
    let was_dropped = !matches!(events.last(), Some(Event::RunFinished { .. }));
    let mut goes_on = false;
    if was_dropped {
        events.extend(run.cancel());
    } else {
        goes_on = run.next_event().await.is_some() || !run.cancel().is_empty();
    }
    for event in &events {
        summary.apply(event);
    }
    // Of a connection that was closed before its request was read, it may hear late.
    let ended = |calls: &[LogEntry]| calls.iter().all(|call| call.end.is_some());
    let calls = timeout(PATIENCE, simulator.log().wait_for(ended)).await;
    let calls = calls.unwrap_or_else(|_| panic!("calls go on: {:#?}", simulator.log().entries()));
    Played { events, was_dropped, summary, calls, goes_on }
}

fn input(scenario: &Scenario) -> RunInput {
    let message = Message { role: MessageRole::User, content: scenario.request.to_owned() };
    RunInput {
        conversation: Conversation::new(vec![message]).unwrap(),
        request_id: "req_truth".to_owned(),
        trace: None,
        delivery: scenario.delivery,
        answer: AnswerOptions {
            stop: scenario.stop.into_iter().map(str::to_owned).collect(),
            refusal_ends_answer: scenario.refusal_ends_answer,
            ..AnswerOptions::default()
        },
        plan: Plan::default(),
        purse: None,
    }
}

/// Reads events to the end, or until the reader leaves.
async fn read(run: &mut Run, leaving: Leaving) -> Vec<Event> {
    let mut events = Vec::new();
    let mut polls = 0;
    loop {
        let next = match leaving {
            Leaving::AfterEvents(most) if events.len() >= most => None,
            Leaving::Never | Leaving::AfterEvents(_) => Some(run.next_event().await),
            Leaving::AfterPolls(most) => next_within(run, &mut polls, most).await,
        };
        match next.flatten() {
            Some(event) => events.push(event),
            None => return events,
        }
        if let Some(Event::RunFinished { .. }) = events.last() {
            return events;
        }
    }
}

/// The next event; `None` if it has been asked for too often, in all.
async fn next_within(run: &mut Run, polls: &mut usize, most: usize) -> Option<Option<Event>> {
    let mut next = pin!(run.next_event());
    std::future::poll_fn(|cx| {
        *polls += 1;
        if *polls > most {
            return Poll::Ready(None);
        }
        match next.as_mut().poll(cx) {
            Poll::Ready(event) => Poll::Ready(Some(event)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
