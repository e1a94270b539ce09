//! The breaker as its callers see it: scripts of calls, and the log; and against a reference model, any sequence of
//! events, and calls at the same time.

mod orders;
mod reference;
mod sequences;

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, advance};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Layer, SubscriberExt};

use super::*;

const OPEN_FOR: Duration = Duration::from_secs(30);

fn config(failure_threshold: u32, half_open_attempts: u32) -> BreakerConfig {
    BreakerConfig { enabled: true, failure_threshold, open_for: OPEN_FOR, half_open_attempts }
}

fn breaker(config: BreakerConfig) -> Arc<Breaker> {
    Arc::new(Breaker::new("https://upstream model", config))
}

fn in_paused_time<T>(test: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(test)
}

/// As good as any number.
const MANY: usize = 10;

/// How many attempts would be admitted now, up to [`MANY`].
fn room(breaker: &Arc<Breaker>) -> usize {
    let permits: Vec<_> = (0..MANY).map_while(|_| breaker.admit().ok()).collect();
    permits.len()
}

/// Plays a script against a breaker that opens after 3 failed calls and allows 2 probes, and
/// compares where it stands then: `closed`, `open`, or `half-open` and the probes it has room for.
///
/// Words: `ok`, `fail` and `drop` are calls that end so; `hold` begins one that `ok0`, `fail0`
/// and `drop0` end (the number counts the held ones); `29s` lets time pass; `refused` is a call
/// that isn't admitted.
#[track_caller]
fn check(script: &str, expected: &str) {
    let stands = in_paused_time(async {
        let breaker = breaker(config(3, 2));
        let mut held: Vec<Option<Permit>> = Vec::new();
        for word in script.split_whitespace() {
            let admit = || breaker.admit().unwrap_or_else(|_| panic!("{word:?} is refused in {script:?}"));
            let digit = word.find(|c: char| c.is_ascii_digit());
            let (verb, number) = word.split_at(digit.unwrap_or(word.len()));
            match (verb, number) {
                ("", time) => advance(Duration::from_secs(time.trim_end_matches('s').parse().unwrap())).await,
                ("hold", "") => held.push(Some(admit())),
                ("refused", "") => assert!(breaker.admit().is_err(), "a call is admitted in {script:?}"),
                (verb, "") => end(verb, admit()),
                (verb, n) => end(verb, held[n.parse::<usize>().unwrap()].take().unwrap()),
            }
        }
        match breaker.state() {
            BreakerState::HalfOpen => format!("half-open {}", room(&breaker)),
            other => other.as_str().to_owned(),
        }
    });
    assert_eq!(stands, expected, "after {script:?}");
}

fn end(verb: &str, permit: Permit) {
    match verb {
        "ok" => permit.succeed(),
        "fail" => permit.fail(),
        "drop" => drop(permit),
        other => panic!("no such word: {other}"),
    }
}

#[test]
fn closed_until_enough_calls_in_a_row_have_failed() {
    check("", "closed");
    check("fail fail", "closed");
    check("fail fail fail", "open");
    check("fail fail ok fail fail", "closed");
    check("fail fail drop drop", "closed");
    check("fail drop fail drop fail", "open");
    check("fail fail 300s fail", "open");
    check("hold hold hold fail0 fail1 fail2", "open");
    check("hold hold hold hold fail0 fail1 ok2 fail3", "closed");
}

#[test]
fn open_until_the_time_out_has_passed() {
    check("fail fail fail refused 29s refused", "open");
    check("fail fail fail 30s", "half-open 2");
    check("fail fail fail 300s", "half-open 2");
}

#[test]
fn half_open_admits_so_many_probes_at_once_and_closes_after_so_many_successes() {
    check("fail fail fail 30s hold", "half-open 1");
    check("fail fail fail 30s hold hold refused", "half-open 0");
    check("fail fail fail 30s ok", "half-open 2");
    check("fail fail fail 30s ok ok", "closed");
    check("fail fail fail 30s hold hold ok0 ok1", "closed");
    check("fail fail fail 30s ok drop ok", "closed");
    check("fail fail fail 30s ok ok fail fail", "closed");
}

#[test]
fn a_failed_probe_opens_the_circuit_again_and_restarts_the_time_out() {
    check("fail fail fail 30s fail refused", "open");
    check("fail fail fail 30s ok fail", "open");
    check("fail fail fail 40s fail 29s", "open");
    check("fail fail fail 40s fail 30s", "half-open 2");
    check("fail fail fail 30s ok fail 30s ok", "half-open 2");
    check("fail fail fail 30s hold hold ok0 fail1", "open");
}

