//! What a stream is told: plain lines.

use super::*;

#[tokio::test(start_paused = true)]
async fn plain_progress_is_a_line_a_step_and_a_total() {
    insta::assert_snapshot!(plain(transcripts::ok()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  ok  1.9s  claude-haiku-4-5-20251001  731 in / 356 out  $0.002511  confidence 0.82
    synthesize  ok  1.4s  claude-haiku-4-5-20251001  1004 in / 212 out  $0.002064
    total  4.1s  2147 in / 664 out  $0.005467
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_tells_of_retries_without_their_escapes() {
    insta::assert_snapshot!(plain(transcripts::retried()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  retrying in 2.0s: upstream answered 529 overloaded_error: Over␛[2Jloaded, please wait
    process  ok  4.2s  claude-haiku-4-5-20251001  731 in / 356 out  $0.002511  confidence 0.82  2 attempts
    synthesize  ok  1.4s  claude-haiku-4-5-20251001  1004 in / 212 out  $0.002064
    total  6.4s  2147 in / 664 out  $0.005467
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_tells_of_repairs() {
    insta::assert_snapshot!(plain(transcripts::repaired()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  repairing: `confidence` is 0.31, below the threshold of 0.5
    process  ok  3.4s  claude-haiku-4-5-20251001  1833 in / 656 out  $0.005113  confidence 0.82  2 attempts  1 repair
    synthesize  ok  1.4s  claude-haiku-4-5-20251001  1004 in / 212 out  $0.002064
    total  5.6s  3249 in / 964 out  $0.008069
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_tells_of_whatever_a_gate_let_pass() {
    insta::assert_snapshot!(plain(transcripts::warned()).await, @r"
    analyze  warning: `key_entities` names nothing
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  warning: `confidence` is 0.31, below the threshold of 0.5
    process  warned  1.9s  claude-haiku-4-5-20251001  731 in / 356 out  $0.002511  confidence 0.31
    synthesize  ok  1.4s  claude-haiku-4-5-20251001  1004 in / 212 out  $0.002064
    total  4.1s  2147 in / 664 out  $0.005467
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_names_the_step_that_failed_and_leaves_the_error_to_others() {
    insta::assert_snapshot!(plain(transcripts::rejected()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  failed  1.9s  claude-haiku-4-5-20251001  731 in / 356 out  $0.002511
    total  2.7s  1143 in / 452 out  $0.003403
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_of_a_run_that_sent_nothing_says_that_it_cost_nothing() {
    insta::assert_snapshot!(plain(transcripts::circuit_open()).await, @r"
    analyze  failed  0ms  claude-haiku-4-5-20251001  not sent
    total  0ms  nothing sent
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_marks_what_a_time_limit_left_uncounted() {
    insta::assert_snapshot!(plain(transcripts::cut_by_timeout()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  ok  1.9s  claude-haiku-4-5-20251001  731 in / 356 out  $0.002511  confidence 0.82
    synthesize  failed  20.0s  claude-haiku-4-5-20251001  >=1004 in / ? out  >=$0.001004
    total  22.7s  >=2147 in / >=452 out  >=$0.004407  1 attempt uncounted, about 40 more out ($0.000200)
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_of_an_interrupted_run_counts_the_attempt_under_way_as_uncounted() {
    insta::assert_snapshot!(plain(transcripts::interrupted()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  interrupted  1.2s  claude-haiku-4-5-20251001  ? in / ? out  cost unknown
    total  2.0s  >=412 in / >=96 out  >=$0.000892  1 attempt uncounted
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_never_shows_an_unknown_price_as_zero() {
    insta::assert_snapshot!(plain(transcripts::unknown_price()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  cost unknown
    process  ok  1.9s  claude-haiku-4-5-20251001  731 in / 356 out  cost unknown  confidence 0.82
    synthesize  ok  1.4s  claude-haiku-4-5-20251001  1004 in / 212 out  cost unknown
    total  4.1s  2147 in / 664 out  cost unknown
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_adds_up_what_was_counted_and_says_what_was_not() {
    insta::assert_snapshot!(plain(transcripts::uncounted()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  retrying in 1.0s: the reply ended before it was complete
    process  ok  3.5s  claude-haiku-4-5-20251001  >=1462 in / >=357 out  >=$0.003247  confidence 0.82  2 attempts
    synthesize  ok  1.4s  claude-haiku-4-5-20251001  1004 in / 212 out  $0.002064
    total  5.7s  >=2878 in / >=665 out  >=$0.006203  1 attempt uncounted, about 120 more out ($0.000600)
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_of_a_call_that_a_stop_text_ended_says_what_was_not_counted() {
    insta::assert_snapshot!(plain(transcripts::stopped()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  ok  1.9s  claude-haiku-4-5-20251001  731 in / 356 out  $0.002511  confidence 0.82
    synthesize  ok  900ms  claude-haiku-4-5-20251001  >=1004 in / ? out  >=$0.001004
    total  3.6s  >=2147 in / >=452 out  >=$0.004407  1 attempt uncounted, about 12 more out ($0.000060)
    ");
}

#[tokio::test(start_paused = true)]
async fn a_run_without_an_upstream_says_so() {
    for (replies, word) in [(Replies::Simulated, "simulated"), (Replies::Replayed, "replayed")] {
        let told = plain_with(transcripts::ok(), ProgressOptions { replies, ..OPTIONS }).await;
        assert!(told.ends_with(&format!("$0.005467  {word}, nothing was billed\n")), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn plain_progress_says_nothing_between_the_first_text_and_its_end() {
    let transcript = transcripts::ok();
    let mut out = Vec::new();
    let mut plain = Plain::new(&mut out, OPTIONS);
    for (_, event) in &transcript.events {
        plain.event(event);
    }
    drop(plain);
    assert!(!String::from_utf8(out).unwrap().contains("synthesize"));
}

#[tokio::test(start_paused = true)]
async fn plain_progress_colours_the_status_when_asked_and_says_the_same() {
    let told = coloured(transcripts::warned(), OPTIONS).await;
    assert!(told.contains("analyze  \u{1b}[33mwarning\u{1b}[0m: `key_entities`"), "{told}");
    assert!(told.contains("analyze  \u{1b}[32mok\u{1b}[0m  800ms"), "{told}");
    assert!(told.contains("process  \u{1b}[33mwarned\u{1b}[0m  1.9s"), "{told}");
    let failed = coloured(transcripts::rejected(), OPTIONS).await;
    assert!(failed.contains("process  \u{1b}[31mfailed\u{1b}[0m  1.9s"), "{failed}");
    assert_eq!(console::strip_ansi_codes(&told), plain(transcripts::warned()).await);
}

#[tokio::test(start_paused = true)]
async fn plain_progress_says_that_an_attempt_was_dropped_with_its_run() {
    insta::assert_snapshot!(plain(transcripts::cancelled()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  retrying in 1.0s: the reply ended before it was complete
    process  interrupted  2.3s  claude-haiku-4-5-20251001  >=731 in / >=0 out  >=$0.000731  2 attempts
    total  3.1s  >=1143 in / >=96 out  >=$0.001623  1 attempt uncounted, about 12 more out ($0.000060)
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_of_a_step_that_was_refused_before_it_began_names_no_model() {
    insta::assert_snapshot!(plain(transcripts::refused()).await, @r"
    analyze  failed  0ms  not sent
    total  0ms  nothing sent
    ");
}

#[tokio::test(start_paused = true)]
async fn plain_progress_says_what_was_used_in_spite_of_its_fault() {
    insta::assert_snapshot!(plain(transcripts::degraded()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process  warning: the reply holds no JSON object
    process  warned  1.9s  claude-haiku-4-5-20251001  731 in / 356 out  $0.002511  confidence 0.50  used in spite of it
    total  2.7s  1143 in / 452 out  $0.003403
    ");
}
