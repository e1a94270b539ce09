//! The part of a line that is kept with a problem in it. A line may be as long as its file, and have a
//! problem in each word.

use std::fmt;

use crate::diagnostic::Place;

/// The most characters of a line that are kept.
const MOST_KEPT: usize = 240;

/// How many of them stand before the place: more than are shown, so that what is shown is the same as of the
/// whole line.
const KEPT_BEFORE: usize = 120;

/// A line, or what stands round a place in a long one, with `…` where it is cut.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Excerpt {
    text: String,
    /// By how many columns the text stands further left than in its line.
    shift: u32,
}

impl Excerpt {
    /// What to keep of `line` for a problem at `place`.
    #[must_use]
    pub fn of(line: &str, place: Place) -> Self {
        // Most lines are short, which their bytes tell without a look at them.
        if line.len() <= MOST_KEPT || line.chars().nth(MOST_KEPT).is_none() {
            return Self { text: line.to_owned(), shift: 0 };
        }
        let start = usize::try_from(place.col.saturating_sub(1)).unwrap_or(usize::MAX);
        let skipped = start.saturating_sub(KEPT_BEFORE);
        // For one character the ellipsis would be as long.
        let skipped = if skipped < 2 { 0 } else { skipped };
        let mut rest = line.chars().skip(skipped);
        let mut text = String::from(if skipped > 0 { "…" } else { "" });
        text.extend(rest.by_ref().take(MOST_KEPT));
        if rest.next().is_some() {
            text.push('…');
        }
        Self { text, shift: u32::try_from(skipped.saturating_sub(1)).unwrap_or(u32::MAX) }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in the text `place`, for which it was cut, stands.
    #[must_use]
    pub fn place(&self, place: Place) -> Place {
        Place { col: place.col.saturating_sub(self.shift), ..place }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the place covers within the excerpt.
    fn meant(excerpt: &Excerpt, place: Place) -> String {
        let place = excerpt.place(place);
        let (skipped, len) = (place.col - 1, place.len);
        excerpt.text().chars().skip(skipped as usize).take(len as usize).collect()
    }

    #[test]
    fn a_line_of_usual_length_is_kept_whole() {
        let place = Place { line: 1, col: 240, len: 1 };
        let line = "é".repeat(239) + "x";
        let excerpt = Excerpt::of(&line, place);
        assert_eq!(excerpt.text(), line);
        assert_eq!(meant(&excerpt, place), "x");
    }

    #[test]
    fn of_a_long_line_what_is_round_the_place_is_kept_and_the_place_moves_along() {
        for before in [0, 120, 121, 122, 123, 239, 50_000] {
            let place = Place { line: 7, col: before + 1, len: 4 };
            let line = "é".repeat(before as usize) + "here" + &"ü".repeat(70_000);
            let excerpt = Excerpt::of(&line, place);
            assert_eq!(meant(&excerpt, place), "here", "{before}");
            assert!(excerpt.text().chars().count() <= MOST_KEPT + 2, "{before}");
            assert_eq!(excerpt.text().starts_with('…'), before > 121, "{before}");
            assert!(excerpt.text().ends_with('…'), "{before}");
        }
    }

    #[test]
    fn a_place_behind_the_end_of_its_line_does_no_harm() {
        let excerpt = Excerpt::of(&"a".repeat(500), Place { line: 1, col: u32::MAX, len: 1 });
        assert_eq!(excerpt.text(), "…");
    }
}
