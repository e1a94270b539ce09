//! Carets stand below the characters that are meant, and below nothing else.

use console::measure_text_width;
use proptest::prelude::*;

use super::*;
use crate::report::validation::snippet::snippet;

fn drawn(excerpt: &str, col: u32, len: u32) -> String {
    let snippet = snippet(excerpt, at(1, col, len));
    format!("{}\n{}{}", snippet.line, snippet.before, snippet.underline)
}

#[test]
fn carets_stand_below_what_is_meant() {
    let check = |excerpt: &str, col: u32, len: u32, expected: [&str; 2]| {
        assert_eq!(drawn(excerpt, col, len), expected.join("\n"), "{excerpt:?}");
    };
    check("abcdef", 2, 3, ["abcdef", " ^^^"]);
    check("abc", 4, 0, ["abc", "   ^"]);
    check("", 1, 0, ["", "^"]);
    // Two columns each.
    check("東京 city", 4, 4, ["東京 city", "     ^^^^"]);
    check("in 東京", 4, 2, ["in 東京", "   ^^^^"]);
    // A combining accent has no column, even where it is all that is meant.
    check("e\u{301}te", 3, 2, ["e\u{301}te", " ^^"]);
    check("e\u{301}te", 2, 1, ["e\u{301}te", " ^"]);
    // Joined into one picture.
    check("👩\u{200d}💻 x", 5, 1, ["👩\u{200d}💻 x", "   ^"]);
    // Tabs end at a multiple of four.
    check("\ta\tbc", 4, 2, ["    a   bc", "        ^^"]);
    check("ab\tc", 3, 1, ["ab  c", "  ^^"]);
    // As wide as what is shown in their place.
    check("\u{1b}[2J\u{9b}!", 6, 1, ["␛[2J\\u{9b}!", "          ^"]);
    check("a\nb", 3, 1, ["a␊b", "  ^"]);
    // Places that the line doesn't have.
    check("abc", 9, 4, ["abc", "   ^"]);
    check("abc", 2, u32::MAX, ["abc", " ^^"]);
    check("abc", 0, 1, ["abc", "^"]);
}

#[test]
fn a_long_line_is_cut_round_the_place() {
    let line = (0..60).fold(String::new(), |line, number| format!("{line} {number:02}.."));
    let shown = [drawn(&line, 7, 2), drawn(&line, 152, 2), drawn(&line, 297, 4), drawn(&line, 102, 150)];
    insta::assert_snapshot!(shown.join("\n\n"), @"
     00.. 01.. 02.. 03.. 04.. 05.. 06.. 07.. 08.. 09.. 10.. 11.. 12.. 13.. 14.. 15.. 16.. 17.. 18.. 19.…
          ^^

    …24.. 25.. 26.. 27.. 28.. 29.. 30.. 31.. 32.. 33.. 34.. 35.. 36.. 37.. 38.. 39.. 40.. 41.. 42.. 43.…
                                   ^^

    …53.. 54.. 55.. 56.. 57.. 58.. 59..
                                   ^^^^

    …14.. 15.. 16.. 17.. 18.. 19.. 20.. 21.. 22.. 23.. 24.. 25.. 26.. 27.. 28.. 29.. 30.. 31.. 32.. 33.…
                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn of_an_endless_line_only_the_part_round_the_place_is_looked_at() {
    let line = "東京 ".repeat(300_000);
    let shown = drawn(&line, 450_001, 2);
    assert_eq!(shown.lines().count(), 2);
    insta::assert_snapshot!(shown, @"
    …東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東京 東…
                                   ^^^^
    ");
}

proptest! {
    #[test]
    fn whatever_the_line_it_fits_and_the_underline_lies_within(
        line in "[ -~\t東é\u{301}🙂\u{200d}\u{7}\u{202e}]{0,300}",
        col in 0_u32..310,
        len in 0_u32..310,
    ) {
        let snippet = snippet(&line, at(1, col, len));
        let width = measure_text_width(&snippet.line);
        prop_assert!(width <= 100, "{width}: {snippet:?}");
        let end = snippet.before.len() + snippet.underline.len();
        prop_assert!(!snippet.underline.is_empty() && end <= width + 1, "{snippet:?}");
        prop_assert!(snippet.line.chars().all(|c| !c.is_control()));
    }
}
