//! A terminal whose cursor rests at the beginning of its line whenever nothing is being drawn.
//!
//! indicatif fills its last line to the terminal's edge and leaves the cursor there. What the terminal
//! itself echoes then, the `^C` of somebody who interrupts the run above all, goes to a line of its own,
//! and everything that is redrawn or cleared by moving the cursor up is off by one. At the beginning of
//! the line, an echo is written over by the next redraw.

use std::io;

use indicatif::TermLike;

/// The terminal, but for the place where its cursor rests.
#[derive(Debug)]
pub(super) struct Resting<T>(pub(super) T);

impl<T: TermLike> TermLike for Resting<T> {
    fn width(&self) -> u16 {
        self.0.width()
    }

    fn height(&self) -> u16 {
        self.0.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.0.write_line(s)
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.0.write_str(s)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    /// Called when a redraw is complete.
    fn flush(&self) -> io::Result<()> {
        self.0.write_str("\r")?;
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressBar, ProgressDrawTarget, ProgressStyle};

    use super::*;

    #[test]
    fn what_the_terminal_echoes_shifts_neither_a_redraw_nor_the_clearing() {
        for width in [40, 60, 80, 100] {
            let term = InMemoryTerm::new(10, width);
            let target = ProgressDrawTarget::term_like(Box::new(Resting(term.clone())));
            let style = ProgressStyle::with_template("· one\n· two\n· three").unwrap();
            let lines = ProgressBar::with_draw_target(None, target).with_style(style);
            for _ in 0..3 {
                lines.tick();
                assert_eq!(term.contents(), "· one\n· two\n· three", "at {width}");
                term.write_str("^C").unwrap();
            }
            lines.finish_and_clear();
            assert_eq!(term.contents(), "", "at {width}");
        }
    }
}