#[test]
fn a_dropped_probe_gives_its_slot_back_and_proves_nothing() {
    check("fail fail fail 30s hold hold drop0", "half-open 1");
    check("fail fail fail 30s hold hold drop0 drop1", "half-open 2");
    check("fail fail fail 30s drop drop drop drop", "half-open 2");
}

#[test]
fn what_an_earlier_period_reports_late_changes_nothing() {
    check("hold fail fail fail ok0", "open");
    check("hold fail fail fail 29s fail0 1s", "half-open 2");
    check("hold hold fail fail fail 30s ok0 ok1", "half-open 2");
    check("hold fail fail fail 30s fail0", "half-open 2");
    check("hold fail fail fail 30s hold drop0", "half-open 1");
    check("fail fail fail 30s hold fail 30s hold hold drop0", "half-open 0");
    check("fail fail fail 30s hold fail 30s ok ok fail fail fail0", "closed");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_when_to_ask_again() {
    let breaker = breaker(config(1, 1));
    breaker.admit().unwrap().fail();
    advance(Duration::from_secs(12)).await;
    assert_eq!(breaker.admit().unwrap_err(), Open { retry_after: Duration::from_secs(18) });

    advance(Duration::from_secs(18)).await;
    let probe = breaker.admit().unwrap();
    assert!(probe.is_probe());
    assert_eq!(breaker.admit().unwrap_err(), Open { retry_after: Duration::from_secs(1) });
    probe.succeed();
    assert!(!breaker.admit().unwrap().is_probe());
}

#[tokio::test(start_paused = true)]
async fn the_state_says_until_when_the_circuit_is_open() {
    let breaker = breaker(config(1, 1));
    let opened = Instant::now();
    breaker.admit().unwrap().fail();
    advance(Duration::from_secs(12)).await;
    assert_eq!(breaker.state(), BreakerState::Open { until: opened + OPEN_FOR });
}

#[tokio::test(start_paused = true)]
async fn a_disabled_breaker_admits_everything_and_counts_nothing() {
    let breaker = breaker(BreakerConfig { enabled: false, ..config(1, 1) });
    for _ in 0..20 {
        let permit = breaker.admit().unwrap();
        assert!(!permit.is_probe());
        permit.fail();
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_future_gives_its_probe_back() {
    let breaker = breaker(config(1, 1));
    breaker.admit().unwrap().fail();
    advance(OPEN_FOR).await;
    let call = async {
        let permit = breaker.admit().unwrap();
        std::future::pending::<()>().await;
        permit.succeed();
    };
    assert!(tokio::time::timeout(Duration::from_secs(5), call).await.is_err());
    assert!(breaker.admit().is_ok_and(|permit| permit.is_probe()));
}

/// Writes down every event as `LEVEL field=value …`, and looks at the breaker meanwhile.
struct Transcript {
    lines: Arc<Mutex<Vec<String>>>,
    breaker: Arc<Breaker>,
}

impl<S: tracing::Subscriber> Layer<S> for Transcript {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                if field.name() != "message" {
                    write!(self.0, " {}={value:?}", field.name()).unwrap();
                }
            }
        }
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.lines.lock().unwrap().push(format!("{} ({})", line.0, self.breaker.state().as_str()));
    }
}

#[tokio::test(start_paused = true)]
async fn every_change_of_state_is_logged_once_it_holds() {
    let breaker = breaker(config(2, 1));
    let lines = Arc::new(Mutex::new(Vec::new()));
    let transcript = Transcript { lines: Arc::clone(&lines), breaker: Arc::clone(&breaker) };
    crate::telemetry::logs::captured::keep_other_threads_out();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(transcript));

    breaker.admit().unwrap().fail();
    breaker.admit().unwrap().fail();
    advance(OPEN_FOR).await;
    breaker.admit().unwrap().fail();
    advance(OPEN_FOR).await;
    breaker.admit().unwrap().succeed();

    insta::assert_snapshot!(lines.lock().unwrap().join("\n"), @r#"
    INFO upstream="https://upstream model" from="closed" to="open" reason="too many calls in a row failed" (open)
    INFO upstream="https://upstream model" from="open" to="half-open" reason="the time-out has passed" (half-open)
    INFO upstream="https://upstream model" from="half-open" to="open" reason="a probe failed" (open)
    INFO upstream="https://upstream model" from="open" to="half-open" reason="the time-out has passed" (half-open)
    INFO upstream="https://upstream model" from="half-open" to="closed" reason="enough probes succeeded" (closed)
    "#);
}
