//! What a run is said to send, against what it sends.

use super::*;
use crate::model::{Cost, ModelEntry, ModelRequest, Role};

fn planned(config: &ChainConfig, input: &RunInput) -> Vec<PlannedCall> {
    preview(config, input).unwrap()
}

fn exact(calls: &[PlannedCall]) -> Vec<bool> {
    calls.iter().map(PlannedCall::is_exact).collect()
}

fn requests(calls: &[PlannedCall]) -> Vec<ModelRequest> {
    calls.iter().map(|call| call.request().clone()).collect()
}

/// The same input for a run that goes on after these steps of `run`.
fn after(run: &Finished, steps: &[StepName]) -> RunInput {
    let mut input = input(Delivery::Held);
    for event in &run.events {
        if let Event::StepFinished(finished) = event
            && steps.contains(&finished.step)
        {
            *input.plan.earlier.get_mut(finished.step) = Some(finished.clone());
        }
    }
    input
}

fn many_workers() -> ChainConfig {
    let mut config = config();
    (config.workers.max, config.workers.from) = (4, Complexity::Simple);
    config
}

const PARTS: &str = r#"{"intent":"greet","key_entities":["world"],"complexity":"simple","context":[],
    "subtasks":[{"title":"One","instruction":"Say one."},{"title":"Two","instruction":"Say two."}]}"#;

