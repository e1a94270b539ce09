//! A line of a file as it can be shown, and the spaces and carets that mark a place in it when they are
//! written exactly below. Counts columns of a terminal, where some characters are two wide and some none.

use console::measure_text_width;

use super::source_name::on_one_line;
use crate::diagnostic::Place;

/// The most columns of a line that are shown.
const WIDTH: usize = 100;

/// The columns before a place that are shown of a line that is too long.
const BEFORE: usize = 30;

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

pub(super) fn snippet(excerpt: &str, place: Place) -> Snippet {
    let cells = cells(excerpt);
    let start = index(place.col.saturating_sub(1)).min(cells.len());
    let end = start.saturating_add(index(place.len)).min(cells.len());
    let (from, to) = window(&cells, start, end);
    let shown = |from: usize, to: usize| -> String {
        cells.get(from..to).unwrap_or_default().iter().map(|cell| cell.shown.as_str()).collect()
    };
    let cut_before = if from > 0 { "…" } else { "" };
    let cut_after = if to < cells.len() { "…" } else { "" };
    // Of whole stretches, not the sum of characters: joined, they may be narrower.
    let before = measure_text_width(&format!("{cut_before}{}", shown(from, start)));
    let marked = measure_text_width(&format!("{cut_before}{}", shown(from, end.clamp(start, to))));
    Snippet {
        line: format!("{cut_before}{}{cut_after}", shown(from, to)),
        before: " ".repeat(before),
        underline: "^".repeat(marked.saturating_sub(before).max(1)),
    }
}

fn cells(excerpt: &str) -> Vec<Cell> {
    let mut column = 0;
    let mut cells = Vec::new();
    for c in excerpt.chars() {
        let shown = match c {
            '\t' => " ".repeat(TAB - column % TAB),
            c => on_one_line(c.encode_utf8(&mut [0; 4])),
        };
        let width = measure_text_width(&shown);
        column += width;
        cells.push(Cell { shown, width });
    }
    cells
}

/// The part of the cells that is shown: with the place in it, and if that is too long, with its beginning.
fn window(cells: &[Cell], start: usize, end: usize) -> (usize, usize) {
    let width = |from: usize, to: usize| -> usize {
        cells.get(from..to).unwrap_or_default().iter().map(|cell| cell.width).sum()
    };
    if width(0, cells.len()) <= WIDTH {
        return (0, cells.len());
    }
    let fits_from_the_beginning = width(0, end) < WIDTH;
    let mut from = 0;
    if !fits_from_the_beginning {
        from = start;
        let mut before = 0;
        for (index, cell) in cells.iter().enumerate().take(start).rev() {
            before += cell.width;
            if before > BEFORE {
                break;
            }
            from = index;
        }
        // A mark isn't cut from the letter that it stands on.
        while from < start && cells.get(from).is_some_and(|cell| cell.width == 0) {
            from += 1;
        }
    }
    // Room for the ellipses.
    let mut room = WIDTH - 1 - usize::from(from > 0);
    let mut to = from;
    for cell in cells.get(from..).unwrap_or_default() {
        if cell.width > room {
            break;
        }
        room -= cell.width;
        to += 1;
    }
    (from, to)
}

fn index(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
