//! Texts at which the caller wants the final text to end.

use proptest::prelude::*;

use super::*;
use crate::model::scripted::Act;
use crate::model::{AttemptUsage, CallErrorKind, ReplyEvent, StopReason, Usage};
use crate::resilience::BreakerState;

fn stopping<'s>(delivery: Delivery, stop: impl IntoIterator<Item = &'s str>) -> RunInput {
    let stop = stop.into_iter().map(str::to_owned).collect();
    RunInput { answer: AnswerOptions { stop, ..AnswerOptions::default() }, ..input(delivery) }
}

fn answer(text: &str) -> String {
    serde_json::json!({"final_text": text, "formatting": "plain"}).to_string()
}

/// A reply that begins like that and then says nothing more: whoever reads on runs into a time limit.
fn begun(reply: &str) -> Reply {
    Reply::partial(reply, [Act::Hang])
}

fn with_answers(answers: impl IntoIterator<Item = Reply>) -> Vec<Reply> {
    good_replies().into_iter().take(2).chain(answers).collect()
}

fn synthesize_of(run: &Finished) -> String {
    run.transcript().split("synthesize\n").nth(1).unwrap().to_owned()
}

/// Runs `config` live to its end, and proves that the call is closed before anything more is told.
async fn run_stopped(config: ChainConfig, stop: &[&str], reply: Reply) -> Finished {
    let input = stopping(Delivery::Live, stop.iter().copied());
    let model = Arc::new(ScriptedModel::new(with_answers([reply])));
    let mut summary = Summary::new(&input.conversation);
    let mut run = engine(&model).start(Arc::new(config), input);
    let mut events = Vec::new();
    while let Some(event) = run.next_event().await {
        if matches!(event, Event::AttemptEnded(_)) {
            assert_eq!(model.open_calls(), 0);
        }
        summary.apply(&event);
        events.push(event);
    }
    assert_eq!(model.requests().len(), 3, "nothing is called after it");
    Finished { events, summary, model }
}

