//! A line of a file as it can be shown, and the spaces and carets that mark a place in it when they are
//! written exactly below. Counts columns of a terminal, where some characters are two wide and some none.

use console::measure_text_width;

use super::source_name::on_one_line;
use crate::diagnostic::Place;

/// The most columns of a line that are shown.
const WIDTH: usize = 100;

/// The columns before a place that are shown of a line that is too long.
const BEFORE: usize = 30;

/// The most characters that are looked at on either side of a place: many times what can be shown, as some
/// have no width.
const LOOKED_AT: usize = 10 * WIDTH;

/// Columns between tab stops.
const TAB: usize = 4;

/// A line, and what stands below it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Snippet {
    /// The line, cut to what fits.
    pub(super) line: String,
    /// The spaces before the underline.
    pub(super) before: String,
    /// At least one caret.
    pub(super) underline: String,
}

/// A character as it is shown.
struct Cell {
    shown: String,
    width: usize,
}

/// The characters round a place.
struct Line {
    cells: Vec<Cell>,
    /// Whether there are more before.
    is_cut_before: bool,
    /// Whether there are more behind.
    is_cut_after: bool,
}

pub(super) fn snippet(excerpt: &str, place: Place) -> Snippet {
    let start = index(place.col.saturating_sub(1));
    // A line may be as long as a file: no more of it is looked at than could be shown.
    let skipped = start.saturating_sub(LOOKED_AT);
    let line = Line::of(excerpt, skipped);
    let start = (start - skipped).min(line.cells.len());
    let end = start.saturating_add(index(place.len)).min(line.cells.len());
    let (from, to) = line.window(start, end);
    let cut_before = if from > 0 || line.is_cut_before { "…" } else { "" };
    let cut_after = if to < line.cells.len() || line.is_cut_after { "…" } else { "" };
    // Of whole stretches, not the sum of characters: joined, they may be narrower.
    let width_to = |end: usize| measure_text_width(&format!("{cut_before}{}", line.shown(from, end)));
    let before = width_to(start);
    let marked = width_to(end.min(to).max(start));
    Snippet {
        line: format!("{cut_before}{}{cut_after}", line.shown(from, to)),
        before: " ".repeat(before),
        underline: "^".repeat(marked.saturating_sub(before).max(1)),
    }
}

impl Line {
    fn of(excerpt: &str, skipped: usize) -> Self {
        let mut column = 0;
        let mut cells = Vec::new();
        let mut characters = excerpt.chars().skip(skipped);
        for c in characters.by_ref().take(2 * LOOKED_AT) {
            let shown = match c {
                '\t' => " ".repeat(TAB - column % TAB),
                c => on_one_line(c.encode_utf8(&mut [0; 4])),
            };
            let width = measure_text_width(&shown);
            column += width;
            cells.push(Cell { shown, width });
        }
        Self { cells, is_cut_before: skipped > 0, is_cut_after: characters.next().is_some() }
    }

    fn between(&self, from: usize, to: usize) -> &[Cell] {
        self.cells.get(from..to).unwrap_or_default()
    }

    fn shown(&self, from: usize, to: usize) -> String {
        self.between(from, to).iter().map(|cell| cell.shown.as_str()).collect()
    }

    fn width(&self, from: usize, to: usize) -> usize {
        self.between(from, to).iter().map(|cell| cell.width).sum()
    }

    /// The part that is shown: with the place in it, and if that is too long, with its beginning.
    fn window(&self, start: usize, end: usize) -> (usize, usize) {
        let all = self.cells.len();
        if !self.is_cut_before && !self.is_cut_after && self.width(0, all) <= WIDTH {
            return (0, all);
        }
        let begins_at_the_beginning = !self.is_cut_before && self.width(0, end) < WIDTH;
        let from = if begins_at_the_beginning { 0 } else { self.some_before(start) };
        // Room for the ellipses.
        let mut room = WIDTH - 1 - usize::from(from > 0 || self.is_cut_before);
        let fits = |cell: &&Cell| {
            let fits = cell.width <= room;
            room = room.saturating_sub(cell.width);
            fits
        };
        (from, from + self.between(from, all).iter().take_while(fits).count())
    }

    /// Where to begin so that a little of what stands before `start` is seen.
    fn some_before(&self, start: usize) -> usize {
        let mut from = start;
        while from > 0 && self.width(from - 1, start) <= BEFORE {
            from -= 1;
        }
        // A mark isn't cut from the letter that it stands on.
        while from < start && self.width(from, from + 1) == 0 {
            from += 1;
        }
        from
    }
}

fn index(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
