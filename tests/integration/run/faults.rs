//! What a user of `run` sees of each fault: the exit code, the calls made, stdout and stderr.

use crate::support::Upstream;

/// What a fault leads to.
struct Case {
    /// The fault, as the simulator's flag has it.
    fault: &'static str,
    /// Further arguments.
    args: &'static [&'static str],
    exit: i32,
    /// Calls that the simulator sees.
    calls: usize,
    /// Whether something is on stdout.
    stdout: bool,
    /// What stderr says.
    stderr: &'static str,
}

const fn case(fault: &'static str, exit: i32, calls: usize, stdout: bool, stderr: &'static str) -> Case {
    Case { fault, args: &[], exit, calls, stdout, stderr }
}

const fn strict(fault: &'static str, exit: i32, calls: usize, stderr: &'static str) -> Case {
    Case { fault, args: &["--strict"], exit, calls, stdout: exit == 0, stderr }
}

#[track_caller]
fn check(cases: &[Case]) {
    for case in cases {
        let upstream = Upstream::with_faults(&[case.fault]);
        // Short limits, so that what hangs is noticed soon: half the step's limit is the longest silence.
        let args: Vec<&str> = case
            .args
            .iter()
            .copied()
            .chain(["--set", "analyze.timeout=4", "Say hello to the world"])
            .collect();
        let ran = upstream.run(&args);
        let seen = format!("{}: {ran:#?}", case.fault);
        assert_eq!(ran.code, Some(case.exit), "{seen}");
        assert_eq!(upstream.calls().len(), case.calls, "{seen}");
        assert_eq!(!ran.stdout.is_empty(), case.stdout, "{seen}");
        assert!(ran.stderr.contains(case.stderr), "{seen}");
        assert!(!ran.stderr.contains("panicked"), "{seen}");
    }
}

#[test]
fn a_single_failure_is_tried_again_and_forgotten() {
    check(&[
        case("analyze:server-error@1", 0, 4, true, "500"),
        case("process:overloaded@1", 0, 4, true, "529"),
        case("synthesize:unavailable@1", 0, 4, true, "503"),
        case("analyze:rate-limit=1@1", 0, 4, true, "429"),
        case("analyze:request-timeout@1", 0, 4, true, "408"),
        case("analyze:reset-before-head@1", 0, 4, true, "broke off"),
        case("process:reset-mid-reply@1", 0, 4, true, "broke off"),
        case("process:close-mid-reply@1", 0, 4, true, "retrying"),
        case("process:truncated@1", 0, 4, true, "before it was complete"),
        case("process:error-event@1", 0, 4, true, "overloaded_error"),
        case("process:error-event-mid-reply@1", 0, 4, true, "overloaded_error"),
    ]);
}

#[test]
fn a_lasting_failure_ends_the_run_after_the_attempts_of_the_policy() {
    check(&[
        case("analyze:server-error", 4, 3, false, "500"),
        case("analyze:overloaded", 8, 3, false, "529"),
        case("analyze:unavailable", 8, 3, false, "503"),
        case("analyze:rate-limit", 8, 3, false, "429"),
        case("analyze:reset-before-head", 4, 3, false, "error: analyze failed after 3 attempts"),
        case("process:truncated", 4, 4, false, "error: process failed after 3 attempts"),
        case("analyze:error-event", 8, 3, false, "overloaded_error"),
    ]);
}

#[test]
fn what_trying_again_cannot_mend_is_not_tried_again() {
    check(&[
        case("analyze:bad-request", 4, 1, false, "400"),
        case("analyze:unauthorized", 7, 1, false, "ANTHROPIC_API_KEY"),
        case("analyze:forbidden", 7, 1, false, "403"),
        case("analyze:not-found", 3, 1, false, "404"),
        case("analyze:wrong-content-type", 4, 1, false, "Messages API"),
        case("process:invalid-sse-json", 4, 2, false, "Messages API"),
        case("process:huge-event", 4, 2, false, "more than 1048576 bytes"),
        case("analyze:rate-limit=60", 8, 1, false, "try again in 60s"),
    ]);
}

