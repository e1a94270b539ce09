//! Time limits: which one ends a run, and what the breaker makes of it.

use super::*;
use crate::model::ReplyEvent;
use crate::model::scripted::Act;
use crate::resilience::BreakerState;

const SECOND: Duration = Duration::from_secs(1);

fn quiet() -> ChainConfig {
    let mut config = config();
    // So that silence isn't what ends the attempts of these tests.
    for step in StepName::ALL {
        config.steps.get_mut(step).timeout = 40 * SECOND;
    }
    config.limits.silence = 1000 * SECOND;
    config.retry.max_attempts = 1;
    config
}

fn pieces(number: usize, every: Duration) -> impl Iterator<Item = Act> {
    std::iter::repeat_n([Act::Wait(every), Act::Event(ReplyEvent::Text("x".into()))], number).flatten()
}

#[tokio::test(start_paused = true)]
async fn a_silent_upstream_fails_the_attempt_after_half_the_steps_time() {
    let [analysis, draft, answer] = good_replies();
    let run = run([Reply::hang(), analysis, draft, answer]).await;
    assert_eq!(
        run.summary.attempts[0].failure,
        Some(AttemptFailure::Silence { limit: Duration::from_millis(7500) })
    );
    assert_eq!(run.summary.attempts[0].elapsed, Duration::from_millis(7500));
    assert_eq!(run.finish(), FinishReason::Stop);
}

#[tokio::test(start_paused = true)]
async fn silence_in_the_middle_of_a_reply_is_noticed_too() {
    let mut config = config();
    config.limits.silence = 2 * SECOND;
    config.retry.max_attempts = 1;
    let acts = pieces(5, SECOND).chain([Act::Hang]);
    let run = run_with(config, input(Delivery::Held), [Reply::partial("", acts)]).await;
    assert_eq!(run.summary.elapsed, Some(7 * SECOND));
    assert!(matches!(run.error(), ChainError::Upstream { failure: AttemptFailure::Silence { .. }, .. }));
}

