//! The finder agrees with a plain search of the whole text, wherever the text is split.

use proptest::prelude::*;

use super::*;

/// What a plain search finds.
fn earliest(text: &str, stop: &[String]) -> Option<usize> {
    stop.iter().filter_map(|stop| text.find(stop.as_str())).min()
}

/// (stop texts, text, where it ends)
#[test]
fn the_earliest_is_found() {
    let cases: [(&[&str], &str, Option<usize>); 10] = [
        (&["END"], "the END.", Some(4)),
        (&["END"], "the EN", None),
        (&["END"], "END", Some(0)),
        (&["END", "the"], "the END", Some(0)),
        (&["aab"], "aaab", Some(1)),
        (&["abab"], "abaabab", Some(3)),
        (&["é"], "caf\u{e8}\u{e9}", Some(5)),
        (&["bc", "abcd"], "abcd", Some(0)),
        (&["bc", "abcd"], "abce", Some(1)),
        (&[""], "text", None),
    ];
    for (stop, text, expected) in cases {
        let stop = stop.iter().map(ToString::to_string).collect();
        let options = AnswerOptions { stop, ..AnswerOptions::default() };
        assert_eq!(options.stops_at(text), expected, "{:?} in {text}", options.stop);
    }
}

#[test]
fn a_text_within_one_that_began_before_it_waits_for_that() {
    let mut stop = StopTexts::new(&["bc".into(), "abcd".into()]);
    stop.feed("xabc");
    assert_eq!((stop.certain(), stop.found()), (1, None));
    stop.feed("e");
    assert_eq!((stop.certain(), stop.found()), (2, Some(2)));
}

/// Few letters, so that beginnings and overlaps of stop texts are frequent; one of them has two bytes.
fn letters(len: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(vec!['a', 'b', 'é']), len)
        .prop_map(|letters| letters.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_certain_never_reaches_beyond_the_earliest_and_ends_there(
        text in letters(0..40), stop in proptest::collection::vec(letters(1..6), 0..5),
    ) {
        let expected = earliest(&text, &stop);
        let mut finder = StopTexts::new(&stop);
        let mut certain = 0;
        for (at, char) in text.char_indices() {
            finder.feed(char.encode_utf8(&mut [0; 4]));
            prop_assert!(finder.certain() >= certain, "what was certain stays so");
            certain = finder.certain();
            prop_assert!(text.is_char_boundary(certain));
            prop_assert!(certain <= expected.unwrap_or(at + char.len_utf8()));
            if let Some(found) = finder.found() {
                prop_assert_eq!((Some(found), found), (expected, certain));
            }
            // No more is held back than could be the beginning of one.
            let held_back = &text[certain..at + char.len_utf8()];
            let can_begin = stop.iter().any(|stop| stop.starts_with(held_back));
            prop_assert!(held_back.is_empty() || can_begin || finder.first.is_some(), "{held_back}");
        }
        let options = AnswerOptions { stop, ..AnswerOptions::default() };
        prop_assert_eq!(options.stops_at(&text), expected);
    }
}