#[test]
fn what_hangs_is_cut_off() {
    check(&[
        case("analyze:hang-before-head", 6, 2, false, "timed out"),
        case("analyze:hang-mid-reply", 6, 2, false, "timed out"),
        case("analyze:pings-only", 6, 2, false, "timed out"),
        case("analyze:hang-before-head@1", 0, 4, true, "no content for 2s"),
    ]);
}

#[test]
fn text_that_has_left_rules_out_another_attempt() {
    check(&[
        case("synthesize:reset-mid-reply", 4, 3, true, "error: synthesize failed"),
        case("synthesize:truncated", 4, 3, true, "error: synthesize failed"),
        case("synthesize:error-event-mid-reply", 8, 3, true, "error: synthesize failed"),
        strict("synthesize:reset-mid-reply@1", 0, 4, "broke off"),
        strict("synthesize:reset-mid-reply", 4, 5, "error: synthesize failed after 3 attempts"),
    ]);
}

#[test]
fn a_faulty_reply_is_repaired_once() {
    check(&[
        case("analyze:blank-intent@1", 0, 4, true, "`intent` is blank"),
        case("process:blank-content@1", 0, 4, true, "`content` is blank"),
        case("process:low-confidence@1", 0, 4, true, "below the threshold of 0.5"),
        case("process:confidence-out-of-range@1", 0, 4, true, "within 0.0 and 1.0"),
        case("process:wrong-json-type@1", 0, 4, true, "`confidence` must be a number"),
        case("process:missing-field@1", 0, 4, true, "`content` is missing"),
        case("process:not-json@1", 0, 4, true, "JSON"),
        case("synthesize:blank-text@1", 0, 4, true, "`final_text` is blank"),
        case("synthesize:not-json@1", 0, 4, true, "JSON"),
    ]);
}

#[test]
fn a_lenient_run_goes_on_with_what_stays_faulty_and_says_so() {
    check(&[
        case("analyze:not-json", 0, 4, true, "warning"),
        case("process:low-confidence", 0, 4, true, "below the threshold of 0.5"),
        case("process:not-json", 0, 4, true, "warning"),
        case("process:max-tokens", 0, 3, true, "cut short"),
        case("synthesize:max-tokens", 0, 3, true, "cut short"),
        case("synthesize:not-json", 0, 4, true, "warning"),
    ]);
}

#[test]
fn a_strict_run_fails_with_what_its_gate_found_and_prints_nothing() {
    check(&[
        strict("analyze:blank-intent", 5, 2, "`intent` is blank"),
        strict("process:low-confidence", 5, 3, "below the threshold of 0.5"),
        strict("process:not-json", 5, 3, "rejected by its gate"),
        strict("process:max-tokens", 5, 2, "cut short"),
        strict("synthesize:max-tokens", 5, 3, "cut short"),
        strict("synthesize:bad-escape", 5, 4, "rejected by its gate"),
    ]);
}

#[test]
fn an_empty_reply_and_a_refusal_fail_every_run() {
    check(&[
        case("process:empty-reply", 5, 3, false, "the reply is empty"),
        case("process:refusal", 5, 2, false, "declined to answer"),
        case("synthesize:refusal", 5, 3, false, "declined to answer"),
        case("synthesize:refusal-mid-text", 5, 3, true, "declined to answer"),
        strict("synthesize:refusal-mid-text", 5, 3, "declined to answer"),
    ]);
}

#[test]
fn what_models_and_servers_do_differently_is_put_up_with() {
    check(&[
        case("fenced-json", 0, 3, true, ""),
        case("prose-around-json", 0, 3, true, ""),
        case("reordered-fields", 0, 3, true, ""),
        case("json-instead-of-stream", 0, 3, true, ""),
        case("missing-usage", 0, 3, true, "≥"),
        case("structured-output-refused", 0, 6, true, ""),
        case("process:huge-reply", 0, 3, true, ""),
        case("synthesize:slow-drip=1", 0, 3, true, ""),
    ]);
}
