//! What stderr shows while a run is under way.

use crate::support::{Upstream, promptchain};

#[test]
fn without_a_terminal_each_step_is_one_plain_line() {
    let ran = Upstream::good().run(&["hello"]).exits(0);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    for (line, step) in lines.iter().zip(["analyze", "process", "synthesize"]) {
        assert!(line.starts_with(step) && line.contains("claude-haiku-4-5-20251001"), "{line}");
    }
    assert!(!ran.stderr.contains('\u{1b}'), "no escapes: {:?}", ran.stderr);
}

#[test]
fn quiet_says_nothing_and_verbose_adds_a_waterfall() {
    let upstream = Upstream::good();
    assert_eq!(upstream.run(&["-q", "hello"]).exits(0).stderr, "");
    let plain = upstream.run(&["hello"]).exits(0).stderr.lines().count();
    assert!(upstream.run(&["-v", "hello"]).exits(0).stderr.lines().count() >= plain + 3);
}

#[test]
fn verbose_names_the_upstreams_ids_of_requests_that_failed() {
    let upstream = Upstream::with_faults(&["process:overloaded@1"]);
    let id = "process attempt 1 failed: request req_sim_000002\n";
    upstream.run(&["-v", "hello"]).exits(0).complains(id);
    let upstream = Upstream::with_faults(&["process:overloaded@1"]);
    assert!(!upstream.run(&["hello"]).exits(0).stderr.contains("req_sim_"), "only where it is asked for");
}

#[test]
fn what_has_no_time_for_another_attempt_is_told_as_what_it_is() {
    let mut command = promptchain(&["run", "--timeout", "1", "hello"]);
    command.env("ANTHROPIC_BASE_URL", "http://127.0.0.1:1");
    let ran = command.run().exits(4).says_nothing();
    ran.complains("analyze failed, and there is no time for another attempt").complains("check the network");
}

#[test]
fn errors_are_coloured_on_a_terminal_or_when_asked_for() {
    let error = |args: &[&str], environment: (&str, &str)| {
        let mut command = promptchain(args);
        command.env(environment.0, environment.1);
        command.run().exits(2).stderr.contains('\u{1b}')
    };
    let none = ("LANG", "C");
    assert!(!error(&["run", "--offline", ""], none));
    assert!(error(&["--color", "always", "run", "--offline", ""], ("NO_COLOR", "1")));
    assert!(error(&["run", "--offline", ""], ("FORCE_COLOR", "1")));
    assert!(!error(&["--color", "never", "run", "--offline", ""], ("FORCE_COLOR", "1")));
}