#[tokio::test(start_paused = true)]
async fn the_first_request_is_the_one_that_the_model_gets() {
    let prompted = ChainConfig { structured_output: StructuredOutput::Prompt, ..config() };
    let mut unlisted = config();
    unlisted.steps.analyze.model = "llama3.2".into();
    for config in [config(), prompted, unlisted, many_workers()] {
        let input = input(Delivery::Live);
        let calls = planned(&config, &input);
        assert_eq!(exact(&calls), [true, false, false]);
        let run = run_with(config, input, good_replies()).await;
        assert_eq!(calls[0].request(), &run.model.requests()[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_input_is_finished_is_the_one_that_the_model_gets() {
    let first = run(good_replies()).await;
    let [_, draft, answer] = good_replies();
    let from_process = after(&first, &[StepName::Analyze]);
    let calls = planned(&config(), &from_process);
    assert_eq!(exact(&calls), [true, false]);
    let run = run_with(config(), from_process, [draft, answer]).await;
    assert_eq!(calls[0].request(), &run.model.requests()[0]);

    let from_synthesize = after(&first, &[StepName::Analyze, StepName::Process]);
    let calls = planned(&config(), &from_synthesize);
    assert_eq!(exact(&calls), [true]);
    let [_, _, answer] = good_replies();
    let run = run_with(config(), from_synthesize, [answer]).await;
    assert_eq!(requests(&calls), run.model.requests());
    assert_eq!(requests(&calls)[0], first.model.requests()[2]);
}

#[tokio::test(start_paused = true)]
async fn the_parts_of_a_finished_analysis_are_the_requests_that_the_model_gets() {
    let [_, draft, answer] = good_replies();
    let replies = [Reply::text(PARTS), draft.clone(), draft, answer];
    let run = run_with(many_workers(), input(Delivery::Held), replies).await;
    let calls = planned(&many_workers(), &after(&run, &[StepName::Analyze]));
    assert_eq!(exact(&calls), [true, true, false]);
    assert_eq!(calls.iter().map(|call| call.part).collect::<Vec<_>>(), [Some(1), Some(2), None]);
    let sent = run.model.requests();
    assert_eq!(requests(&calls)[..2], sent[1..3]);
    let synthesize = calls[2].forecast(&many_workers()).input_tokens;
    let real = tokens(&sent[3]);
    assert!((synthesize.low..=synthesize.high).contains(&real), "{synthesize:?} {real}");
}

/// As the composer estimates for a model whose estimate isn't scaled.
fn tokens(request: &ModelRequest) -> u64 {
    let texts = request.system.iter().map(|block| block.text.as_str());
    let texts = texts.chain(request.turns.iter().map(|turn| turn.text.as_str()));
    let schema = request.schema.iter().map(|schema| schema.json());
    texts.chain(schema).map(crate::model::estimate_tokens).sum()
}

#[test]
fn what_is_not_known_yet_says_so_and_is_no_value_that_a_step_returns() {
    let mut config = config();
    config.steps.analyze.fields = vec![Field { name: "urgency".into(), kind: FieldKind::Number }];
    let calls = planned(&config, &input(Delivery::Held));
    let [turn] = &calls[2].request().turns[..] else { panic!("one turn") };
    assert_eq!(turn.role, Role::User);
    insta::assert_snapshot!(turn.text, @r#"
    <request-07a2d5041f79>
    Say hello
    </request-07a2d5041f79>

    <analysis-07a2d5041f79>
    {"intent":"<intent: written by analyze>","key_entities":"<key_entities: written by analyze>","complexity":"<complexity: written by analyze>","context":"<context: written by analyze>","urgency":"<urgency: written by analyze>"}
    </analysis-07a2d5041f79>

    <draft-07a2d5041f79>
    {"content":"<content: written by process>","metadata":"<metadata: written by process>","confidence":"<confidence: written by process>"}
    </draft-07a2d5041f79>

    The id of these blocks is 07a2d5041f79. Return the JSON object now, and nothing else.
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_real_requests_lie_within_the_figures() {
    let long = |words: usize| "word ".repeat(words);
    // Replies of nearly full length: about 2000 of 2048 tokens.
    let analysis = format!(
        r#"{{"intent":"{}","key_entities":[],"complexity":"simple","context":[{{"key":"a","value":"b"}}]}}"#,
        long(1560)
    );
    let draft = format!(r#"{{"content":"{}","confidence":0.9,"metadata":[]}}"#, long(1600));
    let least = r#"{"intent":"g","key_entities":[],"complexity":"simple","context":[]}"#;
    for (analysis, draft) in [(analysis.as_str(), draft.as_str()), (least, DRAFT)] {
        let calls = planned(&config(), &input(Delivery::Held));
        let replies = [Reply::text(analysis), Reply::text(draft), Reply::text(ANSWER)];
        let run = run_with(config(), input(Delivery::Held), replies).await;
        for (call, sent) in calls.iter().zip(run.model.requests()) {
            let (range, real) = (call.forecast(&config()).input_tokens, tokens(&sent));
            assert!((range.low..=range.high).contains(&real), "{}: {range:?} {real}", call.step);
            if analysis != least {
                assert!(range.high < real * 5 / 4, "{}: {range:?} {real}", call.step);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_figures_cover_the_division_into_as_many_parts_as_there_may_be() {
    let parts: Vec<String> = (1..=8)
        .map(|part| format!(r#"{{"title":"Title {part}","instruction":"{}"}}"#, "word ".repeat(190)))
        .collect();
    let analysis = format!(
        r#"{{"intent":"greet","key_entities":[],"complexity":"complex","context":[],"subtasks":[{}]}}"#,
        parts.join(",")
    );
    let part = format!(r#"{{"content":"{}","confidence":0.9,"metadata":[]}}"#, "word ".repeat(1600));
    let config = many_workers();
    let calls = planned(&config, &input(Delivery::Held));
    assert_eq!(calls.iter().map(PlannedCall::max_calls).collect::<Vec<_>>(), [1, 8, 1]);
    let replies = std::iter::once(Reply::text(&analysis))
        .chain((0..8).map(|_| Reply::text(&part)))
        .chain([Reply::text(ANSWER)]);
    let run = run_with(config.clone(), input(Delivery::Held), replies).await;
    let sent = run.model.requests();
    assert_eq!(sent.len(), 10);
    let of_parts: u64 = sent[1..9].iter().map(tokens).sum();
    let [_, process, synthesize] = [0, 1, 2].map(|call: usize| calls[call].forecast(&config));
    assert!(of_parts <= process.input_tokens.high, "{of_parts} {process:?}");
    assert!(process.input_tokens.high < of_parts * 5 / 4, "{of_parts} {process:?}");
    assert_eq!(process.max_output_tokens, 8 * 2048);
    let real = tokens(&sent[9]);
    assert!((real..real * 3 / 2).contains(&synthesize.input_tokens.high), "{synthesize:?} {real}");
    let undivided = calls[1].forecast(&config).cost.unwrap().low;
    assert!(undivided < process.cost.unwrap().high);
    let dearest = Cost::from_picos(1_000_000 * (process.input_tokens.high + 5 * 8 * 2048));
    assert_eq!(process.cost.unwrap().high, dearest);
}

#[test]
fn costs_go_from_the_cheapest_input_alone_to_the_dearest_with_a_full_reply() {
    let of_first = |config: &ChainConfig| {
        let call = planned(config, &input(Delivery::Held)).remove(0);
        let forecast = call.forecast(config);
        assert_eq!(forecast.input_tokens.low, forecast.input_tokens.high);
        (forecast.input_tokens.low, forecast.cost)
    };
    let usd = |tokens: u64, price: f64| u32::try_from(tokens).map(f64::from).unwrap() * price / 1e6;
    // Haiku 4.5: $1 and $5 per million tokens; read from the cache $0.10, written to it $1.25.
    let (tokens, cost) = of_first(&config());
    let high = usd(tokens, 1.0) + usd(2048, 5.0);
    assert_eq!(cost, Some(Range { low: Cost::from_usd(usd(tokens, 1.0)), high: Cost::from_usd(high) }));
    let mut cached = config();
    cached.steps.analyze.prompt = "word ".repeat(4000).into();
    let (tokens, cost) = of_first(&cached);
    let high = usd(tokens, 1.25) + usd(2048, 5.0);
    assert_eq!(cost, Some(Range { low: Cost::from_usd(usd(tokens, 0.1)), high: Cost::from_usd(high) }));
    // Haiku 5.5 has other prices for a prompt of more than 100,000 tokens, cached or not.
    let mut long = config();
    long.steps.analyze.model = "claude-haiku-5-5".into();
    long.steps.analyze.prompt = "word ".repeat(110_000).into();
    let (tokens, cost) = of_first(&long);
    let high = usd(tokens, 0.625) + usd(2048, 2.5);
    assert_eq!(cost, Some(Range { low: Cost::from_usd(usd(tokens, 0.05)), high: Cost::from_usd(high) }));
    let mut unpriced = config();
    unpriced.steps.analyze.model = "llama3.2".into();
    assert_eq!(of_first(&unpriced).1, None);
    let calls = planned(&unpriced, &input(Delivery::Held));
    assert!(calls[1].forecast(&unpriced).cost.is_some());
    let total: Forecast = calls.iter().map(|call| call.forecast(&unpriced)).sum();
    assert_eq!(total.cost, None, "never too low");
}

#[test]
fn a_reply_is_taken_to_have_as_many_tokens_as_the_next_model_counts() {
    let mut config = config();
    let further = |config: &ChainConfig| {
        let tokens = planned(config, &input(Delivery::Held))[1].forecast(config).input_tokens;
        tokens.high - tokens.low
    };
    assert_eq!(further(&config), 2048);
    config.steps.analyze.model = "claude-sonnet-5-5".into();
    assert_eq!(further(&config), 2048, "never fewer than it has");
    config.steps.analyze.model = config.steps.process.model.clone();
    config.steps.process.model = "claude-sonnet-5-5".into();
    let scale = config.catalog.find("claude-sonnet-5-5").map(|entry: &ModelEntry| entry.tokens_per_estimate);
    assert!(scale.unwrap() > 1.0);
    assert!(further(&config) > 2048);
}

#[tokio::test(start_paused = true)]
async fn what_would_fail_the_run_beforehand_fails_the_preview_alike() {
    let capped = |usd: f64| ChainConfig { max_cost: Some(Cost::from_usd(usd)), ..config() };
    let mut unpriced = capped(1.0);
    unpriced.steps.process.model = "llama3.2".into();
    let mut too_long = config();
    too_long.steps.analyze.prompt = "word ".repeat(200_000).into();
    for config in [capped(0.001), unpriced, too_long] {
        let expected = run_with(config.clone(), input(Delivery::Held), []).await;
        let error = preview(&config, &input(Delivery::Held)).unwrap_err();
        assert_eq!(error.to_string(), expected.error().to_string());
    }
    assert!(preview(&capped(0.011), &input(Delivery::Held)).is_ok(), "room for the first call alone");
}

#[test]
fn a_later_step_that_cannot_fit_is_an_error_already() {
    let mut config = config();
    config.steps.synthesize.prompt = "word ".repeat(200_000).into();
    let error = preview(&config, &input(Delivery::Held)).unwrap_err();
    assert!(matches!(error, ChainError::ContextExceeded { step: StepName::Synthesize, .. }), "{error}");
    let mut input = input(Delivery::Held);
    input.plan.until = StepName::Process;
    assert_eq!(planned(&config, &input).len(), 2, "it isn't run");
}

#[test]
fn a_request_may_fill_the_context_to_its_last_token() {
    let mut config = config();
    let tokens = planned(&config, &input(Delivery::Held))[0].forecast(&config).input_tokens.low;
    config.steps.analyze.max_tokens = u32::try_from(200_000 - tokens).unwrap();
    assert!(preview(&config, &input(Delivery::Held)).is_ok());
    config.steps.analyze.max_tokens += 1;
    let error = preview(&config, &input(Delivery::Held)).unwrap_err();
    assert!(matches!(error, ChainError::ContextExceeded { step: StepName::Analyze, .. }), "{error}");
}

/// Two parts with titles of about 250 tokens, which a draft has twice.
fn long_titles(complexity: &str) -> String {
    let part = |name: &str| format!(r#"{{"title":"{name} {}","instruction":"Write."}}"#, "word ".repeat(200));
    let parts = ["One", "Two"].map(part).join(",");
    format!(
        r#"{{"intent":"greet","key_entities":[],"complexity":"{complexity}","context":[],"subtasks":[{parts}]}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn the_figures_cover_the_titles_of_parts_and_no_more_parts_than_there_are() {
    // Nearly 2048 tokens each.
    let part =
        Reply::text(&format!(r#"{{"content":"{}","confidence":0.9,"metadata":[]}}"#, "word ".repeat(1620)));
    let replies = [Reply::text(&long_titles("simple")), part.clone(), part, Reply::text(ANSWER)];
    let run = run_with(many_workers(), input(Delivery::Held), replies).await;
    let sent = run.model.requests();
    assert_eq!(sent.len(), 4);
    let calls = planned(&many_workers(), &after(&run, &[StepName::Analyze]));
    let (synthesize, real) = (calls[2].forecast(&many_workers()).input_tokens, tokens(&sent[3]));
    assert!((real..real * 5 / 4).contains(&synthesize.high), "{synthesize:?} {real}");
}

#[tokio::test(start_paused = true)]
async fn an_analysis_that_is_not_divided_is_forecast_as_one_draft_whatever_parts_it_names() {
    let mut config = many_workers();
    config.workers.from = Complexity::Complex;
    let [_, draft, answer] = good_replies();
    let replies = [Reply::text(&long_titles("simple")), draft, answer];
    let run = run_with(config.clone(), input(Delivery::Held), replies).await;
    let calls = planned(&config, &after(&run, &[StepName::Analyze]));
    let synthesize = calls[1].forecast(&config).input_tokens;
    assert_eq!(synthesize.high - synthesize.low, 2048);
}

#[test]
fn the_largest_request_is_that_of_the_whole_or_of_a_part() {
    let config = many_workers();
    let calls = planned(&config, &input(Delivery::Held));
    let of_parts = calls[1].forecast(&config).input_tokens.high;
    assert_eq!(calls[0].largest_input(), calls[0].forecast(&config).input_tokens.high);
    assert_eq!(calls[1].largest_input() * 8, of_parts, "each of the eight is as large");
    assert_eq!(calls[2].largest_input(), calls[2].forecast(&config).input_tokens.high);
}
