//! What gates find, and what follows.

use super::*;
use crate::model::scripted::Act;
use crate::model::{CallErrorKind, Cost, ReplyEvent, StopReason, Unrecorded, Usage};

const LOW: &str = r#"{"content":"Hm.","confidence":0.2,"metadata":[]}"#;

fn process_ends_with(run: &Finished) -> String {
    let transcript = run.transcript();
    let process = transcript.split("process\n").nth(1).unwrap();
    process.split("synthesize\n").next().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_fails_its_gate_is_repaired() {
    let [analysis, draft, answer] = good_replies();
    let run = run([analysis, Reply::text(LOW), draft, answer]).await;
    insta::assert_snapshot!(process_ends_with(&run), @r#"
    attempt 1
    answered 10/5
    gate repair low-confidence
    attempt 2, repair 1
    answered 10/5
    gate passed 
    done {"content":"Hello.","metadata":{},"confidence":0.9}
    "#);
    let repair = &run.model.requests()[2];
    assert_eq!(repair.turns.len(), 3);
    assert_eq!(repair.turns[1].text, LOW);
    assert!(repair.turns[2].text.contains("- `confidence` is 0.2, below the threshold of 0.5\n"));
}

#[tokio::test(start_paused = true)]
async fn a_lenient_gate_lets_pass_what_a_repair_did_not_mend() {
    let [analysis, _, answer] = good_replies();
    let run = run([analysis, Reply::text(LOW), Reply::text(LOW), answer]).await;
    insta::assert_snapshot!(process_ends_with(&run), @r#"
    attempt 1
    answered 10/5
    gate repair low-confidence
    attempt 2, repair 1
    answered 10/5
    gate warned low-confidence
    done {"content":"Hm.","metadata":{},"confidence":0.2}
    "#);
    assert_eq!(run.finish(), FinishReason::Stop);
    assert_eq!(run.summary.warnings().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_strict_gate_fails_the_run_with_what_it_found() {
    let [analysis, ..] = good_replies();
    let run = run_strict([analysis, Reply::text(LOW), Reply::text(LOW)]).await;
    assert_eq!(
        run.error().to_string(),
        "process was rejected by its gate: `confidence` is 0.2, below the threshold of 0.5"
    );
    assert_eq!(run.summary.spend().usage.output, Some(15), "repairs are paid for");
}

#[tokio::test(start_paused = true)]
async fn a_confidence_at_the_threshold_passes() {
    let [analysis, _, answer] = good_replies();
    let at = Reply::text(r#"{"content":"x","confidence":0.5,"metadata":[]}"#);
    assert_eq!(run_strict([analysis, at, answer]).await.finish(), FinishReason::Stop);
}

#[tokio::test(start_paused = true)]
async fn without_validation_only_decoding_is_asked_for() {
    let mut config = strict();
    config.gates.validation = false;
    let [analysis, _, answer] = good_replies();
    let run =
        run_with(config.clone(), input(Delivery::Held), [analysis.clone(), Reply::text(LOW), answer.clone()])
            .await;
    assert_eq!(run.finish(), FinishReason::Stop);
    config.gates.repair_attempts = 0;
    let blank = Reply::text(r#"{"content":" "}"#);
    let run = run_with(config, input(Delivery::Held), [analysis, blank]).await;
    assert!(run.error().to_string().contains("the field `confidence` is missing"), "{}", run.error());
}

/// (reply of analyze, twice in a row; the finding)
#[tokio::test(start_paused = true)]
async fn analyze_finds_fault_with_these() {
    let cases = [
        (r#"{"intent":" ","key_entities":["a"],"complexity":"simple","context":[]}"#, "blank-intent"),
        (r#"{"intent":"x","key_entities":["a"],"complexity":"medium","context":[]}"#, "unknown-complexity"),
        (r#"{"intent":"x","key_entities":["a"],"complexity":"simple"}"#, "missing-field"),
        (r#"{"intent":7,"key_entities":["a"],"complexity":"simple","context":[]}"#, "wrong-type"),
        (r#"{"intent":"x","key_entities":"a","complexity":"simple","context":[]}"#, "wrong-type"),
        (r#"{"intent":"x","key_entities":[1],"complexity":"simple","context":[]}"#, "wrong-type"),
        (r#"{"intent":"x","key_entities":["a"],"complexity":"simple","context":[{"k":1}]}"#, "wrong-type"),
        ("I can't.", "not-json"),
        (" ", "empty-reply"),
    ];
    for (reply, rule) in cases {
        let run = run_strict([Reply::text(reply), Reply::text(reply)]).await;
        let ChainError::Rejected { step: StepName::Analyze, findings } = run.error() else {
            panic!("{reply}: {}", run.error());
        };
        let errors = findings.iter().filter(|finding| finding.is_error()).map(|finding| finding.rule);
        assert_eq!(errors.collect::<Vec<_>>(), [rule], "{reply}");
    }
}

#[tokio::test(start_paused = true)]
async fn process_and_synthesize_find_fault_with_these() {
    let cases = [
        (StepName::Process, r#"{"content":"","confidence":0.9,"metadata":{}}"#, "blank-content"),
        (StepName::Process, r#"{"content":"x","confidence":1.01,"metadata":{}}"#, "confidence-out-of-range"),
        (StepName::Process, r#"{"content":"x","confidence":-0.1,"metadata":{}}"#, "confidence-out-of-range"),
        (StepName::Process, r#"{"content":"x","confidence":"0.9","metadata":{}}"#, "wrong-type"),
        (StepName::Synthesize, r#"{"final_text":"\n","formatting":"plain"}"#, "blank-final-text"),
        (StepName::Synthesize, r#"{"formatting":"plain"}"#, "missing-field"),
    ];
    for (step, reply, rule) in cases {
        let before = if step == StepName::Process { 1 } else { 2 };
        let script = good_replies().into_iter().take(before).chain([Reply::text(reply), Reply::text(reply)]);
        let run = run_strict(script).await;
        let ChainError::Rejected { findings, .. } = run.error() else { panic!("{reply}: {}", run.error()) };
        assert_eq!(findings[0].rule, rule, "{reply}");
    }
}

#[tokio::test(start_paused = true)]
async fn naming_no_entities_is_only_ever_a_warning() {
    let none = Reply::text(r#"{"intent":"x","key_entities":[],"complexity":"Simple","context":{}}"#);
    let [_, draft, answer] = good_replies();
    let run = run_strict([none, draft, answer]).await;
    assert_eq!(run.finish(), FinishReason::Stop);
    assert!(run.transcript().contains("gate passed no-key-entities"));
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_analysis_degrades_to_the_users_words() {
    let [_, draft, answer] = good_replies();
    let run = run([Reply::text("Sure!"), Reply::text("Still no JSON"), draft, answer]).await;
    assert_eq!(run.summary.state.analysis.as_ref().unwrap().intent, "Say hello");
    assert!(run.summary.state.step_metadata.analyze.as_ref().unwrap().degraded);
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_draft_and_answer_degrade_to_their_text() {
    let [analysis, ..] = good_replies();
    let prose = |text| [Reply::text(text), Reply::text(text)];
    let [a, b] = prose("A draft.");
    let [c, d] = prose("An answer.");
    let run = run([analysis, a, b, c, d]).await;
    assert_eq!(run.summary.state.processed_content.as_deref(), Some("A draft."));
    assert_eq!(run.final_text(), "An answer.");
}

#[tokio::test(start_paused = true)]
async fn a_decodable_reply_before_an_undecodable_repair_is_what_a_lenient_run_goes_on_with() {
    let [analysis, _, answer] = good_replies();
    let run = run([analysis, Reply::text(LOW), Reply::text("Sorry, what?"), answer]).await;
    assert_eq!(run.summary.state.processed_content.as_deref(), Some("Hm."));
}

#[tokio::test(start_paused = true)]
async fn of_two_replies_that_are_as_good_a_lenient_run_goes_on_with_the_later() {
    let [analysis, _, answer] = good_replies();
    let later = Reply::text(&LOW.replace("Hm.", "Well."));
    let run = run([analysis, Reply::text(LOW), later, answer]).await;
    assert_eq!(run.summary.state.processed_content.as_deref(), Some("Well."));
}

#[tokio::test(start_paused = true)]
async fn an_empty_reply_fails_even_a_lenient_run() {
    let [analysis, ..] = good_replies();
    let run = run([analysis, Reply::text(""), Reply::text("  ")]).await;
    assert_eq!(run.error().to_string(), "process was rejected by its gate: the reply is empty");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_fails_even_a_lenient_run_and_is_not_repaired() {
    let [analysis, ..] = good_replies();
    let refusal = StopReason::Refusal { category: Some("bio".into()), explanation: None };
    let run = run([analysis, Reply::stopped("", refusal)]).await;
    assert_eq!(run.error().to_string(), "the model declined to answer in process (bio)");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_last_step_can_end_the_answer() {
    let [analysis, draft, _] = good_replies();
    let refusal = StopReason::Refusal { category: None, explanation: None };
    let answer = AnswerOptions { refusal_ends_answer: true, ..AnswerOptions::default() };
    let input = RunInput { answer, ..input(Delivery::Live) };
    let cut = Reply::stopped(r#"{"final_text":"Well, "#, refusal);
    let run = run_with(config(), input, [analysis, draft, cut]).await;
    assert_eq!(run.finish(), FinishReason::ContentFilter);
    assert_eq!((run.final_text(), run.summary.delivered.as_str()), ("Well, ", "Well, "));
}

#[tokio::test(start_paused = true)]
async fn fences_and_prose_round_the_object_are_put_up_with_and_counted() {
    let [analysis, _, answer] = good_replies();
    let run =
        run_strict([analysis, Reply::text(&format!("Here:\n```json\n{DRAFT}\n```\nDone.")), answer]).await;
    assert_eq!(run.summary.state.processed_content.as_deref(), Some("Hello."));
    assert!(run.summary.state.step_metadata.process.as_ref().unwrap().tolerated);
    assert!(!run.summary.state.step_metadata.analyze.as_ref().unwrap().tolerated);
}

#[tokio::test(start_paused = true)]
async fn declared_fields_are_checked_and_passed_on_and_others_are_kept() {
    let mut config = strict();
    config.steps.analyze.fields = vec![Field { name: "urgency".into(), kind: FieldKind::Number }];
    let [_, draft, answer] = good_replies();
    let with = |urgency: &str| {
        Reply::text(&ANALYSIS.replacen('{', &format!(r#"{{"urgency":{urgency},"mood":"fine","#), 1))
    };
    let run = run_with(config, input(Delivery::Held), [with("\"high\""), with("3"), draft, answer]).await;
    assert_eq!(run.finish(), FinishReason::Stop);
    let requests = run.model.requests();
    let properties = &requests[0].schema.as_ref().unwrap()["properties"];
    assert_eq!(properties["urgency"]["type"], "number");
    assert!(requests[1].turns[2].text.contains("`urgency` must be a number, not a string"));
    assert!(
        requests[2].turns[0].text.contains(r#""urgency":3,"mood":"fine""#),
        "{}",
        requests[2].turns[0].text
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_or_empty_repair_leaves_a_lenient_run_with_the_reply_it_had() {
    let refusal = StopReason::Refusal { category: None, explanation: None };
    for repair in [Reply::stopped("", refusal), Reply::text(" ")] {
        let [analysis, _, answer] = good_replies();
        let run = run([analysis, Reply::text(LOW), repair.clone(), answer]).await;
        assert_eq!(run.summary.state.processed_content.as_deref(), Some("Hm."), "{repair:?}");
        let [analysis, _, answer] = good_replies();
        let run =
            run_with(config(), input(Delivery::Held), [analysis, Reply::text("Prose."), repair, answer])
                .await;
        assert_eq!(run.summary.state.processed_content.as_deref(), Some("Prose."));
    }
}

#[tokio::test(start_paused = true)]
async fn an_analysis_cut_before_its_intent_degrades_to_the_users_words() {
    let [_, draft, answer] = good_replies();
    let cut = Reply::stopped(r#"{"key_entities":["a","b"#, StopReason::MaxTokens);
    let run = run([cut, draft, answer]).await;
    assert_eq!(run.summary.state.analysis.as_ref().unwrap().intent, "Say hello");
    assert!(run.transcript().contains("gate warned cut, not-json"), "{}", run.transcript());
}

#[tokio::test(start_paused = true)]
async fn a_rejected_reply_is_said_to_be_rejected() {
    let [analysis, ..] = good_replies();
    let cut = Reply::stopped(r#"{"confidence":0.9,"#, StopReason::MaxTokens);
    let run = run([analysis, cut]).await;
    assert!(matches!(run.error(), ChainError::Rejected { .. }));
    assert!(run.transcript().contains("gate rejected cut, not-json"), "{}", run.transcript());
}

#[tokio::test(start_paused = true)]
async fn a_finding_quotes_no_more_of_a_reply_than_a_word() {
    let long = "x".repeat(5000);
    let reply = Reply::text(&ANALYSIS.replace("\"simple\"", &format!("\"{long}\"")));
    let run = run_strict([reply.clone(), reply]).await;
    assert!(run.error().to_string().len() < 200, "{}", run.error());
}

#[tokio::test(start_paused = true)]
async fn a_repair_that_the_budget_has_no_room_for_ends_even_a_lenient_run() {
    let [analysis, ..] = good_replies();
    // A call may cost a little more than $0.01, and this one costs half of that.
    let usage = Usage { output: Some(1000), ..Usage::default() };
    let stopped = ReplyEvent::Stopped { reason: StopReason::EndTurn, usage };
    let dear = Reply::partial(LOW, [stopped, ReplyEvent::Finished].map(Act::Event));
    let config = ChainConfig { max_cost: Some(Cost::from_usd(0.013)), ..config() };
    let run = run_with(config, input(Delivery::Held), [analysis, dear]).await;
    assert!(matches!(run.error(), ChainError::OverBudget { step: StepName::Process, .. }), "{}", run.error());
}

#[tokio::test(start_paused = true)]
async fn a_repair_that_is_not_recorded_ends_even_a_lenient_run() {
    let unrecorded = Unrecorded { summary: "the request isn't recorded".into(), differences: Vec::new() };
    let unrecorded = Reply::error(CallErrorKind::Unrecorded(unrecorded).into());
    let [analysis, ..] = good_replies();
    let run = run([analysis, Reply::text(LOW), unrecorded]).await;
    assert!(run.error().is_unrecorded(), "{}", run.error());
}

#[tokio::test(start_paused = true)]
async fn a_cut_draft_without_an_object_is_its_text_and_one_with_an_object_is_not() {
    for (cut, content) in
        [("Once upon a time there", Some("Once upon a time there")), (r#"Sure: {"conf"#, None)]
    {
        let [analysis, _, answer] = good_replies();
        let cut = Reply::stopped(cut, StopReason::MaxTokens);
        let script = [analysis, cut].into_iter().chain(content.map(|_| answer));
        let run = run(script).await;
        assert_eq!(run.summary.state.processed_content.as_deref(), content);
    }
}

#[tokio::test(start_paused = true)]
async fn further_fields_of_a_draft_are_kept_and_passed_on() {
    let [analysis, _, answer] = good_replies();
    let draft = Reply::text(&DRAFT.replacen('{', r#"{"mood":"fine","#, 1));
    let run = run([analysis, draft, answer]).await;
    let text = &run.model.requests()[2].turns[0].text;
    assert!(text.contains(r#""mood":"fine""#), "{text}");
}
