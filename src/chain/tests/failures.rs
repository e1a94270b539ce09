//! Upstream failures: what is tried again, how often, and what is said and paid in the end.

use super::*;
use crate::model::scripted::{Act, status_error};
use crate::model::{CallError, CallErrorKind, ReplyEvent, StopReason, Usage};

fn error(kind: CallErrorKind) -> Reply {
    Reply::error(kind.into())
}

fn refused_connection() -> CallErrorKind {
    CallErrorKind::Connect { upstream: "scripted".into(), reason: "connection refused".into() }
}

#[tokio::test(start_paused = true)]
async fn a_failed_attempt_is_tried_again_after_a_wait() {
    let [analysis, draft, answer] = good_replies();
    let run = run([Reply::status(529), Reply::status(500), analysis, draft, answer]).await;
    assert_eq!(run.finish(), FinishReason::Stop);
    let waits: Vec<f64> =
        run.summary.attempts.iter().filter_map(|a| a.retry_in).map(|wait| wait.as_secs_f64()).collect();
    assert!((0.5..=1.0).contains(&waits[0]) && (1.0..=2.0).contains(&waits[1]), "{waits:?}");
    let analyze = run.summary.state.step_metadata.analyze.as_ref().unwrap();
    assert_eq!(analyze.attempts, 3);
    assert!(analyze.spend.is_complete(), "an HTTP error costs nothing");
    assert_eq!(analyze.spend.usage.output, Some(5));
}

