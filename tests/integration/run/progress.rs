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
fn colour_is_asked_for_or_not() {
    let upstream = Upstream::good();
    let mut command = promptchain(&["--color", "always", "run", "hello"]);
    command.env("ANTHROPIC_BASE_URL", &upstream.base_url());
    assert!(command.run().exits(0).stderr.contains('\u{1b}'));
}
