//! What people are told of a run whose second step is divided.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::resting::Resting;
use super::*;

#[tokio::test(start_paused = true)]
async fn plain_progress_is_a_line_for_each_part_when_it_ends_and_then_the_steps() {
    insta::assert_snapshot!(plain(transcripts::divided()).await, @r#"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process part 2  retrying in 2.0s: upstream answered 529 overloaded_error: Not so
    process part 3  repairing: `confidence` is 0.31, below the threshold of 0.5
    process part 1  ok  1.2s  North  500 in / 200 out  $0.001500  confidence 0.90
    process part 4  failed  400ms  The west, and all that lies b...  0 in / 0 out  $0  upstream answered 400 invalid_request_error: Not so
    process part 3  ok  2.8s  South  1200 in / 200 out  $0.002200  confidence 0.70  2 attempts  1 repair
    process part 2  warning: `content` is long
    process part 2  ok  3.4s  ␛[2JEast  500 in / 150 out  $0.001250  confidence 0.80  2 attempts
    process  warning: part 4, "The west, and all that lies beyond the river", was left out: process failed
    process  warned  3.4s  claude-haiku-4-5-20251001  2200 in / 550 out  $0.004950  confidence 0.70  3 of 4 parts  6 attempts  1 repair
    synthesize  ok  1.4s  claude-haiku-4-5-20251001  1004 in / 212 out  $0.002064
    total  5.6s  3616 in / 858 out  $0.007906
    "#);
}

#[tokio::test(start_paused = true)]
async fn plain_progress_of_a_divided_step_that_failed_says_what_was_cut_off() {
    insta::assert_snapshot!(plain(transcripts::divided_in_vain()).await, @r"
    analyze  ok  800ms  claude-haiku-4-5-20251001  412 in / 96 out  $0.000892
    process part 1  failed  300ms  North  0 in / 0 out  $0  upstream answered 400 invalid_request_error: Not so
    process part 2  failed  400ms  ␛[2JEast  0 in / 0 out  $0  upstream answered 400 invalid_request_error: Not so
    process part 3  interrupted  400ms  South  500 in / 1 out  $0.000505
    process  failed  400ms  claude-haiku-4-5-20251001  500 in / 1 out  $0.000505  0 of 3 parts
    total  1.2s  912 in / 97 out  $0.001397
    ");
}

#[test]
fn the_live_lines_of_the_parts_stand_below_their_steps() {
    let transcript = transcripts::divided();
    insta::assert_snapshot!(frame_at(&transcript, 900, 110), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠏ process     100ms  0 of 4 parts done
      ⠏ part 1    100ms  North  asking
      ⠏ part 2    100ms  ␛[2JEast  asking
      ⠏ part 3    100ms  South  asking
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&transcript, 1800, 110), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠇ process      1.0s  500 in / 90 out      $0.000950     0 of 4 parts done
      ⠇ part 1     1.0s  North  asking
      ⠇ part 2     1.0s  0 in / 0 out         $0            ␛[2JEast  retrying in 1.3s: upstream answered 529 ov…
      ⠇ part 3     1.0s  500 in / 90 out      $0.000950     South  attempt 2, repairing: `confidence` is 0.31, b…
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&transcript, 2900, 110), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠏ process      2.1s  1000 in / 290 out    $0.002450     1 of 4 parts done
      ✓ part 1     1.2s  500 in / 200 out     $0.001500     North  confidence 0.90
      ⠏ part 2     2.1s  0 in / 0 out         $0            ␛[2JEast  retrying in 200ms: upstream answered 529 o…
      ⠏ part 3     2.1s  500 in / 90 out      $0.000950     South  attempt 2, repairing: `confidence` is 0.31, b…
      ✗ part 4    400ms  0 in / 0 out         The west, and all that lies bey…  failed: upstream answered 400 in…
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&transcript, 4500, 110), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ! process      3.4s  2200 in / 550 out    $0.004950     confidence 0.70  3 of 4 parts  6 attempts  1 repair
      ✓ part 1     1.2s  500 in / 200 out     $0.001500     North  confidence 0.90
      ✓ part 2     3.4s  500 in / 150 out     $0.001250     ␛[2JEast  confidence 0.80  2 attempts
      ✓ part 3     2.8s  1200 in / 200 out    $0.002200     South  confidence 0.70  2 attempts  1 repair
      ✗ part 4    400ms  0 in / 0 out         The west, and all that lies bey…  failed: upstream answered 400 in…
    ⠴ synthesize  300ms  asking claude-haiku-4-5-20251001
    ");
}

#[test]
fn on_a_narrow_terminal_the_live_lines_keep_the_part_and_what_it_is_doing() {
    insta::assert_snapshot!(frame_at(&transcripts::divided(), 1800, 60), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠇ process      1.0s  500 in / 90 out      0 of 4 parts done
      ⠇ part 1     1.0s  North  asking
      ⠇ part 2     1.0s  ␛[2JEast  retrying in 1.3s
      ⠇ part 3     1.0s  South  attempt 2, repairing
    · synthesize
    ");
    insta::assert_snapshot!(frame_at(&transcripts::divided(), 1800, 40), @r"
    ✓ analyze     800ms  412 in / 96 out
    ⠇ process      1.0s  0 of 4 parts done
      ⠇ part 1     1.0s  North  asking
      ⠇ part 2     1.0s  ␛[2JEast  retryin…
      ⠇ part 3     1.0s  South  attempt 2,…
    · synthesize
    ");
}

#[test]
fn on_a_low_terminal_the_parts_that_still_run_are_shown_first() {
    let transcript = transcripts::divided();
    let frame = |height| frame_of_size(&transcript, 3100, Size { width: 60, height });
    insta::assert_snapshot!(frame(7), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠙ process      2.3s  1000 in / 290 out    1 of 4 parts done
      ⠙ part 2     2.3s  ␛[2JEast  attempt 2, asking
      ⠙ part 3     2.3s  South  attempt 2, repairing
        2 more parts
    · synthesize
    ");
    insta::assert_snapshot!(frame(6), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠙ process      2.3s  1000 in / 290 out    1 of 4 parts done
      ⠙ part 2     2.3s  ␛[2JEast  attempt 2, asking
        3 more parts
    · synthesize
    ");
    insta::assert_snapshot!(frame(5), @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ⠙ process      2.3s  1000 in / 290 out    1 of 4 parts done
    · synthesize
    ");
}

#[test]
fn there_are_never_more_live_lines_than_the_terminal_has() {
    for transcript in [transcripts::divided(), transcripts::divided_in_vain()] {
        for milliseconds in (0..6000).step_by(100) {
            for height in 4..12 {
                let frame = frame_of_size(&transcript, milliseconds, Size { width: 80, height });
                assert!(frame.lines().count() < height, "{height}: {frame}");
            }
        }
    }
}

#[test]
fn lines_that_come_and_go_leave_nothing_behind() {
    let transcript = transcripts::divided();
    for height in [5, 7, 24] {
        let term = InMemoryTerm::new(height, 60);
        let target = ProgressDrawTarget::term_like(Box::new(Resting(term.clone())));
        let style = ProgressStyle::with_template("{msg}").unwrap();
        let lines = ProgressBar::with_draw_target(None, target).with_style(style);
        for milliseconds in (0..6000).step_by(100) {
            let size = Size { width: 60, height: height.into() };
            let frame = frame_of_size(&transcript, milliseconds, size);
            lines.set_message(frame.clone());
            lines.tick();
            assert_eq!(term.contents(), frame, "{height} lines");
        }
        lines.finish_and_clear();
        assert_eq!(term.contents(), "");
    }
}

#[tokio::test(start_paused = true)]
async fn a_terminal_keeps_the_parts_below_their_step() {
    insta::assert_snapshot!(record(transcripts::divided(), OPTIONS).await, @r#"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ! process      3.4s  2200 in / 550 out    $0.004950     confidence 0.70  3 of 4 parts  6 attempts  1 repair
        ! warning: part 4, "The west, and all that lies beyond the river", was left out: process failed
      ✓ part 1     1.2s  500 in / 200 out     $0.001500     North  confidence 0.90
      ✓ part 2     3.4s  500 in / 150 out     $0.001250     ␛[2JEast  confidence 0.80  2 attempts
          ↻ retrying in 2.0s: upstream answered 529 overloaded_error: Not so
          ! warning: `content` is long
      ✓ part 3     2.8s  1200 in / 200 out    $0.002200     South  confidence 0.70  2 attempts  1 repair
          ↻ repairing: `confidence` is 0.31, below the threshold of 0.5
      ✗ part 4    400ms  0 in / 0 out         $0            The west, and all that lies bey…  failed
          upstream answered 400 invalid_request_error: Not so
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        5.6s  3616 in / 858 out    $0.007906
    "#);
    insta::assert_snapshot!(record_at(transcripts::divided(), OPTIONS, 60).await, @r#"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ! process      3.4s  2200 in / 550 out    $0.004950
        confidence 0.70  3 of 4 parts  6 attempts  1 repair
        ! warning: part 4, "The west, and all that lies beyond
          the river", was left out: process failed
      ✓ part 1     1.2s  500 in / 200 out     $0.001500
          North  confidence 0.90
      ✓ part 2     3.4s  500 in / 150 out     $0.001250
          ␛[2JEast  confidence 0.80  2 attempts
          ↻ retrying in 2.0s: upstream answered 529
            overloaded_error: Not so
          ! warning: `content` is long
      ✓ part 3     2.8s  1200 in / 200 out    $0.002200
          South  confidence 0.70  2 attempts  1 repair
          ↻ repairing: `confidence` is 0.31, below the threshold
            of 0.5
      ✗ part 4    400ms  0 in / 0 out         $0
          The west, and all t…  failed
          upstream answered 400 invalid_request_error: Not so
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        5.6s  3616 in / 858 out    $0.007906
    "#);
    insta::assert_snapshot!(record(transcripts::divided_in_vain(), OPTIONS).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✗ process     400ms  500 in / 1 out       $0.000505     failed  0 of 3 parts
      ✗ part 1    300ms  0 in / 0 out         $0            North  failed
          upstream answered 400 invalid_request_error: Not so
      ✗ part 2    400ms  0 in / 0 out         $0            ␛[2JEast  failed
          upstream answered 400 invalid_request_error: Not so
      ✗ part 3    400ms  500 in / 1 out       $0.000505     South  interrupted
      total        1.2s  912 in / 97 out      $0.001397
    ");
}

#[tokio::test(start_paused = true)]
async fn the_waterfall_has_bars_for_the_parts_and_their_attempts() {
    insta::assert_snapshot!(waterfall_of(&transcripts::divided(), 100).join("\n"), @r"
                   0s                                                                 5.6s
    analyze        ░░░███████                                                               800ms
    process                  ░░░████████████░███████████████████████████                     3.4s
      part 1                 ░░░████████████                                                 1.2s
      part 2                 ░░░··························░░░░██████████                     3.4s
        attempt 1            ░░░                                                            300ms failed
        attempt 2                                         ░░░░██████████                     1.1s
      part 3                 ░░░░░██████░░░░░███████████████████                             2.8s
        attempt 1            ░░░░░██████                                                    900ms
        attempt 2                       ░░░░░███████████████████                             1.9s
      part 4                                ░░░░░                                           400ms failed
    synthesize                                                          ░░░░░█████████████   1.4s
                   ░ until the first content  █ content  · wait
    ");
}

#[tokio::test(start_paused = true)]
async fn attempts_at_the_same_time_end_each_for_itself() {
    let transcript = transcripts::divided();
    let mut board = Board::new();
    for (at, event) in &transcript.events {
        board.apply(event, *at);
    }
    let process = &board.steps.process;
    let of_parts: usize = process.workers.iter().map(|part| part.view.attempts.len()).sum();
    assert_eq!((process.attempts.len(), of_parts), (6, 6));
    let tried_again = &process.workers[1].view.attempts;
    assert_eq!(tried_again[0].fault, Some("failed"));
    assert_eq!(tried_again[0].ended, Some(Duration::from_millis(1100)));
    assert_eq!(tried_again[1].ended, Some(Duration::from_millis(4200)));
    let sum = process.workers.iter().fold(crate::chain::Spend::default(), |mut sum, part| {
        sum.add(&part.view.spend);
        sum
    });
    assert_eq!(process.spend, sum);
}