/// (failure, attempts made)
#[tokio::test(start_paused = true)]
async fn only_what_may_pass_by_itself_is_tried_again() {
    let in_band = |error_type: &str| {
        let (error_type, message) = (error_type.to_owned(), String::new());
        Reply::partial("", [Act::Fail(CallErrorKind::ErrorEvent { error_type, message }.into())])
    };
    let cases = [
        (error(refused_connection()), 3),
        (error(CallErrorKind::Interrupted("reset".into())), 3),
        (error(CallErrorKind::Truncated), 3),
        (Reply::partial("{\"intent\":", []), 3),
        (Reply::status(408), 3),
        (Reply::status(409), 3),
        (Reply::status(429), 3),
        (Reply::status(500), 3),
        (Reply::status(503), 3),
        (in_band("overloaded_error"), 3),
        (Reply::status(400), 1),
        (Reply::status(401), 1),
        (Reply::status(403), 1),
        (Reply::status(404), 1),
        (Reply::status(413), 1),
        (Reply::status(302), 1),
        (in_band("invalid_request_error"), 1),
        (error(CallErrorKind::Malformed("text/html".into())), 1),
        (error(CallErrorKind::TooLarge { what: "a reply", limit: 1 }), 1),
        (Reply::error(CallError { should_retry: Some(false), ..status_error(529) }), 1),
        (Reply::error(CallError { should_retry: Some(true), ..status_error(400) }), 3),
    ];
    for (failure, expected) in cases {
        let run = run(vec![failure.clone(); expected as usize]).await;
        let ChainError::Upstream { attempts, .. } = run.error() else {
            panic!("{failure:?}: {}", run.error())
        };
        assert_eq!(*attempts, expected, "{failure:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_of_attempts_is_what_the_policy_says() {
    for max_attempts in [1, 2, 10] {
        let mut config = config();
        config.retry.max_attempts = max_attempts;
        config.retry.max_delay = Duration::from_millis(100);
        let script = vec![Reply::status(500); max_attempts as usize];
        let run = run_with(config, input(Delivery::Held), script).await;
        assert_eq!(run.model.requests().len(), max_attempts as usize);
    }
}

#[tokio::test(start_paused = true)]
async fn the_upstreams_wish_to_wait_wins_over_the_policys() {
    let [analysis, draft, answer] = good_replies();
    let wish = |seconds| {
        Reply::error(CallError { retry_after: Some(Duration::from_secs(seconds)), ..status_error(429) })
    };
    let run = run([wish(7), analysis, draft, answer]).await;
    assert_eq!(run.summary.attempts[0].retry_in, Some(Duration::from_secs(7)));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_is_not_begun() {
    let wish = CallError { retry_after: Some(Duration::from_mins(1)), ..status_error(429) };
    let run = run([Reply::error(wish)]).await;
    assert_eq!(run.summary.elapsed, Some(Duration::ZERO));
    assert_eq!(run.error().retry_after(), Some(Duration::from_mins(1)));
    assert!(matches!(run.error(), ChainError::Upstream { wait_did_not_fit: true, attempts: 1, .. }));
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_our_own_that_does_not_fit_is_not_told_as_the_upstreams_wish() {
    let mut config = config();
    config.limits.run = Some(Duration::from_millis(900));
    let run = run_with(config, input(Delivery::Held), [Reply::status(500)]).await;
    assert_eq!(run.error().retry_after(), None);
    assert_eq!(run.error().to_string(), "analyze failed, and there is no time for another attempt");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_cut_has_unknown_usage_and_an_estimate() {
    let [analysis, draft, answer] = good_replies();
    let cut =
        Reply::partial(r#"{"intent":"a long enough beginning"#, [Act::Fail(CallErrorKind::Truncated.into())]);
    let run = run([cut, analysis, draft, answer]).await;
    let spend = run.summary.spend();
    assert_eq!((spend.is_complete(), spend.uncounted_attempts), (false, 1));
    assert_eq!(spend.usage.input, Some(40), "the input of the cut attempt was counted at its start");
    assert!(spend.estimated_output > 0 && spend.is_estimated());
    assert_eq!(spend.estimated_cost, haiku(0, spend.estimated_output));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_of_which_nothing_was_counted_is_estimated_with_its_input() {
    let [analysis, draft, answer] = good_replies();
    let spend = run([Reply::hang(), analysis, draft, answer]).await.summary.spend();
    assert_eq!((spend.uncounted_attempts, spend.usage.input, spend.estimated_output), (1, Some(30), 0));
    assert!(spend.estimated_input > 0 && spend.is_estimated());
    assert_eq!(spend.estimated_cost, haiku(spend.estimated_input, 0));
}

/// What so many tokens cost at $1 and $5 per million.
fn haiku(input: u64, output: u64) -> crate::model::Cost {
    crate::model::Cost::from_picos(1_000_000 * (input + 5 * output))
}

#[tokio::test(start_paused = true)]
async fn a_single_run_is_refused_by_its_circuit_only_with_a_threshold_of_one_after_a_failed_repair() {
    for threshold in 1..=3 {
        let [_, draft, answer] = good_replies();
        let faulty = Reply::text(&ANALYSIS.replace("greet", " "));
        let failures = vec![Reply::status(500); 3];
        // Refused, the others aren't asked for.
        let rest = [draft, answer].into_iter().filter(|_| threshold > 1);
        let script = std::iter::once(faulty).chain(failures).chain(rest);
        let model = Arc::new(ScriptedModel::new(script));
        let breaker = BreakerConfig { failure_threshold: threshold, ..breaker() };
        let engine = Engine::new(model.clone(), Arc::new(BreakerRegistry::new(breaker)));
        let mut config = config();
        config.retry.max_attempts = 3;
        config.retry.max_delay = Duration::from_millis(100);
        let mut run = engine.start(Arc::new(config), input(Delivery::Held));
        let mut outcome = None;
        let mut warnings = Vec::new();
        while let Some(event) = run.next_event().await {
            match event {
                Event::RunFinished { outcome: end, .. } => outcome = Some(end),
                Event::GateJudged { verdict, .. } => warnings.extend(verdict.findings),
                _ => {}
            }
        }
        let was_refused = matches!(outcome, Some(Err(ChainError::CircuitOpen { .. })));
        assert_eq!(was_refused, threshold == 1, "{threshold}: {outcome:?}");
        let repair = warnings.iter().find(|finding| finding.rule == "repair-failed").unwrap();
        let why = "the repair failed: analyze failed after 3 attempts: upstream answered 500: scripted 500";
        assert_eq!(repair.message, why);
    }
}

#[tokio::test(start_paused = true)]
async fn repeated_failures_open_the_circuit_for_all_runs() {
    let [analysis, ..] = good_replies();
    let mut config = config();
    config.retry.max_attempts = 1;
    let config = Arc::new(config);
    let script: Vec<Reply> =
        std::iter::repeat_n(Reply::status(500), 3).chain([analysis, Reply::status(400)]).collect();
    let model = Arc::new(ScriptedModel::new(script));
    let engine = engine(&model);
    let fail = || async {
        let mut run = engine.start(Arc::clone(&config), input(Delivery::Held));
        loop {
            if let Some(Event::RunFinished { outcome, .. }) = run.next_event().await {
                break outcome.expect_err("the run fails");
            }
        }
    };
    for _ in 0..3 {
        assert!(matches!(fail().await, ChainError::Upstream { .. }));
    }
    let error = fail().await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert!(matches!(error, ChainError::CircuitOpen { failure: None, .. }), "{error}");
    assert_eq!(model.requests().len(), 3, "an open circuit asks nothing");
    tokio::time::advance(Duration::from_secs(30)).await;
    assert!(
        matches!(fail().await, ChainError::Upstream { step: StepName::Process, .. }),
        "the probe closed it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_repair_that_fails_leaves_a_lenient_run_with_the_reply_it_had() {
    let [analysis, _, answer] = good_replies();
    let low = Reply::text(r#"{"content":"Hm.","confidence":0.2,"metadata":[]}"#);
    let run = run([analysis.clone(), low.clone(), Reply::status(400), answer]).await;
    assert_eq!(run.summary.state.processed_content.as_deref(), Some("Hm."));
    assert!(run.transcript().contains("gate warned low-confidence, repair-failed"), "{}", run.transcript());
    let run = run_strict([analysis, low, Reply::status(400)]).await;
    assert!(matches!(run.error(), ChainError::Upstream { .. }));
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_refuses_schemas_gets_the_schema_in_the_prompt_from_then_on() {
    let refusal = || {
        let message = "output_config.format: not supported".into();
        error(CallErrorKind::Status { status: 400, error_type: None, message })
    };
    let [analysis, draft, answer] = good_replies();
    let run = run([refusal(), analysis, refusal(), draft, refusal(), answer]).await;
    let requests = run.model.requests();
    let native: Vec<bool> = requests.iter().map(|request| request.schema.is_some()).collect();
    assert_eq!(native, [true, false, true, false, true, false]);
    assert!(requests[1].system[0].text.contains(r#""required":["intent","key_entities""#));
    assert_eq!(run.summary.attempts[0].retry_in, Some(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_schema_is_refused_only_once_per_engine() {
    let [analysis, draft, answer] = good_replies();
    let mut config = config();
    for step in StepName::ALL {
        config.steps.get_mut(step).model = "llama3.2".into();
    }
    let script = [
        Reply::status(400),
        analysis.clone(),
        Reply::status(422),
        draft.clone(),
        Reply::status(400),
        answer.clone(),
        analysis,
        draft,
        answer,
    ];
    let model = Arc::new(ScriptedModel::new(script));
    let engine = engine(&model);
    let config = Arc::new(config);
    for _ in 0..2 {
        let mut run = engine.start(Arc::clone(&config), input(Delivery::Held));
        while let Some(event) = run.next_event().await {
            if let Event::RunFinished { outcome, .. } = event {
                assert_eq!(outcome.unwrap(), FinishReason::Stop);
            }
        }
    }
    let native: Vec<bool> = model.requests().iter().map(|request| request.schema.is_some()).collect();
    assert_eq!(native, [true, false, true, false, true, false, false, false, false]);
}

#[tokio::test(start_paused = true)]
async fn a_400_that_was_about_something_else_does_not_cost_the_schema() {
    let mut config = config();
    for step in StepName::ALL {
        config.steps.get_mut(step).model = "llama3.2".into();
    }
    let [analysis, draft, answer] = good_replies();
    let model =
        Arc::new(ScriptedModel::new([Reply::status(400), Reply::status(400), analysis, draft, answer]));
    let engine = engine(&model);
    let config = Arc::new(config);
    for _ in 0..2 {
        let mut run = engine.start(Arc::clone(&config), input(Delivery::Held));
        while run.next_event().await.is_some() {}
    }
    let native: Vec<bool> = model.requests().iter().map(|request| request.schema.is_some()).collect();
    assert_eq!(native, [true, false, true, true, true]);
}

#[tokio::test(start_paused = true)]
async fn all_names_of_a_model_share_a_circuit() {
    let mut config = config();
    config.retry.max_attempts = 1;
    config.steps.analyze.model = "claude-haiku-4-5".into();
    let model = Arc::new(ScriptedModel::new([Reply::status(500)]));
    let breakers = Arc::new(BreakerRegistry::new(BreakerConfig { failure_threshold: 1, ..breaker() }));
    let engine = Engine::new(model.clone(), breakers);
    for config in [config.clone(), super::config()] {
        let mut run = engine.start(Arc::new(config), input(Delivery::Held));
        while run.next_event().await.is_some() {}
    }
    assert_eq!(model.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_text_beyond_all_that_was_asked_for_is_too_large_and_not_asked_for_again() {
    let mut config = config();
    config.steps.analyze.max_tokens = 2000;
    let limit = reply_size::max_text_bytes(2000);
    let run = run_with(config, input(Delivery::Held), [Reply::partial(&"x".repeat(limit + 1), [])]).await;
    let ChainError::Upstream { attempts: 1, failure, .. } = run.error() else { panic!("{}", run.error()) };
    assert_eq!(failure.to_string(), "upstream sent a text of more than 256000 bytes");
    assert_eq!(reply_size::max_text_bytes(64_000), 8_192_000);
    assert!(reply_size::max_text_bytes(1) >= 65_536, "not all servers keep to small limits");
}

#[tokio::test(start_paused = true)]
async fn a_reply_of_very_many_values_is_not_read_nor_asked_for_again() {
    let mut config = config();
    config.steps.analyze.max_tokens = 64_000;
    let many = vec!["1"; lenient_json::MAX_VALUES].join(",");
    let reply = ANALYSIS.replace(r#""context":["#, &format!(r#""context":[{many},"#));
    let run = run_with(config, input(Delivery::Held), [Reply::text(&reply)]).await;
    let ChainError::Upstream { attempts: 1, failure, .. } = run.error() else { panic!("{}", run.error()) };
    assert_eq!(failure.to_string(), "upstream sent a reply of more than 192000 JSON values");
}

#[tokio::test(start_paused = true)]
async fn as_many_values_as_the_most_tokens_can_have_are_read() {
    let mut config = config();
    config.steps.analyze.max_tokens = 64_000;
    let many = vec![r#"{"key":"","value":1}"#; 32_000].join(",");
    let reply = ANALYSIS.replace(r#""context":["#, &format!(r#""context":[{many},"#));
    let [_, draft, answer] = good_replies();
    let run = run_with(config, input(Delivery::Held), [Reply::text(&reply), draft, answer]).await;
    assert!(run.summary.state.analysis.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_reply_whose_end_has_no_figures_is_not_counted() {
    let end =
        [ReplyEvent::Stopped { reason: StopReason::EndTurn, usage: Usage::default() }, ReplyEvent::Finished];
    let [_, draft, answer] = good_replies();
    let run = run([Reply::partial(ANALYSIS, end.map(Act::Event)), draft, answer]).await;
    assert_eq!(run.finish(), FinishReason::Stop);
    assert_eq!(run.summary.spend().uncounted_attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_400_with_and_without_a_schema_does_not_cost_it_even_if_a_retry_is_answered() {
    let mut config = config();
    for step in StepName::ALL {
        config.steps.get_mut(step).model = "llama3.2".into();
    }
    let [analysis, draft, answer] = good_replies();
    let again = Reply::error(CallError { should_retry: Some(true), ..status_error(400) });
    let run_of = [analysis.clone(), draft.clone(), answer.clone()];
    let script = [Reply::status(400), again].into_iter().chain(run_of).chain([analysis, draft, answer]);
    let model = Arc::new(ScriptedModel::new(script));
    let engine = engine(&model);
    let config = Arc::new(config);
    for _ in 0..2 {
        let mut run = engine.start(Arc::clone(&config), input(Delivery::Held));
        while run.next_event().await.is_some() {}
    }
    let native: Vec<bool> = model.requests().iter().map(|request| request.schema.is_some()).collect();
    assert_eq!(native[..2], [true, false]);
    assert_eq!(native[5..], [true, true, true]);
}