#[tokio::test(start_paused = true)]
async fn a_steps_own_limit_ends_the_run_with_its_seconds() {
    let mut config = quiet();
    config.steps.analyze.timeout = 5 * SECOND;
    let run = run_with(config, input(Delivery::Held), [Reply::partial("", pieces(100, SECOND / 10))]).await;
    assert_eq!(run.error().to_string(), "timed out in analyze: the analyze step's limit of 5s was reached");
    assert_eq!(run.summary.elapsed, Some(5 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_always_has_something_ready_is_cut_at_the_limit_too() {
    let mut config = quiet();
    config.steps.analyze.timeout = SECOND;
    let busy = (0..1000)
        .flat_map(|_| [Act::Event(ReplyEvent::Text("x".into())), Act::Wait(Duration::from_millis(2))]);
    let run = run_with(config, input(Delivery::Held), [Reply::partial("", busy)]).await;
    assert_eq!(run.summary.elapsed, Some(SECOND));
}

#[tokio::test(start_paused = true)]
async fn analyze_and_process_share_their_phases_limit() {
    let [analysis, ..] = good_replies();
    let slow = Reply::partial("", pieces(100, SECOND));
    let run = run_with(quiet(), input(Delivery::Held), [analysis.after(15 * SECOND), slow]).await;
    assert_eq!(
        run.error().to_string(),
        "timed out in process: the worker coordination phase's limit of 45s was reached"
    );
    assert_eq!(run.summary.elapsed, Some(45 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn synthesis_has_a_phase_of_its_own() {
    let [analysis, draft, _] = good_replies();
    let slow = Reply::partial("", pieces(100, SECOND));
    let run = run_with(quiet(), input(Delivery::Live), [analysis.after(15 * SECOND), draft, slow]).await;
    assert_eq!(
        run.error().to_string(),
        "timed out in synthesize: the synthesis phase's limit of 30s was reached"
    );
    assert_eq!(run.summary.elapsed, Some(45 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn the_whole_runs_limit_wins_when_it_is_the_shortest() {
    let mut config = quiet();
    config.limits.run = Some(3 * SECOND);
    let run = run_with(config, input(Delivery::Held), [Reply::partial("", pieces(100, SECOND / 2))]).await;
    assert_eq!(run.error().to_string(), "timed out in analyze: the run's limit of 3s was reached");
}

#[tokio::test(start_paused = true)]
async fn what_a_limit_cut_off_is_accounted_for() {
    let mut config = quiet();
    config.steps.analyze.timeout = 5 * SECOND;
    let run = run_with(config, input(Delivery::Held), [Reply::partial("", pieces(100, SECOND))]).await;
    let spend = run.summary.spend();
    assert_eq!((spend.usage.input, spend.uncounted_attempts), (Some(10), 1));
}

#[tokio::test(start_paused = true)]
async fn a_limit_reached_in_a_repair_leaves_a_lenient_run_with_the_reply_it_had() {
    let [analysis, _, answer] = good_replies();
    let low = Reply::text(r#"{"content":"Hm.","confidence":0.2,"metadata":[]}"#);
    let mut config = quiet();
    config.steps.process.timeout = 5 * SECOND;
    config.limits.silence = 100 * SECOND;
    let slow = Reply::partial("", pieces(100, SECOND));
    let run = run_with(config, input(Delivery::Held), [analysis, low, slow, answer]).await;
    assert_eq!(run.finish(), FinishReason::Stop);
    assert_eq!(run.summary.state.processed_content.as_deref(), Some("Hm."));
}

/// Runs once against that reply, with a limit of 5 s on the step, and tells the breaker's state.
async fn breaker_after(reply: Reply, reader_is_away: Duration) -> BreakerState {
    let mut config = quiet();
    config.steps.analyze.timeout = 5 * SECOND;
    let model = Arc::new(ScriptedModel::new([reply]));
    let breakers = Arc::new(BreakerRegistry::new(BreakerConfig { failure_threshold: 1, ..breaker() }));
    let engine = Engine::new(model, Arc::clone(&breakers));
    let mut run = engine.start(Arc::new(config), input(Delivery::Held));
    while let Some(event) = run.next_event().await {
        if matches!(event, Event::AttemptStarted { .. }) {
            // Lets the attempt begin, then leaves it alone.
            let _ = tokio::time::timeout(SECOND, run.next_event()).await;
            tokio::time::advance(reader_is_away).await;
        }
    }
    breakers.get("scripted", "claude-haiku-4-5-20251001").state()
}

#[tokio::test(start_paused = true)]
async fn a_limit_reached_while_the_upstream_was_silent_counts_against_it() {
    assert!(matches!(breaker_after(Reply::hang(), Duration::ZERO).await, BreakerState::Open { .. }));
    // The limit comes 2 s after the last piece, silence of half the limit only half a second later.
    let stalls = Reply::partial("", pieces(3, SECOND).chain([Act::Hang]));
    assert!(matches!(breaker_after(stalls, Duration::ZERO).await, BreakerState::Open { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_limit_reached_while_content_was_arriving_counts_as_nothing() {
    let flowing = Reply::partial("", pieces(1000, SECOND / 10));
    assert_eq!(breaker_after(flowing, Duration::ZERO).await, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_limit_reached_while_the_reader_was_away_counts_as_nothing() {
    assert_eq!(breaker_after(Reply::hang(), 10 * SECOND).await, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_readers_absence_is_not_the_upstreams_silence() {
    // The reader is away from half a second on until ten and a half.
    for answered_after in [SECOND, 11 * SECOND] {
        assert_eq!(outcome_of_an_absence(answered_after).await.unwrap(), FinishReason::Stop);
    }
    let silent = outcome_of_an_absence(13 * SECOND).await.unwrap_err();
    assert!(
        matches!(silent, ChainError::Upstream { failure: AttemptFailure::Silence { .. }, .. }),
        "{silent}"
    );
}

/// Runs against an upstream whose first answer comes that long after it was asked, and whose silence may last
/// 2 s, with a reader that is away for 10 s in the meantime.
async fn outcome_of_an_absence(answered_after: Duration) -> Result<FinishReason, ChainError> {
    let mut config = quiet();
    config.limits.silence = 2 * SECOND;
    let [analysis, draft, answer] = good_replies();
    let in_time = [draft, answer].into_iter().take(if answered_after < 12 * SECOND { 2 } else { 0 });
    let model = Arc::new(ScriptedModel::new([analysis.after(answered_after)].into_iter().chain(in_time)));
    let mut run = engine(&model).start(Arc::new(config), input(Delivery::Held));
    let mut finished = None;
    while let Some(event) = run.next_event().await {
        if matches!(event, Event::AttemptStarted { step: StepName::Analyze, .. }) {
            let _ = tokio::time::timeout(SECOND / 2, run.next_event()).await;
            tokio::time::advance(10 * SECOND).await;
        }
        if let Event::RunFinished { outcome, .. } = event {
            finished = Some(outcome);
        }
    }
    finished.unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_attempt_cut_off_soon_after_its_start_says_nothing_about_the_upstream() {
    let mut config = quiet();
    config.limits.run = Some(Duration::from_millis(7450));
    let blank = ANALYSIS.replace("greet", " ");
    let script = [Reply::text(&blank).after(Duration::from_millis(7400)), Reply::hang()];
    let model = Arc::new(ScriptedModel::new(script));
    let breakers = Arc::new(BreakerRegistry::new(BreakerConfig { failure_threshold: 1, ..breaker() }));
    let engine = Engine::new(model, Arc::clone(&breakers));
    let mut run = engine.start(Arc::new(config), input(Delivery::Held));
    while run.next_event().await.is_some() {}
    assert_eq!(breakers.get("scripted", "claude-haiku-4-5-20251001").state(), BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_once_time_is_over() {
    let mut config = quiet();
    config.limits.run = Some(10 * SECOND);
    let low = Reply::text(&ANALYSIS.replace("greet", " "));
    // The repair uses up the run's time; the lenient run goes on to a step that has none left.
    let run = run_with(config, input(Delivery::Held), [low, Reply::hang()]).await;
    assert_eq!(run.error().to_string(), "timed out in process: the run's limit of 10s was reached");
    assert_eq!(run.model.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_leaves_no_time_for_an_attempt_does_not_fit() {
    let wish = crate::model::CallError {
        retry_after: Some(Duration::from_millis(14_999)),
        ..crate::model::scripted::status_error(429)
    };
    let run = run([Reply::error(wish)]).await;
    assert!(matches!(run.error(), ChainError::Upstream { wait_did_not_fit: true, attempts: 1, .. }));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_told_to_readers_is_that_of_the_step_under_way() {
    let model = Arc::new(ScriptedModel::new([]));
    let run = engine(&model).start(Arc::new(config()), input(Delivery::Live));
    assert_eq!(run.deadline() - tokio::time::Instant::now(), 75 * SECOND, "before any, the run's");
    for (step, seconds) in [(0, 15), (1, 30), (2, 20)] {
        let script = good_replies().into_iter().take(step).chain([Reply::hang()]);
        let model = Arc::new(ScriptedModel::new(script));
        let mut run = engine(&model).start(Arc::new(config()), input(Delivery::Live));
        let started = tokio::time::Instant::now();
        let read = async { while run.next_event().await.is_some() {} };
        assert!(tokio::time::timeout(SECOND, read).await.is_err());
        assert_eq!(run.deadline() - started, seconds * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_back_after_the_deadline_is_told_which_it_was() {
    let [analysis, draft, _] = good_replies();
    let endless = Reply::partial(r#"{"final_text":"Once upon a time"#, pieces(1000, SECOND));
    let model = Arc::new(ScriptedModel::new([analysis, draft, endless]));
    let mut run = engine(&model).start(Arc::new(config()), input(Delivery::Live));
    while !matches!(run.next_event().await, Some(Event::OutputDelta { .. })) {}
    let past_deadline = run.deadline() - tokio::time::Instant::now() + SECOND;
    tokio::time::advance(past_deadline).await;
    let told = tokio::time::Instant::now();
    let mut outcome = None;
    while let Some(event) = run.next_event().await {
        if let Event::RunFinished { outcome: end, .. } = event {
            outcome = Some(end);
        }
    }
    assert_eq!(told.elapsed(), Duration::ZERO, "at once");
    let Some(Err(ChainError::TimedOut { step, reached })) = outcome else { panic!("{outcome:?}") };
    assert_eq!((step, reached.after, Phase::of(step)), (StepName::Synthesize, 20 * SECOND, Phase::Synthesis));
    assert_eq!(model.open_calls(), 0);
}
