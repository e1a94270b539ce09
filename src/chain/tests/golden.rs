//! The run in which all goes well.

use super::*;
use crate::model::Cost;

#[tokio::test(start_paused = true)]
async fn a_run_in_which_all_goes_well_says_this() {
    let run = run_live(good_replies()).await;
    insta::assert_snapshot!(run.transcript(), @r#"
    run req_test
    analyze
      attempt 1
      answered 10/5
      gate passed 
      done {"intent":"greet","key_entities":["world"],"complexity":"simple","context":{"tone":"warm"}}
    process
      attempt 1
      answered 10/5
      gate passed 
      done {"content":"Hello.","metadata":{},"confidence":0.9}
    synthesize
      attempt 1
    > Hello,| world!
      answered 10/5
      gate passed 
      done {"final_text":"Hello, world!","formatting":"plain"}
    finished: stop
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_held_run_delivers_the_text_in_one_piece_after_the_last_gate() {
    let run = run(good_replies()).await;
    let transcript = run.transcript();
    let end = transcript.split("synthesize\n").nth(1).unwrap();
    insta::assert_snapshot!(end, @r#"
      attempt 1
      answered 10/5
      gate passed 
    > Hello, world!
      done {"final_text":"Hello, world!","formatting":"plain"}
    finished: stop
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_state_holds_the_conversation_and_what_each_step_returned() {
    let run = run(good_replies()).await;
    let state = &run.summary.state;
    let said: Vec<&str> = state.messages.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(said, ["Say hello", ANALYSIS, DRAFT, ANSWER]);
    assert_eq!(state.analysis.as_ref().unwrap().intent, "greet");
    assert_eq!(state.analysis.as_ref().unwrap().context["tone"], "warm");
    assert_eq!(state.processed_content.as_deref(), Some("Hello."));
    assert_eq!(state.final_response.as_deref(), Some("Hello, world!"));
}

#[tokio::test(start_paused = true)]
async fn usage_and_cost_are_summed_per_step_and_over_the_run() {
    let run = run(good_replies()).await;
    let spend = run.summary.spend();
    assert_eq!((spend.usage.input, spend.usage.output), (Some(30), Some(15)));
    // Haiku 4.5: $1 per million input tokens, $5 per million output tokens.
    assert_eq!(spend.cost, Some(Cost::from_usd(3.0 * (10.0 + 5.0 * 5.0) / 1e6)));
    assert!(spend.is_complete());
    let step = run.summary.state.step_metadata.process.as_ref().unwrap();
    assert_eq!(step.spend.usage.output, Some(5));
    assert_eq!(step.request_ids, ["req_scripted"]);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_price_makes_the_cost_unknown_and_not_zero() {
    let mut config = config();
    config.steps.process.model = "llama3.2".into();
    let run = run_with(config, input(Delivery::Held), good_replies()).await;
    assert_eq!(run.summary.spend().cost, None);
    assert!(run.summary.spend_of(StepName::Analyze).cost.is_some());
    assert_eq!(run.summary.spend().usage.output, Some(15));
}
