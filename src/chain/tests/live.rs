//! Text that leaves while it is being written, and what that rules out.

use super::*;
use crate::model::scripted::Act;
use crate::model::{CallErrorKind, StopReason};

fn then_fails(text: &str) -> Reply {
    Reply::partial(text, [Act::Fail(CallErrorKind::Interrupted("reset".into()).into())])
}

fn with_answers(answers: impl IntoIterator<Item = Reply>) -> Vec<Reply> {
    good_replies().into_iter().take(2).chain(answers).collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_tried_again_once_text_has_left() {
    let run = run_live(with_answers([then_fails(r#"{"final_text":"Hello, wo"#)])).await;
    assert!(matches!(run.error(), ChainError::Upstream { step: StepName::Synthesize, attempts: 1, .. }));
    assert!("Hello, wo".starts_with(&run.summary.delivered) && !run.summary.delivered.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_failure_before_any_text_has_left_is_tried_again() {
    let run = run_live(with_answers([then_fails(r#"{"final_text":"#), Reply::text(ANSWER)])).await;
    assert_eq!(run.finish(), FinishReason::Stop);
    assert_eq!(run.summary.delivered, "Hello, world!");
}

#[tokio::test(start_paused = true)]
async fn a_held_answer_is_tried_again_however_much_of_it_was_there() {
    let run = run(with_answers([then_fails(&ANSWER[..30]), Reply::text(ANSWER)])).await;
    assert_eq!(run.summary.delivered, "Hello, world!");
}

#[tokio::test(start_paused = true)]
async fn characters_that_wait_for_a_full_chunk_have_not_left() {
    let mut config = config();
    config.chunk_buffer = 1000;
    let script = with_answers([then_fails(&ANSWER[..30]), Reply::text(ANSWER)]);
    let run = run_with(config, input(Delivery::Live), script).await;
    assert_eq!(run.summary.delivered, "Hello, world!");
    assert!(run.transcript().contains("> Hello, world!\n"), "in one chunk: {}", run.transcript());
}

#[tokio::test(start_paused = true)]
async fn chunks_have_at_least_the_configured_number_of_characters() {
    let mut config = config();
    config.chunk_buffer = 10;
    let text = "0123456789".repeat(4);
    let answer = Reply::text(&format!(r#"{{"final_text":"{text}","formatting":"plain"}}"#));
    let run = run_with(config, input(Delivery::Live), with_answers([answer])).await;
    let chunks: Vec<usize> = run
        .events
        .iter()
        .filter_map(|event| if let Event::OutputDelta { text } = event { Some(text.len()) } else { None })
        .collect();
    assert!(chunks.len() > 1 && chunks.split_last().unwrap().1.iter().all(|size| *size >= 10), "{chunks:?}");
    assert_eq!(run.summary.delivered, text);
}

#[tokio::test(start_paused = true)]
async fn strict_gates_hold_the_text_until_they_have_passed() {
    let blank = Reply::text(r#"{"final_text":" ","formatting":"plain"}"#);
    let run = run_strict(with_answers([blank, Reply::text(ANSWER)])).await;
    assert_eq!(run.summary.delivered, "Hello, world!");
    assert!(run.transcript().contains("gate passed \n> Hello"), "{}", run.transcript());
}

#[tokio::test(start_paused = true)]
async fn an_answer_cut_at_our_limit_is_warned_of_and_ends_with_length() {
    let cut = Reply::stopped(r#"{"final_text":"Once upon a"#, StopReason::MaxTokens);
    let run = run_live(with_answers([cut])).await;
    assert_eq!(run.finish(), FinishReason::Length);
    assert_eq!((run.summary.delivered.as_str(), run.final_text()), ("Once upon a", "Once upon a"));
    assert!(run.transcript().contains("gate warned cut, not-json"), "{}", run.transcript());
}

#[tokio::test(start_paused = true)]
async fn a_cut_answer_is_not_repaired_and_fails_a_strict_run() {
    let cut = Reply::stopped(r#"{"final_text":"Once upon a"#, StopReason::MaxTokens);
    let run = run_strict(with_answers([cut])).await;
    assert!(
        run.error().to_string().contains("the reply was cut short at 2048 tokens (max_tokens)"),
        "{}",
        run.error()
    );
    assert_eq!(run.summary.delivered, "");
}

#[tokio::test(start_paused = true)]
async fn prose_instead_of_json_is_repaired_while_nothing_has_left_and_else_becomes_the_text() {
    let prose = || Reply::text("Just words.");
    let repaired = run_live(with_answers([prose(), Reply::text(ANSWER)])).await;
    assert_eq!(repaired.summary.delivered, "Hello, world!");
    let degraded = run_live(with_answers([prose(), prose()])).await;
    assert_eq!(degraded.summary.delivered, "Just words.");
}

#[tokio::test(start_paused = true)]
async fn json_that_breaks_within_the_text_after_some_has_left_fails_the_run() {
    let broken = Reply::text(r#"{"final_text":"Hello, world and \q more","formatting":"plain"}"#);
    let run = run_live(with_answers([broken])).await;
    assert!(matches!(run.error(), ChainError::Rejected { .. }), "{}", run.error());
    assert!(run.transcript().contains("gate rejected not-json, inconsistent-reply"), "{}", run.transcript());
    assert!("Hello, world and ".starts_with(&run.summary.delivered));
}

#[tokio::test(start_paused = true)]
async fn json_that_breaks_after_the_text_is_warned_of_and_the_text_stands() {
    for live in [true, false] {
        let broken = || Reply::text(r#"{"final_text":"A whole answer.","formatting":"a \x b"}"#);
        let delivery = if live { Delivery::Live } else { Delivery::Held };
        let answers = if live { vec![broken()] } else { vec![broken(), broken()] };
        let run = run_with(config(), input(delivery), with_answers(answers)).await;
        assert_eq!((run.finish(), run.summary.delivered.as_str()), (FinishReason::Stop, "A whole answer."));
        assert_eq!(run.summary.warnings().count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_order_of_the_fields_does_not_matter() {
    let reordered = Reply::text(r#"{"formatting":"plain","final_text":"Hello, world!"}"#);
    let run = run_live(with_answers([reordered])).await;
    assert_eq!(run.summary.delivered, "Hello, world!");
}

#[tokio::test(start_paused = true)]
async fn white_space_alone_does_not_leave_so_that_a_blank_text_can_be_repaired() {
    let blank = Reply::text(r#"{"final_text":"  \n  \n  \n ","formatting":"plain"}"#);
    let run = run_live(with_answers([blank, Reply::text(ANSWER)])).await;
    assert_eq!(run.summary.delivered, "Hello, world!");
    let indented = Reply::text(r#"{"final_text":"    code","formatting":"plain"}"#);
    assert_eq!(run_live(with_answers([indented])).await.summary.delivered, "    code");
}

#[tokio::test(start_paused = true)]
async fn a_repair_whose_text_has_left_is_gone_on_with_however_it_ends() {
    let blank = Reply::text(r#"{"final_text":" \n ","formatting":"plain"}"#);
    let cut = Reply::text(r#"{"final_text":"Once upon a"#);
    let run = run_live(with_answers([blank, cut])).await;
    assert_eq!((run.finish(), run.summary.delivered.as_str()), (FinishReason::Length, "Once upon a"));
    let answer = run.summary.state.final_response.as_ref();
    assert_eq!(answer, Some(&run.summary.delivered), "what was delivered is the answer");
}

#[tokio::test(start_paused = true)]
async fn json_that_ends_in_the_middle_of_the_text_is_a_cut_answer_whatever_the_model_says_of_it() {
    for live in [true, false] {
        let cut = || Reply::text(r#"{"final_text":"Once upon a"#);
        let delivery = if live { Delivery::Live } else { Delivery::Held };
        let answers = if live { vec![cut()] } else { vec![cut(), cut()] };
        let run = run_with(config(), input(delivery), with_answers(answers)).await;
        assert_eq!((run.finish(), run.summary.delivered.as_str()), (FinishReason::Length, "Once upon a"));
        assert_eq!(run.summary.warnings().count(), 1);
    }
}
