//! What stderr shows of a batch.

use super::place::Place;
use crate::support::Terminal;

#[test]
fn a_terminal_shows_a_bar_with_rate_cost_and_what_is_left_and_a_total_in_the_end() {
    let place = Place::new(&[]).with_questions(20);
    let folder = place.path("");
    let environment = [("ANTHROPIC_BASE_URL", place.upstream.base_url())];
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let terminal = Terminal::start_with(&folder, &["batch", "in.jsonl", "-o", "out.jsonl"], &environment);
    let (code, screen) = terminal.end();
    assert_eq!(code, 0, "{screen}");
    let bar = screen.split('\r').find(|line| line.contains("/20") && line.contains(" left"));
    let bar = bar.unwrap_or_else(|| panic!("no bar in: {screen:?}"));
    assert!(bar.contains("running") && bar.contains("/s") && bar.contains('$'), "{bar:?}");
    let total = screen.split(['\r', '\n']).rfind(|line| line.contains("total")).unwrap();
    assert!(total.contains("20 done, 0 failed") && total.contains(" in / "), "{total:?}");
}

#[test]
fn without_a_terminal_there_is_a_total_and_with_quiet_nothing() {
    let place = Place::new(&[]).with_questions(2);
    let ran = place.batch(&["in.jsonl", "-o", "out.jsonl"]).exits(0);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("total ") && ran.stderr.contains("2 done, 0 failed"), "{}", ran.stderr);
    assert_eq!(place.batch(&["in.jsonl", "-o", "out.jsonl", "--resume", "-q"]).exits(0).stderr, "");
}
