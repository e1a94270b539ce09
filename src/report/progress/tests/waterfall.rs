//! The waterfall, on a terminal and in a file.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_waterfall_shows_attempts_waits_and_the_first_content_on_one_axis() {
    insta::assert_snapshot!(record(transcripts::retried(), VERBOSE).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✓ process      4.2s  731 in / 356 out     $0.002511     confidence 0.82  2 attempts
        ↻ retrying in 2.0s: upstream answered 529 overloaded_error: Over␛[2Jloaded, please wait
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        6.4s  2147 in / 664 out    $0.005467
                 0s                                                                          6.4s
    analyze      ░░░███████                                                                        800ms
    process                ░░░·························░░░░░░░░░███████████████                     4.2s
      attempt 1            ░░░                                                                     300ms failed
      attempt 2                                        ░░░░░░░░░███████████████                     1.9s
    synthesize                                                                 ░░░░░█████████████   1.4s
                 ░ until the first content  █ content  · wait
    ");
}

#[tokio::test(start_paused = true)]
async fn the_waterfall_is_plain_ascii_where_there_is_no_terminal() {
    let told = plain_with(transcripts::retried(), VERBOSE).await;
    let waterfall = told.split_once("total").unwrap().1;
    assert!(waterfall.is_ascii());
    insta::assert_snapshot!(waterfall, @r"
      6.4s  2147 in / 664 out  $0.005467
                 0s                                               6.4s
    analyze      --####                                                 800ms
    process            ---................------##########               4.2s
      attempt 1        ---                                              300ms failed
      attempt 2                           ------##########               1.9s
    synthesize                                            ---#########   1.4s
                 - until the first content  # content  . wait
    ");
}

#[tokio::test(start_paused = true)]
async fn the_waterfall_ends_with_a_run_that_was_cut_off() {
    insta::assert_snapshot!(record(transcripts::interrupted(), VERBOSE).await, @r"
    ✓ analyze     800ms  412 in / 96 out      $0.000892
    ✗ process      1.2s  ? in / ? out         cost unknown  interrupted
      total        2.0s  ≥412 in / ≥96 out    ≥$0.000892    1 attempt uncounted
                 0s                                                                        2.0s
    analyze      ░░░░░░░░░░░████████████████████                                                 800ms
    process                                     ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   1.2s interrupted
                 ░ until the first content  █ content  · wait
    ");
    insta::assert_snapshot!(record(transcripts::circuit_open(), VERBOSE).await, @r"
    ✗ analyze       0ms  not sent  failed
      total         0ms  nothing sent
                 0s                                                                           0ms
    analyze      ·                                                                                   0ms failed
                 ░ until the first content  █ content  · wait
    ");
}

#[tokio::test(start_paused = true)]
async fn the_waterfall_fits_a_narrow_terminal() {
    insta::assert_snapshot!(record_at(transcripts::cancelled(), VERBOSE, 40).await, @r"
    ✓ analyze     800ms  412 in / 96 out
        $0.000892
    ✗ process      2.3s  ≥731 in / ≥0 out
        ≥$0.000731  interrupted  2 attempts
        ↻ retrying in 1.0s: the reply ended
          before it was complete
      total        3.1s  ≥1143 in / ≥96 out
        ≥$0.001623  1 attempt uncounted,
        about 12 more out ($0.000060)
                 0s  3.1s
    analyze      ██        800ms
    process        ░···░░   2.3s interrupted
      attempt 1    ░       600ms failed
      attempt 2        ░░  700ms interrupted
                 ░ until the first content
                 █ content  · wait
    ");
    for transcript in transcripts::all() {
        for width in [20, 40, 60, 80, 100, 200] {
            for line in waterfall_of(&transcript, width) {
                assert!(console::measure_text_width(&line) <= width, "{width}: {line}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_waterfall_names_an_attempt_that_was_dropped_with_its_run() {
    let lines = waterfall_of(&transcripts::cancelled(), 80);
    let attempt = lines.iter().find(|line| line.contains("attempt 2")).unwrap();
    assert!(attempt.ends_with(" interrupted"), "{attempt}");
}

#[tokio::test(start_paused = true)]
async fn the_waterfall_of_a_stream_fits_80_columns_and_is_coloured_when_asked() {
    let told = plain_with(transcripts::cancelled(), VERBOSE).await;
    let waterfall = told.split_once("total").unwrap().1;
    assert!(waterfall.lines().skip(1).all(|line| line.len() <= 80), "{waterfall}");
    assert!(coloured(transcripts::retried(), VERBOSE).await.contains("\u{1b}[31m---\u{1b}[0m"));
}
