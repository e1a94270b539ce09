//! The waterfall, on a terminal and in a file.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_waterfall_shows_attempts_waits_and_the_first_content_on_one_axis() {
    insta::assert_snapshot!(record(transcripts::retried(), VERBOSE).await, @r"
    ✓ analyze      0.8s  412 in / 96 out      $0.000892
    ✓ process      4.2s  731 in / 356 out     $0.002511     confidence 0.82  2 attempts
        ↻ retrying in 2.0s: upstream answered 529 overloaded_error: Over␛[2Jloaded, please wait
    ✓ synthesize   1.4s  1004 in / 212 out    $0.002064
      total        6.4s  2147 in / 664 out    $0.005467
                 0s                                                                       6.4s
    analyze      ░░░██████                                                                       0.8s
    process               ░░░░························░░░░░░░░███████████████                    4.2s
      attempt 1           ░░░░                                                                   0.3s failed
      attempt 2                                       ░░░░░░░░███████████████                    1.9s
    synthesize                                                               ░░░░█████████████   1.4s
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
                 0s                                                             6.4s
    analyze      ---#####                                                              0.8s
    process              ---.....................-------#############                  4.2s
      attempt 1          ---                                                           0.3s failed
      attempt 2                                  -------#############                  1.9s
    synthesize                                                       ----###########   1.4s
                 - until the first content  # content  . wait
    ");
}

#[tokio::test(start_paused = true)]
async fn the_waterfall_ends_with_a_run_that_was_cut_off() {
    insta::assert_snapshot!(record(transcripts::interrupted(), VERBOSE).await, @r"
    ✓ analyze      0.8s  412 in / 96 out      $0.000892
    ✗ process      1.2s  ? in / ? out         cost unknown  interrupted
      total        2.0s  ≥412 in / ≥96 out    ≥$0.000892    1 attempt uncounted
                 0s                                                                       2.0s
    analyze      ░░░░░░░░░░░███████████████████                                                  0.8s
    process                                    ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   1.2s interrupted
                 ░ until the first content  █ content  · wait
    ");
    insta::assert_snapshot!(record(transcripts::circuit_open(), VERBOSE).await, @r"
    ✗ analyze      0.0s  0 in / 0 out         $0.00         failed
      total        0.0s  0 in / 0 out         $0.00
                 0s                                                                       0.0s
    analyze      ·                                                                               0.0s failed
                 ░ until the first content  █ content  · wait
    ");
}
