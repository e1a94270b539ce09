//! Process, divided: its parts at the same time, joined in order, and what follows where some fail.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::*;
use crate::model::scripted::Act;
use crate::model::{CallErrorKind, ModelRequest};

const TITLES: [&str; 4] = ["North", "East", "South", "West"];

/// An analysis of that complexity, with so many parts.
fn analysis(complexity: &str, parts: usize) -> Reply {
    let part = |title: &&str| json!({"title": title, "instruction": format!("About the {title}.")});
    let subtasks: Vec<Value> = TITLES.iter().take(parts).map(part).collect();
    let analysis = json!({
        "intent": "compare", "key_entities": ["a"], "complexity": complexity, "context": [],
        "subtasks": subtasks,
    });
    Reply::text(&analysis.to_string())
}

fn divided(max: u32) -> ChainConfig {
    let mut config = config();
    config.workers.max = max;
    config
}

fn draft(content: &str, confidence: f64) -> Reply {
    Reply::text(&json!({"content": content, "confidence": confidence, "metadata": []}).to_string())
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn run_divided(config: ChainConfig, parts: usize, drafts: impl IntoIterator<Item = Reply>) -> Finished {
    let script = std::iter::once(analysis("complex", parts)).chain(drafts);
    run_with(config, input(Delivery::Held), script).await
}

/// The same, and in the end an answer.
async fn run_to_the_end(
    config: ChainConfig,
    parts: usize,
    drafts: impl IntoIterator<Item = Reply>,
) -> Finished {
    run_divided(config, parts, drafts.into_iter().chain([Reply::text(ANSWER)])).await
}

fn process(run: &Finished) -> &StepMetadata {
    run.summary.state.step_metadata.process.as_ref().unwrap()
}

fn content(run: &Finished) -> &str {
    run.summary.state.processed_content.as_deref().unwrap()
}

fn requests(run: &Finished) -> Vec<ModelRequest> {
    run.model.requests()
}

#[tokio::test(start_paused = true)]
async fn parts_are_written_at_the_same_time_and_joined_in_order() {
    let drafts = [
        draft("n", 0.9).after(seconds(3)),
        draft("e", 0.7).after(seconds(1)),
        draft("s", 0.8).after(seconds(2)),
    ];
    let run = run_to_the_end(divided(3), 3, drafts).await;
    assert_eq!(content(&run), "## North\n\nn\n\n## East\n\ne\n\n## South\n\ns");
    assert_eq!(process(&run).elapsed, seconds(3), "the time of the longest");
    let StepOutput::Process(draft) = run.summary.state.outputs.process.as_ref().unwrap() else { panic!() };
    assert_eq!(draft.confidence, Some(0.7), "the lowest");
    let titles: Vec<&str> = process(&run).workers.iter().map(|worker| worker.title.as_str()).collect();
    assert_eq!(titles, ["North", "East", "South"]);
    assert_eq!(process(&run).attempts, 3);
    let of_parts = process(&run).workers.iter().fold(Spend::default(), |mut sum, worker| {
        sum.add(&worker.spend);
        sum
    });
    assert_eq!(process(&run).spend, of_parts);
    assert_eq!(run.summary.spend_of(StepName::Process), of_parts);
    assert_snapshot!(run.transcript(), @r###"
    run req_test
    analyze
      attempt 1
      answered 10/5
      gate passed 
      done {"intent":"compare","key_entities":["a"],"complexity":"complex","context":{},"subtasks":[{"title":"North","instruction":"About the North."},{"title":"East","instruction":"About the East."},{"title":"South","instruction":"About the South."}]}
    process
      part 1 begins North
      part 1 attempt 1
      part 2 begins East
      part 2 attempt 1
      part 3 begins South
      part 3 attempt 1
      part 2 answered 10/5
      part 2 gate passed 
      part 2 done
      part 3 answered 10/5
      part 3 gate passed 
      part 3 done
      part 1 answered 10/5
      part 1 gate passed 
      part 1 done
      done {"content":"## North\n\nn\n\n## East\n\ne\n\n## South\n\ns","metadata":{"parts":[{"title":"North","confidence":0.9,"metadata":{}},{"title":"East","confidence":0.7,"metadata":{}},{"title":"South","confidence":0.8,"metadata":{}}]},"confidence":0.7}
    synthesize
      attempt 1
      answered 10/5
      gate passed 
    > Hello, world!
      done {"final_text":"Hello, world!","formatting":"plain"}
    finished: stop
    "###);
}

#[tokio::test(start_paused = true)]
async fn each_part_knows_the_outline_and_its_own_instruction() {
    let run = run_to_the_end(divided(2), 2, [draft("n", 0.9), draft("e", 0.9)]).await;
    let requests = requests(&run);
    let schema = |request: &ModelRequest| request.schema.as_ref().unwrap()["properties"].clone();
    assert!(schema(&requests[0]).get("subtasks").is_some());
    for (part, request) in requests[1..3].iter().enumerate() {
        assert_eq!(request.system[0].text.as_str(), "You write a part.");
        assert!(schema(request).get("content").is_some());
        let text = &request.turns[0].text;
        assert!(text.contains("About the North.") && text.contains("About the East."), "{text}");
        let own = text.split_once("<part-").unwrap().1;
        assert!(own.contains(&format!("About the {}.", TITLES[part])), "{own}");
        assert!(!own.contains(&format!("About the {}.", TITLES[1 - part])), "{own}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_worth_dividing_is_one_call_as_ever() {
    for (max, complexity, parts) in
        [(1, "complex", 3), (4, "moderate", 3), (4, "complex", 1), (4, "complex", 0)]
    {
        let script = [analysis(complexity, parts), Reply::text(DRAFT), Reply::text(ANSWER)];
        let run = run_with(divided(max), input(Delivery::Held), script).await;
        assert_eq!((content(&run), process(&run).workers.len()), ("Hello.", 0), "{max} {complexity} {parts}");
        assert_eq!(requests(&run)[1].system[0].text.as_str(), "You process.");
    }
    let mut config = divided(4);
    config.workers.from = Complexity::Moderate;
    let drafts = [draft("n", 0.9), draft("e", 0.9)];
    let script = [analysis("moderate", 2)].into_iter().chain(drafts).chain([Reply::text(ANSWER)]);
    let run = run_with(config, input(Delivery::Held), script).await;
    assert_eq!(process(&run).workers.len(), 2);
    let unasked = run_with(config_of_one(), input(Delivery::Held), good_replies()).await;
    let schema = unasked.model.requests()[0].schema.clone().unwrap();
    assert!(schema["properties"].get("subtasks").is_none(), "nobody is asked for parts in vain");
}

fn config_of_one() -> ChainConfig {
    divided(1)
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_than_allowed_are_made_at_a_time() {
    let drafts = || (0..4).map(|_| draft("x", 0.9).after(seconds(1)));
    for (max, expected) in [(4, 1), (2, 2), (3, 2)] {
        let run = run_to_the_end(divided(max), 4, drafts()).await;
        assert_eq!(process(&run).elapsed, seconds(expected), "{max}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_beyond_the_runs_own_wait_for_places_of_the_whole_process() {
    let places = Arc::new(Semaphore::new(1));
    let script = std::iter::once(analysis("complex", 4))
        .chain((0..4).map(|_| draft("x", 0.9).after(seconds(1))))
        .chain([Reply::text(ANSWER)]);
    let model = Arc::new(ScriptedModel::new(script));
    let engine = engine(&model).with_places(Arc::clone(&places));
    let mut run = engine.start(Arc::new(divided(4)), input(Delivery::Held));
    let mut summary = Summary::new(&input(Delivery::Held).conversation);
    while let Some(event) = run.next_event().await {
        summary.apply(&event);
        assert!(model.open_calls() <= 2, "its own place and the one that there is");
    }
    assert_eq!(summary.state.step_metadata.process.unwrap().elapsed, seconds(2));
    assert_eq!(places.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_fails_is_left_out_with_a_warning_or_ends_a_strict_run() {
    let drafts = || [draft("n", 0.9), Reply::status(400), draft("s", 0.9)];
    let run = run_to_the_end(divided(3), 3, drafts()).await;
    assert_eq!(content(&run), "## North\n\nn\n\n## South\n\ns");
    assert_eq!(process(&run).verdict, Decision::Warn);
    let warnings: Vec<String> = run
        .summary
        .warnings()
        .flat_map(|warned| warned.verdict.findings.iter().map(ToString::to_string))
        .collect();
    assert_snapshot!(warnings.join("\n"), @r###"
    part 2, "East", was left out: process failed: upstream answered 400: scripted 400
    "###);

    let mut config = divided(3);
    config.gates.strict = true;
    let slow = [draft("n", 0.9).after(seconds(9)), Reply::status(400).after(seconds(1)), Reply::hang()];
    let began = Instant::now();
    let run = run_divided(config, 3, slow).await;
    assert!(matches!(run.error().cause(), ChainError::Upstream { .. }), "{:?}", run.error());
    assert_eq!(run.error().to_string(), "part 2, \"East\": process failed");
    assert_eq!(began.elapsed(), seconds(1), "nobody waits for the others");
    assert_eq!(run.model.open_calls(), 0);
    assert_eq!(run.summary.attempts.len(), 4, "those that were cut off are accounted for");
}

#[tokio::test(start_paused = true)]
async fn half_of_the_parts_are_enough_and_less_is_not() {
    let failing = || Reply::status(400);
    let run = run_to_the_end(divided(4), 4, [failing(), draft("e", 0.9), failing(), draft("w", 0.9)]).await;
    assert_eq!(content(&run), "## East\n\ne\n\n## West\n\nw");

    // As soon as that is certain, nothing more is paid for.
    let late = draft("w", 0.9).after(seconds(20));
    let run = run_divided(divided(4), 4, [failing(), failing(), failing().after(seconds(1)), late]).await;
    assert!(matches!(run.error().cause(), ChainError::Upstream { step: StepName::Process, .. }));
    assert_eq!(run.summary.elapsed, Some(seconds(1)));
    assert_eq!(run.model.open_calls(), 0);

    let run = run_divided(divided(2), 2, [failing(), failing()]).await;
    assert!(matches!(run.error().cause(), ChainError::Upstream { step: StepName::Process, .. }));
}

#[tokio::test(start_paused = true)]
async fn a_part_that_hangs_to_the_steps_end_is_left_out() {
    let mut config = divided(2);
    config.limits.silence = seconds(600);
    config.retry.max_attempts = 1;
    config.workers.step.timeout = seconds(1200);
    let run = run_to_the_end(config, 2, [draft("n", 0.9), Reply::hang()]).await;
    assert_eq!(content(&run), "## North\n\nn");
    assert_eq!(process(&run).elapsed, seconds(30));
    let failure = process(&run).workers[1].failure.as_ref().unwrap();
    assert!(matches!(failure, ChainError::TimedOut { .. }), "{failure:?}");
}

#[tokio::test(start_paused = true)]
async fn a_part_that_its_gate_rejects_is_repaired_by_itself() {
    let drafts = [draft("n", 0.9).after(seconds(1)), draft("e", 0.1), draft("better", 0.8)];
    let run = run_to_the_end(divided(2), 2, drafts).await;
    assert_eq!(content(&run), "## North\n\nn\n\n## East\n\nbetter");
    let workers = &process(&run).workers;
    assert_eq!((workers[0].repairs, workers[1].repairs, workers[1].attempts), (0, 1, 2));
    assert_eq!(process(&run).repairs, 1);
}

#[tokio::test(start_paused = true)]
async fn where_one_is_told_to_wait_the_others_do_not_start_meanwhile() {
    let limited = || {
        let mut error = crate::model::scripted::status_error(429);
        error.retry_after = Some(seconds(5));
        Reply::error(error).after(Duration::from_millis(100))
    };
    let drafts = [limited(), draft("e", 0.9).after(seconds(1)), draft("n", 0.9), draft("s", 0.9)];
    let run = run_to_the_end(divided(2), 3, drafts).await;
    assert_eq!(content(&run).matches("## ").count(), 3);
    assert_eq!(
        process(&run).elapsed,
        Duration::from_millis(5100),
        "the third begins when the first may go on"
    );
}

#[tokio::test(start_paused = true)]
async fn dropping_the_run_drops_all_its_calls_and_accounts_for_each() {
    let script = std::iter::once(analysis("complex", 3)).chain((0..3).map(|_| Reply::hang()));
    let model = Arc::new(ScriptedModel::new(script));
    let mut run = engine(&model).start(Arc::new(divided(3)), input(Delivery::Held));
    let mut begun = 0;
    while begun < 4 {
        let event = run.next_event().await.unwrap();
        begun += usize::from(matches!(event, Event::AttemptStarted { .. }));
    }
    // The last has been announced; let it be sent.
    let sent = tokio::time::timeout(seconds(1), run.next_event()).await;
    assert!(sent.is_err());
    assert_eq!(model.open_calls(), 3);
    let rest = run.cancel();
    assert_eq!(model.open_calls(), 0);
    let cut_off =
        rest.iter().filter(|event| matches!(event, Event::AttemptEnded(record) if record.worker.is_some()));
    assert_eq!(cut_off.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_budget_holds_for_all_parts_together() {
    let mut config = divided(3);
    config.max_cost = Some(crate::model::Cost::from_usd(0.025));
    let run = run_divided(config, 3, [Reply::hang(), Reply::hang()]).await;
    assert!(
        matches!(run.error().cause(), ChainError::OverBudget { step: StepName::Process, .. }),
        "{:?}",
        run.error()
    );
    assert_eq!(run.model.open_calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_attempt_used_is_told_although_its_retry_still_waits_for_the_budget() {
    let mut config = divided(2);
    // Room for two calls at their worst, of which one keeps it: its figures never came.
    config.max_cost = Some(crate::model::Cost::from_usd(0.025));
    let cut = Reply::partial("{\"content\": \"n", [Act::Fail(CallErrorKind::Truncated.into())]);
    let cut = cut.after(Duration::from_millis(100));
    let script = [analysis("complex", 2), cut, Reply::hang()];
    let model = Arc::new(ScriptedModel::new(script));
    let mut run = engine(&model).start(Arc::new(config), input(Delivery::Held));
    let mut told = Vec::new();
    while let Ok(event) = tokio::time::timeout(seconds(1), run.next_event()).await {
        told.push(event.unwrap());
    }
    told.extend(run.cancel());
    let of_parts = told.iter().filter_map(|event| match event {
        Event::AttemptEnded(record) => Some((record.worker?, record.failure.clone()?)),
        _ => None,
    });
    let cut_off = AttemptFailure::Call(CallErrorKind::Truncated.into());
    let of_parts: Vec<_> = of_parts.collect();
    assert_eq!(of_parts.len(), 2, "{of_parts:?}");
    assert!(of_parts.contains(&(1, cut_off)), "{of_parts:?}");
    assert!(of_parts.contains(&(2, AttemptFailure::Cancelled)), "{of_parts:?}");
}

#[tokio::test(start_paused = true)]
async fn parts_that_are_done_without_do_not_open_the_circuit_for_the_rest_of_the_run() {
    let failing = || Reply::status(500);
    let mut config = divided(4);
    config.retry.max_attempts = 1;
    let drafts = [draft("n", 0.9), draft("e", 0.9), failing(), failing()];
    let script = || std::iter::once(analysis("complex", 4)).chain(drafts.clone());
    let breakers = || Arc::new(BreakerRegistry::new(BreakerConfig { failure_threshold: 1, ..breaker() }));
    let model = Arc::new(ScriptedModel::new(script().chain([Reply::text(ANSWER)])));
    let run = finished(Engine::new(model.clone(), breakers()), config.clone(), model).await;
    assert_eq!(content(&run), "## North\n\nn\n\n## East\n\ne");
    assert_eq!(run.finish(), FinishReason::Stop);

    // Where the step fails, it counts as one failed call, however many parts it had.
    let failing = (0..4).map(|_| Reply::status(500).after(seconds(1)));
    let model = Arc::new(ScriptedModel::new(std::iter::once(analysis("complex", 4)).chain(failing)));
    let engine = Engine::new(model.clone(), breakers());
    let run = finished(engine.clone(), config.clone(), Arc::clone(&model)).await;
    assert!(matches!(run.error().cause(), ChainError::Upstream { .. }));
    let next = finished(engine, config, model).await;
    assert!(matches!(next.error(), ChainError::CircuitOpen { step: StepName::Analyze, .. }));
}

async fn finished(engine: Engine, config: ChainConfig, model: Arc<ScriptedModel>) -> Finished {
    let input = input(Delivery::Held);
    let mut summary = Summary::new(&input.conversation);
    let mut run = engine.start(Arc::new(config), input);
    let mut events = Vec::new();
    while let Some(event) = run.next_event().await {
        summary.apply(&event);
        events.push(event);
    }
    Finished { events, summary, model }
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_waits_for_the_budget_is_told_at_once_and_begins_no_later_for_it() {
    let mut config = divided(2);
    config.max_cost = Some(crate::model::Cost::from_usd(0.025));
    config.retry.multiplier = 5.0;
    let cut = Reply::partial("{\"content\": \"n", [Act::Fail(CallErrorKind::Truncated.into())]);
    let script = [
        analysis("complex", 2),
        cut.after(seconds(1)),
        draft("e", 0.9).after(seconds(3)),
        draft("n", 0.9).after(seconds(1)),
    ];
    let model = Arc::new(ScriptedModel::new(script));
    let began = Instant::now();
    let mut run = engine(&model).start(Arc::new(config), input(Delivery::Held));
    let (mut announced, mut resumed) = (None, None);
    while let Some(event) = run.next_event().await {
        match event {
            Event::AttemptEnded(record) if record.worker == Some(1) && record.retry_in.is_some() => {
                let wait = record.retry_in.unwrap();
                assert_eq!(began.elapsed(), seconds(1));
                announced = Some(began.elapsed() + wait);
            }
            Event::AttemptStarted { worker: Some(1), attempt: 2, .. } => {
                resumed = Some(began.elapsed());
                break;
            }
            _ => {}
        }
    }
    let late = resumed.unwrap().saturating_sub(announced.unwrap());
    assert!(resumed >= announced && late < Duration::from_millis(2), "{resumed:?} {announced:?}");
    drop(run);
    assert_eq!(model.open_calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_waits_for_room_in_the_budget_loses_none_of_its_time() {
    let mut config = divided(3);
    config.max_cost = Some(crate::model::Cost::from_usd(0.025));
    config.steps.process.timeout = seconds(4);
    let drafts = ["n", "e", "s"].map(|content| draft(content, 0.9).after(seconds(3)));
    let run = run_to_the_end(config, 3, drafts).await;
    assert_eq!(content(&run), "## North\n\nn\n\n## East\n\ne\n\n## South\n\ns");
    assert_eq!(process(&run).elapsed, seconds(6));
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_held_for_what_another_was_told_loses_none_of_its_time() {
    let mut config = divided(2);
    config.steps.process.timeout = seconds(9);
    let mut limited = crate::model::scripted::status_error(429);
    limited.retry_after = Some(seconds(6));
    let limited = Reply::error(limited).after(Duration::from_millis(10));
    let late = |content| draft(content, 0.9).after(seconds(2));
    let failing = || Reply::status(500);
    let run = run_to_the_end(config, 2, [limited, failing(), late("n"), failing(), late("e")]).await;
    assert_eq!(content(&run), "## North\n\nn\n\n## East\n\ne");
    assert!(process(&run).elapsed > seconds(9), "{:?}", process(&run).elapsed);
}

#[tokio::test(start_paused = true)]
async fn parts_of_one_title_are_put_right_or_not_written_apart() {
    let script = [analysis_of(&["Same", "same"]), analysis_of(&["Same", "same"]), draft("whole", 0.9)];
    let run =
        run_with(divided(2), input(Delivery::Held), script.into_iter().chain([Reply::text(ANSWER)])).await;
    assert_eq!(content(&run), "whole");
}

/// An analysis with parts of these titles.
fn analysis_of(titles: &[&str]) -> Reply {
    let part = |title: &&str| json!({"title": title, "instruction": "Write it."});
    let subtasks: Vec<Value> = titles.iter().map(part).collect();
    let analysis = json!({
        "intent": "compare", "key_entities": ["a"], "complexity": "complex", "context": [],
        "subtasks": subtasks,
    });
    Reply::text(&analysis.to_string())
}

#[tokio::test(start_paused = true)]
async fn more_parts_than_workers_can_be_or_blank_ones_are_put_right_or_not_written_apart() {
    for faulty in [&["Part"; 200][..], &["One", " # "]] {
        let script = [analysis_of(faulty), analysis_of(&["One", "Two"]), draft("x", 0.9), draft("x", 0.9)];
        let script = script.into_iter().chain([Reply::text(ANSWER)]);
        let run = run_with(divided(2), input(Delivery::Held), script).await;
        assert_eq!(content(&run), "## One\n\nx\n\n## Two\n\nx");
        assert_eq!(run.model.requests().len(), 5);

        let script = [analysis_of(faulty), analysis_of(faulty), draft("whole", 0.9), Reply::text(ANSWER)];
        let run = run_with(divided(2), input(Delivery::Held), script).await;
        assert_eq!(content(&run), "whole");
        assert_eq!(run.model.requests().len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_without_its_instruction_is_a_finding_and_is_put_right() {
    let faulty = Reply::text(
        r#"{"intent":"compare","key_entities":["a"],"complexity":"complex","context":[],
        "subtasks":[{"title":"One","instruction":"Write it."},{"title":"Two"}]}"#,
    );
    let script =
        [faulty, analysis_of(&["One", "Two"]), draft("x", 0.9), draft("x", 0.9), Reply::text(ANSWER)];
    let run = run_with(divided(2), input(Delivery::Held), script).await;
    let repair = &run.model.requests()[1].turns[2].text;
    assert!(
        repair.contains("each element of `subtasks` must have title and instruction, as strings"),
        "{repair}"
    );
    assert_eq!(content(&run), "## One\n\nx\n\n## Two\n\nx");
}

#[tokio::test(start_paused = true)]
async fn a_title_is_one_heading_whatever_the_model_puts_into_it() {
    let titles = ["# North\n\n# Injected\n- x", "South\u{1b}[31m\u{7}"];
    let script = [analysis_of(&titles), draft("n", 0.9), draft("s", 0.9), Reply::text(ANSWER)];
    let run = run_with(divided(2), input(Delivery::Held), script).await;
    assert_eq!(content(&run), "## North # Injected - x\n\nn\n\n## South [31m\n\ns");
}

#[tokio::test(start_paused = true)]
async fn a_part_that_uses_up_the_time_of_the_run_ends_it_where_it_hangs() {
    let mut config = divided(2);
    config.limits.run = Some(seconds(5));
    let run = run_divided(config, 2, [draft("n", 0.9), Reply::hang()]).await;
    let ChainError::TimedOut { step, reached } = run.error().cause() else { panic!("{:?}", run.error()) };
    assert_eq!((*step, reached.after), (StepName::Process, seconds(5)));
    assert_eq!(run.model.requests().len(), 3, "synthesize isn't sent");
}

#[tokio::test(start_paused = true)]
async fn synthesize_is_told_which_parts_are_missing() {
    let drafts = [draft("n", 0.9), Reply::status(400), draft("s", 0.9)];
    let run = run_to_the_end(divided(3), 3, drafts).await;
    let requests = requests(&run);
    let told = &requests.last().unwrap().turns.last().unwrap().text;
    assert!(told.contains(r#""gaps":["East"]"#), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_part_has_the_time_of_the_step_from_when_it_is_its_turn() {
    let mut config = divided(2);
    config.steps.process.timeout = seconds(4);
    let drafts = ["n", "e", "s", "w"].map(|content| draft(content, 0.9).after(seconds(3)));
    let run = run_to_the_end(config, 4, drafts).await;
    assert_eq!(content(&run), "## North\n\nn\n\n## East\n\ne\n\n## South\n\ns\n\n## West\n\nw");
    assert_eq!(process(&run).elapsed, seconds(6));
}

#[tokio::test(start_paused = true)]
async fn what_was_put_up_with_in_one_part_was_so_in_the_step() {
    let of = async |second: Reply| {
        let run = run_to_the_end(divided(2), 2, [draft("n", 0.9), second]).await;
        let StepMetadata { verdict, tolerated, degraded, .. } = process(&run);
        (*verdict, *tolerated, *degraded)
    };
    assert_eq!(of(draft("e", 0.9)).await, (Decision::Pass, false, false));
    let fenced = Reply::text(&format!("```json\n{DRAFT}\n```"));
    assert_eq!(of(fenced).await, (Decision::Pass, true, false));
    let cut = Reply::stopped("No object at all", crate::model::StopReason::MaxTokens);
    assert_eq!(of(cut).await, (Decision::Warn, false, true));
}

#[tokio::test(start_paused = true)]
async fn declared_fields_of_parts_are_joined_by_their_kind() {
    let mut config = divided(3);
    let kinds = [
        ("note", FieldKind::String),
        ("score", FieldKind::Number),
        ("safe", FieldKind::Boolean),
        ("checked", FieldKind::Boolean),
        ("sources", FieldKind::Strings),
    ];
    let fields = kinds.map(|(name, kind)| Field { name: name.into(), kind });
    config.steps.process.fields = fields.to_vec();
    config.workers.step.fields = fields.to_vec();
    let part = |content: &str, extra: Value| {
        let mut draft = json!({"content": content, "confidence": 0.9, "metadata": []});
        draft.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        Reply::text(&draft.to_string())
    };
    let drafts = [
        part("n", json!({"note": "one", "score": 3, "safe": true, "checked": true, "sources": ["a", "b"]})),
        part(
            "e",
            json!({"note": "two", "score": 2.5, "safe": false, "checked": true, "sources": ["b", "c"]}),
        ),
        part("s", json!({"note": "three", "score": 7, "safe": true, "checked": true, "sources": []})),
    ];
    let run = run_to_the_end(config, 3, drafts).await;
    let StepOutput::Process(draft) = run.summary.state.outputs.process.as_ref().unwrap() else { panic!() };
    let joined = json!({"note": "one\ntwo\nthree", "score": 2.5, "safe": false, "checked": true, "sources": ["a", "b", "c"]});
    assert_eq!(Value::from(draft.extra.clone()), joined);
}