#[tokio::test(start_paused = true)]
async fn a_live_text_ends_before_its_stop_text_and_the_call_is_cancelled() {
    let run = run_stopped(config(), &["END"], begun(&answer("Hello, world!END of it"))).await;
    insta::assert_snapshot!(synthesize_of(&run), @r#"
      attempt 1
    > Hello,| world!
      answered 10/1, more uncounted
      gate passed 
      done {"final_text":"Hello, world!","formatting":null}
    finished: stop
    "#);
    assert_eq!(run.final_text(), "Hello, world!");
    assert_eq!(run.summary.delivered, "Hello, world!");
    let step = run.summary.state.step_metadata.synthesize.as_ref().unwrap();
    assert!(!step.degraded);
    assert_eq!(step.stop_reason, Some(StopReason::StopSequence));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_a_stop_text_ended_is_a_success_whose_usage_is_estimated() {
    let model = Arc::new(ScriptedModel::new(with_answers([begun(&answer("Hello, world! END"))])));
    let breakers = Arc::new(BreakerRegistry::new(BreakerConfig { failure_threshold: 1, ..breaker() }));
    let engine = Engine::new(model.clone(), Arc::clone(&breakers));
    let mut run = engine.start(Arc::new(config()), stopping(Delivery::Live, ["END"]));
    let mut last_attempt = None;
    while let Some(event) = run.next_event().await {
        if let Event::AttemptEnded(record) = event {
            last_attempt = Some(record);
        }
    }
    let AttemptRecord { failure, usage, request_id, .. } = *last_attempt.unwrap();
    assert_eq!((failure, request_id.as_deref()), (None, Some("req_scripted")));
    let AttemptUsage::Uncounted { counted, estimated_input, estimated_output } = usage else {
        panic!("{usage:?}")
    };
    assert_eq!((counted.input, estimated_input), (Some(10), 0));
    assert!(estimated_output > 0);
    assert_eq!(breakers.get("scripted", "claude-haiku-4-5-20251001").state(), BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_a_stop_text_ended_closes_the_circuit() {
    let one_failure = BreakerConfig { failure_threshold: 1, ..breaker() };
    let breakers = Arc::new(BreakerRegistry::new(one_failure));
    let mut config = config();
    config.steps.synthesize.model = "claude-sonnet-5-5".into();
    let circuit = breakers.get("scripted", "claude-sonnet-5-5");
    circuit.admit().unwrap().fail();
    tokio::time::advance(one_failure.open_for).await;
    let model = Arc::new(ScriptedModel::new(with_answers([begun(&answer("END"))])));
    let mut run = Engine::new(model, breakers).start(Arc::new(config), stopping(Delivery::Live, ["END"]));
    while run.next_event().await.is_some() {}
    assert_eq!(circuit.state(), BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_stop_text_at_the_beginning_makes_an_empty_text_and_no_repair() {
    for text in ["END", " \n END"] {
        let run = run_stopped(config(), &["END"], begun(&answer(text))).await;
        assert_eq!((run.finish(), run.final_text()), (FinishReason::Stop, text.trim_end_matches("END")));
        assert_eq!(run.summary.warnings().count(), 0);
        assert_eq!(run.summary.delivered, run.final_text());
    }
}

#[tokio::test(start_paused = true)]
async fn a_held_text_is_read_to_its_end_and_cut_when_it_has_passed_its_gate() {
    for (config, delivery) in [(config(), Delivery::Held), (strict(), Delivery::Live)] {
        let reply = Reply::text(&answer("Hello, world!END of it"));
        let run = run_with(config, stopping(delivery, ["END", "of"]), with_answers([reply])).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(synthesize_of(&run), @r#"
              attempt 1
              answered 10/5
              gate passed 
            > Hello, world!
              done {"final_text":"Hello, world!","formatting":"plain"}
            finished: stop
            "#);
        }
        assert_eq!(run.final_text(), "Hello, world!");
        assert!(run.summary.spend().is_complete());
    }
}

#[tokio::test(start_paused = true)]
async fn a_held_text_passes_its_gate_as_a_whole_before_it_is_cut() {
    let blank = Reply::text(&answer(" "));
    let input = stopping(Delivery::Held, ["END"]);
    let run = run_with(strict(), input, with_answers([blank, Reply::text(&answer("END"))])).await;
    assert_eq!((run.finish(), run.final_text()), (FinishReason::Stop, ""));
    assert!(run.transcript().contains("gate repair blank-final-text"), "{}", run.transcript());
}

#[tokio::test(start_paused = true)]
async fn a_text_cut_at_a_cap_after_its_stop_text_is_complete() {
    let cut = Reply::stopped(r#"{"final_text":"One. END Two"#, StopReason::MaxTokens);
    let mut input = stopping(Delivery::Held, ["END"]);
    input.answer.cap = Some(10);
    let run = run_with(strict(), input, with_answers([cut.clone()])).await;
    assert_eq!((run.finish(), run.final_text()), (FinishReason::Stop, "One. "));
    let mut input = stopping(Delivery::Held, ["STOP"]);
    input.answer.cap = Some(10);
    assert_eq!(run_with(strict(), input, with_answers([cut])).await.finish(), FinishReason::Length);
}

#[tokio::test(start_paused = true)]
async fn a_refused_text_is_not_said_to_be_complete() {
    let refusal = StopReason::Refusal { category: None, explanation: None };
    let refused = Reply::stopped(r#"{"final_text":"One. END Two"#, refusal);
    let mut input = stopping(Delivery::Held, ["END"]);
    input.answer.refusal_ends_answer = true;
    let run = run_with(config(), input, with_answers([refused])).await;
    assert_eq!((run.finish(), run.final_text()), (FinishReason::ContentFilter, "One. "));
}

#[tokio::test(start_paused = true)]
async fn a_stop_text_that_never_occurs_changes_nothing() {
    for text in ["Hello, world!", "This is the EN"] {
        let run = run_with(
            config(),
            stopping(Delivery::Live, ["END", "\n\n"]),
            with_answers([Reply::text(&answer(text))]),
        )
        .await;
        assert_eq!((run.finish(), run.final_text()), (FinishReason::Stop, text));
        assert_eq!(run.summary.delivered, text);
        assert!(run.summary.spend().is_complete());
    }
}

#[tokio::test(start_paused = true)]
async fn characters_that_could_begin_a_stop_text_have_not_left() {
    let broken = Reply::partial(
        r#"{"final_text":"EN"#,
        [Act::Fail(CallErrorKind::Interrupted("reset".into()).into())],
    );
    let replies = with_answers([broken, Reply::text(&answer("A new one."))]);
    let run = run_with(config(), stopping(Delivery::Live, ["END"]), replies).await;
    assert_eq!(run.summary.delivered, "A new one.", "nothing had left, so it could be tried again");
}

#[tokio::test(start_paused = true)]
async fn a_stop_text_is_found_within_a_chunk_that_is_not_full() {
    let mut config = config();
    config.chunk_buffer = 1000;
    let run = run_stopped(config, &["END"], begun(&answer("Hello, world!END of it"))).await;
    assert_eq!(run.summary.delivered, "Hello, world!");
    assert!(run.transcript().contains("gate passed \n> Hello, world!\n"), "{}", run.transcript());
}

#[tokio::test(start_paused = true)]
async fn stop_texts_are_looked_for_in_the_last_steps_text_only_and_never_sent() {
    let run = run_with(config(), stopping(Delivery::Live, ["greet", "\"", "{"]), good_replies()).await;
    assert_eq!(run.final_text(), "Hello, world!");
    let plain = run_live(good_replies()).await;
    assert_eq!(run.model.requests(), plain.model.requests());
}

#[tokio::test(start_paused = true)]
async fn prose_instead_of_json_ends_before_its_stop_text_too() {
    let prose = || Reply::text("Just words. END. More words.");
    let run = run_with(config(), stopping(Delivery::Live, ["END"]), with_answers([prose(), prose()])).await;
    assert_eq!((run.final_text(), run.summary.delivered.as_str()), ("Just words. ", "Just words. "));
}

/// A text's JSON in pieces of these sizes, over and over.
fn in_pieces(text: &str, sizes: &[usize]) -> Reply {
    let json = answer(text).chars().collect::<Vec<_>>();
    let mut rest = json.as_slice();
    let mut acts = Vec::new();
    for size in sizes.iter().cycle() {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        acts.push(Act::Event(ReplyEvent::Text(piece.iter().collect())));
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    acts.push(Act::Event(ReplyEvent::Stopped { reason: StopReason::EndTurn, usage: Usage::default() }));
    acts.push(Act::Event(ReplyEvent::Finished));
    Reply::partial("", acts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_leaves_is_the_text_up_to_the_earliest_stop_text(
        text in "x[ab\\né\"]{0,30}",
        stop in proptest::collection::vec("[ab\\né\"]{1,4}", 1..5),
        sizes in proptest::collection::vec(1_usize..9, 1..5),
        chunk_buffer in proptest::sample::select(vec![0, 5]),
    ) {
        let end = stop.iter().filter_map(|stop| text.find(stop.as_str())).min();
        let expected = &text[..end.unwrap_or(text.len())];
        let config = ChainConfig { chunk_buffer, ..config() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let run = runtime.unwrap().block_on(run_with(
            config,
            stopping(Delivery::Live, stop.iter().map(String::as_str)),
            with_answers([in_pieces(&text, &sizes)]),
        ));
        let mut delivered = String::new();
        for event in &run.events {
            if let Event::OutputDelta { text } = event {
                delivered.push_str(text);
                prop_assert!(expected.starts_with(&delivered), "{delivered:?} of {expected:?}");
            }
        }
        prop_assert_eq!(&delivered, expected);
        prop_assert_eq!((run.final_text(), run.finish()), (expected, FinishReason::Stop));
        prop_assert_eq!(run.summary.warnings().count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_stop_text_before_a_retry_and_half_after_it_are_no_stop_text() {
    let cut = Reply::partial(r#"{"final_text":"EN"#, [Act::Fail(CallErrorKind::Truncated.into())]);
    let whole = Reply::text(&answer("D of story"));
    let run = run_with(config(), stopping(Delivery::Live, ["END"]), with_answers([cut, whole])).await;
    assert_eq!((run.final_text(), run.summary.delivered.as_str()), ("D of story", "D of story"));
}
