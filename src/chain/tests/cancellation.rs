//! Dropping a run ends it.

use super::*;
use crate::model::scripted::Act;
use crate::model::{ReplyEvent, Usage};
use crate::resilience::BreakerState;

#[tokio::test(start_paused = true)]
async fn dropping_a_run_drops_the_call_in_flight_in_every_step() {
    for step in 0..3 {
        let script = good_replies().into_iter().take(step).chain([Reply::hang()]);
        let model = Arc::new(ScriptedModel::new(script));
        let mut run = engine(&model).start(Arc::new(config()), input(Delivery::Live));
        let read = async { while run.next_event().await.is_some() {} };
        assert!(tokio::time::timeout(Duration::from_secs(1), read).await.is_err());
        assert_eq!(model.open_calls(), 1);
        drop(run);
        assert_eq!(model.open_calls(), 0, "step {step}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_dropped_is_summed_up_as_far_as_it_came() {
    let [analysis, ..] = good_replies();
    let model = Arc::new(ScriptedModel::new([analysis, Reply::hang()]));
    let input = input(Delivery::Live);
    let mut summary = Summary::new(&input.conversation);
    let mut run = engine(&model).start(Arc::new(config()), input);
    let read = async {
        while let Some(event) = run.next_event().await {
            summary.apply(&event);
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(1), read).await.is_err());
    drop(run);
    let spend = summary.spend();
    assert_eq!(spend.usage.output, Some(5), "the finished step is counted");
    assert_eq!(spend.uncounted_attempts, 1, "the call in flight isn't");
    assert!(summary.outcome.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_run_says_nothing_about_the_upstream() {
    let model = Arc::new(ScriptedModel::new([Reply::hang()]));
    let breakers = Arc::new(BreakerRegistry::new(BreakerConfig { failure_threshold: 1, ..breaker() }));
    let engine = Engine::new(model.clone(), Arc::clone(&breakers));
    let mut run = engine.start(Arc::new(config()), input(Delivery::Live));
    let read = async { while run.next_event().await.is_some() {} };
    assert!(tokio::time::timeout(Duration::from_secs(1), read).await.is_err());
    drop(run);
    assert_eq!(breakers.get("scripted", "claude-haiku-4-5-20251001").state(), BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_nobody_reads_sends_nothing() {
    let model = Arc::new(ScriptedModel::new([]));
    let run = engine(&model).start(Arc::new(config()), input(Delivery::Live));
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(model.requests().len(), 0);
    drop(run);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_tells_how_the_attempt_under_way_was_cut_off() {
    let [analysis, ..] = good_replies();
    let begun = Reply::partial(r#"{"content":"a long enough beginning of a draft"#, [Act::Hang]);
    let model = Arc::new(ScriptedModel::new([analysis, begun]));
    let input = input(Delivery::Live);
    let mut summary = Summary::new(&input.conversation);
    let mut run = engine(&model).start(Arc::new(config()), input);
    let read = async {
        while let Some(event) = run.next_event().await {
            summary.apply(&event);
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(1), read).await.is_err());
    for event in run.cancel() {
        summary.apply(&event);
    }
    assert_eq!(model.open_calls(), 0);
    let spend = summary.spend();
    assert_eq!((spend.usage.input, spend.uncounted_attempts), (Some(20), 1), "the input had been counted");
    assert!(spend.estimated_output > 0);
    assert_eq!(summary.attempts[1].failure, Some(AttemptFailure::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn figures_that_came_before_a_run_was_cancelled_are_kept() {
    let counted = Usage { output: Some(40), ..Usage::default() };
    let begun = Reply::partial("{", [Act::Event(ReplyEvent::Counted { usage: counted }), Act::Hang]);
    let model = Arc::new(ScriptedModel::new([begun]));
    let mut run = engine(&model).start(Arc::new(config()), input(Delivery::Live));
    let read = async { while run.next_event().await.is_some() {} };
    assert!(tokio::time::timeout(Duration::from_secs(1), read).await.is_err());
    let [Event::AttemptEnded(record)] = &run.cancel()[..] else { panic!("one attempt was under way") };
    assert_eq!(record.usage.counted().output, Some(40));
    assert!(!record.usage.is_complete(), "the reply hadn't ended");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_gives_up_waiting_and_comes_back_misses_nothing() {
    let script = good_replies().map(|reply| reply.after(Duration::from_secs(1)));
    let model = Arc::new(ScriptedModel::new(script.clone()));
    let mut run = engine(&model).start(Arc::new(config()), input(Delivery::Live));
    let mut events = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(300), run.next_event()).await {
            Ok(Some(event)) => events.push(event),
            Ok(None) => break,
            Err(_) => {}
        }
    }
    assert_eq!(transcript::render(&events), run_live(script).await.transcript());
}

#[tokio::test(start_paused = true)]
async fn a_step_begins_only_when_the_reader_has_come_back_from_the_end_of_the_one_before() {
    let model = Arc::new(ScriptedModel::new(good_replies()));
    let mut run = engine(&model).start(Arc::new(config()), input(Delivery::Held));
    let mut requests = Vec::new();
    while let Some(event) = run.next_event().await {
        if matches!(event, Event::StepFinished(_)) {
            requests.push(model.requests().len());
        }
    }
    assert_eq!(requests, [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_told_of_wherever_a_run_that_is_read_slowly_is_cancelled() {
    // With some number of pieces, the attempt's own end is what there is no place for.
    for pieces in 0..48 {
        let [analysis, draft, _] = good_replies();
        let text = std::iter::repeat_n(Act::Event(ReplyEvent::Text("x".into())), pieces);
        let fails = Act::Fail(crate::model::CallErrorKind::Truncated.into());
        let cut = Reply::partial(r#"{"final_text":"x"#, text.chain([fails]));
        let model = Arc::new(ScriptedModel::new([analysis, draft, cut]));
        let input = input(Delivery::Live);
        let mut summary = Summary::new(&input.conversation);
        let mut run = engine(&model).start(Arc::new(config()), input);
        while let Some(event) = run.next_event().await {
            summary.apply(&event);
            if matches!(event, Event::OutputDelta { .. }) {
                break;
            }
        }
        for event in run.cancel() {
            summary.apply(&event);
        }
        assert_eq!(summary.attempts.len(), 3, "{pieces} pieces");
    }
}
