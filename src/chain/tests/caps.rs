//! Caps on length, context and cost.

use super::*;

fn capped(cap: u32, delivery: Delivery) -> RunInput {
    let answer = AnswerOptions { cap: Some(cap), ..AnswerOptions::default() };
    RunInput { answer, ..input(delivery) }
}
use crate::model::{Cost, StopReason};

#[tokio::test(start_paused = true)]
async fn an_answer_cut_by_the_callers_own_cap_passes_in_both_modes() {
    for config in [config(), strict()] {
        let [analysis, draft, _] = good_replies();
        let cut = Reply::stopped(r#"{"final_text":"Once \u00fc"#, StopReason::MaxTokens);
        let input = capped(10, Delivery::Live);
        let run = run_with(config, input, [analysis, draft, cut]).await;
        assert_eq!((run.finish(), run.summary.delivered.as_str()), (FinishReason::Length, "Once ü"));
        let caps: Vec<u32> = run.model.requests().iter().map(|request| request.max_tokens).collect();
        assert_eq!(caps, [2048, 2048, 10], "the cap is on the final text only");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cap_as_large_as_our_own_limit_is_the_callers_too() {
    let [analysis, draft, _] = good_replies();
    let cut = Reply::stopped(r#"{"final_text":"Once"#, StopReason::MaxTokens);
    let input = capped(2048, Delivery::Held);
    assert_eq!(run_with(strict(), input, [analysis, draft, cut]).await.finish(), FinishReason::Length);
}

#[tokio::test(start_paused = true)]
async fn a_cut_answer_with_prose_before_the_object_is_no_prose() {
    let [analysis, draft, _] = good_replies();
    let cut = Reply::stopped("Sure:\n{\"formatting\":\"pl", StopReason::MaxTokens);
    let input = capped(10, Delivery::Held);
    assert_eq!(run_with(config(), input, [analysis, draft, cut]).await.final_text(), "");
}

#[tokio::test(start_paused = true)]
async fn an_answer_cut_before_its_text_began_is_empty_and_never_raw_json() {
    let [analysis, draft, _] = good_replies();
    let cut = Reply::stopped(r#"{"final_te"#, StopReason::MaxTokens);
    let input = capped(1, Delivery::Held);
    let run = run_with(strict(), input, [analysis, draft, cut]).await;
    assert_eq!((run.finish(), run.final_text()), (FinishReason::Length, ""));
}

#[tokio::test(start_paused = true)]
async fn input_that_cannot_fit_into_the_context_is_not_sent() {
    let input = RunInput {
        conversation: Conversation::from_prompt("word ".repeat(200_000)).unwrap(),
        ..input(Delivery::Held)
    };
    let run = run_with(config(), input, []).await;
    assert!(matches!(run.error(), ChainError::ContextExceeded { context: 200_000, .. }), "{}", run.error());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_could_cross_the_budget_is_not_sent() {
    let mut config = config();
    // 4096 output tokens at $5 per million are $0.02048; half as many are not.
    config.steps.synthesize.max_tokens = 4096;
    config.max_cost = Some(Cost::from_usd(0.02));
    let [analysis, draft, _] = good_replies();
    let run = run_with(config.clone(), input(Delivery::Held), [analysis, draft]).await;
    let ChainError::OverBudget { step, spent, worst_case, max_cost } = run.error() else {
        panic!("{}", run.error());
    };
    assert_eq!(*step, StepName::Synthesize);
    assert_eq!(*spent, Cost::from_usd(2.0 * (10.0 + 5.0 * 5.0) / 1e6));
    assert!(*spent + *worst_case > *max_cost);

    config.max_cost = Some(Cost::from_usd(0.001));
    let run = run_with(config, input(Delivery::Held), []).await;
    assert!(matches!(run.error(), ChainError::OverBudget { step: StepName::Analyze, .. }));
}

#[tokio::test(start_paused = true)]
async fn a_retry_counts_the_uncounted_attempt_before_it_at_its_worst() {
    let mut config = config();
    config.max_cost = Some(Cost::from_usd(0.015));
    let run = run_with(config, input(Delivery::Held), [Reply::partial("{", [])]).await;
    assert!(matches!(run.error(), ChainError::OverBudget { .. }), "{}", run.error());
}

#[tokio::test(start_paused = true)]
async fn a_budget_for_a_model_without_a_price_is_refused() {
    let mut config = config();
    config.max_cost = Some(Cost::from_usd(1.0));
    config.steps.synthesize.model = "llama3.2".into();
    let run = run_with(config, input(Delivery::Held), []).await;
    assert!(matches!(run.error(), ChainError::UnknownPrice { step: StepName::Synthesize, .. }));
}
