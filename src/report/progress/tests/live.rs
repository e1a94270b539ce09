//! What a terminal shows: live lines at a moment, and the record it is left with.

use super::*;

#[test]
fn before_anything_is_answered_the_live_lines_say_who_is_asked_and_who_waits() {
    insta::assert_snapshot!(frame_at(&transcripts::ok(), 500, 110), @r"
    ⠴ analyze     500ms  asking claude-haiku-4-5-20251001
    · process
    · synthesize
    ");
}

#[test]
fn the_live_lines_count_a_wait_down() {
    let transcript = transcripts::retried();
    insta::assert_snapshot!(frame_at(&transcript, 1200, 110), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠹ process     400ms  0 in / 0 out         $0            retrying in 1.9s: upstream answered 529 overloaded_e…
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&transcript, 2900, 110), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠏ process      2.1s  0 in / 0 out         $0            retrying in 200ms: upstream answered 529 overloaded_…
    · synthesize
    ");
}

#[test]
fn after_a_wait_the_live_lines_number_the_attempt() {
    insta::assert_snapshot!(frame_at(&transcripts::retried(), 3500, 110), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠴ process      2.7s  0 in / 0 out         $0            attempt 2, asking claude-haiku-4-5-20251001
    · synthesize
    ");
}

#[test]
fn the_live_lines_say_what_a_repair_is_for() {
    insta::assert_snapshot!(frame_at(&transcripts::repaired(), 2500, 110), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠴ process      1.7s  731 in / 300 out     $0.002231     attempt 2, repairing: `confidence` is 0.31, below th…
    · synthesize
    ");
}

#[test]
fn the_live_lines_show_text_being_written() {
    insta::assert_snapshot!(frame_at(&transcripts::ok(), 3500, 110), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✓ process      1.9s  731 in / 356 out     $0.002511     confidence 0.82
    ⠴ synthesize  800ms  writing
    ");
}

#[test]
fn on_a_narrow_terminal_the_live_lines_keep_the_step_its_time_and_what_it_is_doing() {
    let (asked, waiting, repairing) = (transcripts::ok(), transcripts::retried(), transcripts::repaired());
    insta::assert_snapshot!(frame_at(&asked, 500, 60), @r"
    ⠴ analyze     500ms  asking claude-haiku-4-5-20251001
    · process
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&asked, 500, 40), @r"
    ⠴ analyze     500ms  asking
    · process
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&asked, 3500, 40), @r"
    ✓ analyze     800ms  412 in / 96 out
    ✓ process      1.9s  confidence 0.82
    ⠴ synthesize  800ms  writing
    ");
    insta::assert_snapshot!(frame_at(&waiting, 1200, 80), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠹ process     400ms  0 in / 0 out         retrying in 1.9s: upstream answered …
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&waiting, 1200, 60), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠹ process     400ms  retrying in 1.9s: upstream answered 5…
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&waiting, 1200, 40), @r"
    ✓ analyze     800ms  412 in / 96 out
    ⠹ process     400ms  retrying in 1.9s
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&waiting, 3500, 80), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠴ process      2.7s  0 in / 0 out         $0            attempt 2, asking
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&repairing, 2500, 60), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠴ process      1.7s  attempt 2, repairing: `confidence` is…
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&repairing, 2500, 20), @r"
    ✓ analyze     800ms
    ⠴ process      1.7…
    · synthesize
    ");
}

#[test]
fn no_live_line_is_wider_than_its_terminal_whatever_it_says() {
    for transcript in transcripts::all() {
        for milliseconds in (0..6000).step_by(200) {
            for width in [10, 30, 40, 60, 80] {
                for line in frame_at(&transcript, milliseconds, width).lines() {
                    assert!(console::measure_text_width(line) < width, "{}: {line:?}", transcript.name);
                }
            }
        }
    }
}

#[test]
fn colours_are_in_the_live_lines_only_when_asked_for() {
    let transcript = transcripts::warned();
    let mut board = Board::new();
    for (at, event) in &transcript.events {
        board.apply(event, *at);
    }
    let size = Size { width: 110, height: 24 };
    let frame = |color| frame(&board, transcript.over, size, Look::terminal(color));
    assert!(frame(true).contains("\u{1b}[33m!\u{1b}[0m process"));
    assert!(!frame(false).contains('\u{1b}'));
    assert_eq!(console::strip_ansi_codes(&frame(true)), frame(false));
}

#[tokio::test(start_paused = true)]
async fn a_terminal_is_left_with_the_steps_and_the_total() {
    insta::assert_snapshot!(record(transcripts::ok(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✓ process      1.9s  731 in / 356 out     $0.002511     confidence 0.82
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        4.1s  2147 in / 664 out    $0.005467
    ");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_keeps_retries_repairs_and_warnings_below_their_steps() {
    insta::assert_snapshot!(record(transcripts::retried(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✓ process      4.2s  731 in / 356 out     $0.002511     confidence 0.82  2 attempts
        ↻ retrying in 2.0s: upstream answered 529 overloaded_error: Over␛[2Jloaded, please wait
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        6.4s  2147 in / 664 out    $0.005467
    ");
    insta::assert_snapshot!(record(transcripts::repaired(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✓ process      3.4s  1833 in / 656 out    $0.005113     confidence 0.82  2 attempts  1 repair
        ↻ repairing: `confidence` is 0.31, below the threshold of 0.5
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        5.6s  3249 in / 964 out    $0.008069
    ");
    insta::assert_snapshot!(record(transcripts::warned(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
        ! warning: `key_entities` names nothing
    ! process      1.9s  731 in / 356 out     $0.002511     confidence 0.31
        ! warning: `confidence` is 0.31, below the threshold of 0.5
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        4.1s  2147 in / 664 out    $0.005467
    ");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_is_told_where_a_run_failed_or_was_interrupted() {
    insta::assert_snapshot!(record(transcripts::rejected(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✗ process      1.9s  731 in / 356 out     $0.002511     failed
      total        2.7s  1143 in / 452 out    $0.003403
    ");
    insta::assert_snapshot!(record(transcripts::circuit_open(), OPTIONS).await, @r"
    ✗ analyze       0ms  not sent  failed
      total         0ms  nothing sent
    ");
    insta::assert_snapshot!(record(transcripts::interrupted(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✗ process      1.2s  ? in / ? out         cost unknown  interrupted
      total        2.0s  ≥412 in / ≥96 out    ≥$0.000892    1 attempt uncounted
    ");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_is_told_what_is_not_known_of_the_cost() {
    insta::assert_snapshot!(record(transcripts::cut_by_timeout(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✓ process      1.9s  731 in / 356 out     $0.002511     confidence 0.82
    ✗ synthesize  20.0s  ≥1004 in / ? out     ≥$0.001004    failed
      total       22.7s  ≥2147 in / ≥452 out  ≥$0.004407    1 attempt uncounted, about 40 more out ($0.000200)
    ");
    insta::assert_snapshot!(record(transcripts::unknown_price(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      cost unknown
    ✓ process      1.9s  731 in / 356 out     cost unknown  confidence 0.82
    ✓ synthesize   1.4s  1004 in / 212 out    cost unknown
      total        4.1s  2147 in / 664 out    cost unknown
    ");
    insta::assert_snapshot!(record(transcripts::uncounted(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✓ process      3.5s  ≥1462 in / ≥357 out  ≥$0.003247    confidence 0.82  2 attempts
        ↻ retrying in 1.0s: the reply ended before it was complete
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        5.7s  ≥2878 in / ≥665 out  ≥$0.006203    1 attempt uncounted, about 120 more out ($0.000600)
    ");
}

#[tokio::test(start_paused = true)]
async fn on_a_narrow_terminal_the_record_is_wrapped_between_words() {
    insta::assert_snapshot!(record_at(transcripts::retried(), OPTIONS, 60).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✓ process      4.2s  731 in / 356 out     $0.002511
        confidence 0.82  2 attempts
        ↻ retrying in 2.0s: upstream answered 529
          overloaded_error: Over␛[2Jloaded, please wait
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        6.4s  2147 in / 664 out    $0.005467
    ");
    insta::assert_snapshot!(record_at(transcripts::warned(), OPTIONS, 40).await, @r"
    ✓ analyze     800ms  412 in / 96 out
        $0.000892
        ! warning: `key_entities` names
          nothing
    ! process      1.9s  731 in / 356 out
        $0.002511  confidence 0.31
        ! warning: `confidence` is 0.31,
          below the threshold of 0.5
    ✓ synthesize   1.4s  1004 in / 212 out
        $0.002064
      total        4.1s  2147 in / 664 out
        $0.005467
    ");
    insta::assert_snapshot!(record_at(transcripts::cut_by_timeout(), OPTIONS, 80).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✓ process      1.9s  731 in / 356 out     $0.002511     confidence 0.82
    ✗ synthesize  20.0s  ≥1004 in / ? out     ≥$0.001004    failed
      total       22.7s  ≥2147 in / ≥452 out  ≥$0.004407
        1 attempt uncounted, about 40 more out ($0.000200)
    ");
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_was_used_in_spite_of_its_fault_is_said_to_have_been() {
    insta::assert_snapshot!(record(transcripts::degraded(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ! process      1.9s  731 in / 356 out     $0.002511     confidence 0.50
        ! warning: the reply holds no JSON object; used in spite of it
      total        2.7s  1143 in / 452 out    $0.003403
    ");
    insta::assert_snapshot!(record(transcripts::degraded_by_a_cut(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ! process      1.9s  731 in / 356 out     $0.002511     confidence 0.50
        ! warning: the reply was cut short (max_tokens)
      total        2.7s  1143 in / 452 out    $0.003403
    ");
}

#[tokio::test(start_paused = true)]
async fn text_that_is_interrupted_ends_its_line_before_the_record_goes_on() {
    let transcript = transcripts::cancelled_while_writing();
    let term = InMemoryTerm::new(30, 110);
    let mut live = Live::new(term.clone(), ProgressOptions { stdout: Stdout::TerminalText, ..OPTIONS });
    for (_, event) in &transcript.events {
        live.event(event);
        if let Event::OutputDelta { text } = event {
            term.write_str(text).unwrap();
        }
    }
    term.write_str("^C").unwrap();
    live.finish(&transcript.summary);
    insta::assert_snapshot!(term.contents(), @r"
    ✓ analyze       0ms  412 in / 96 out      $0.000892
    ✓ process       0ms  731 in / 356 out     $0.002511     confidence 0.82
    Rust compiles ^C
    ✗ synthesize    0ms  ≥1004 in / ? out     ≥$0.001004    interrupted
      total         0ms  ≥2147 in / ≥452 out  ≥$0.004407    1 attempt uncounted, about 12 more out ($0.000060)
    ");
}

#[tokio::test(start_paused = true)]
async fn streamed_text_and_live_lines_share_a_terminal_without_tearing_each_other() {
    let transcript = transcripts::ok();
    let term = InMemoryTerm::new(30, 110);
    let mut live = Live::new(term.clone(), ProgressOptions { stdout: Stdout::TerminalText, ..OPTIONS });
    for (_, event) in &transcript.events {
        live.event(event);
        if let Event::OutputDelta { text } = event {
            term.write_str(text).unwrap();
        }
    }
    term.write_line("").unwrap();
    live.finish(&transcript.summary);
    insta::assert_snapshot!(term.contents(), @r"
    ✓ analyze       0ms  412 in / 96 out      $0.000892
    ✓ process       0ms  731 in / 356 out     $0.002511     confidence 0.82
    Rust compiles to native code.
    ✓ synthesize    0ms  1004 in / 212 out    $0.002064
      total        4.1s  2147 in / 664 out    $0.005467
    ");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_dropped_unfinished_leaves_no_live_line_behind() {
    let transcript = transcripts::interrupted();
    let term = InMemoryTerm::new(30, 110);
    let mut live = Live::new(term.clone(), OPTIONS);
    for (_, event) in &transcript.events {
        live.event(event);
    }
    drop(live);
    assert_eq!(term.contents(), "");
}
