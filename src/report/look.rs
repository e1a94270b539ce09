//! Colours and signs: whether there are any, and which.

use console::Style;

/// How lines for people are to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// Whether colours are wanted. They are never looked up anywhere else.
    pub(super) color: bool,
    /// Whether signs beyond ASCII are wanted.
    pub(super) unicode: bool,
}

impl Look {
    /// For files, pipes and logs: no signs beyond ASCII.
    pub(super) fn plain(color: bool) -> Self {
        Self { color, unicode: false }
    }

    /// For a terminal.
    pub(super) fn terminal(color: bool) -> Self {
        Self { color, unicode: true }
    }

    pub(super) fn good(self, text: &str) -> String {
        self.styled(Style::new().green(), text)
    }

    pub(super) fn caution(self, text: &str) -> String {
        self.styled(Style::new().yellow(), text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.styled(Style::new().red(), text)
    }

    pub(super) fn busy(self, text: &str) -> String {
        self.styled(Style::new().cyan(), text)
    }

    pub(super) fn strong(self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.styled(Style::new().dim(), text)
    }

    /// Stands before a figure that is too low by an unknown amount.
    pub(super) fn at_least(self) -> &'static str {
        if self.unicode { "≥" } else { ">=" }
    }

    fn styled(self, style: Style, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        style.force_styling(self.color).apply_to(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_there_exactly_when_asked_for() {
        assert_eq!(Look::terminal(true).good("ok"), "\u{1b}[32mok\u{1b}[0m");
        assert_eq!(Look::terminal(false).good("ok"), "ok");
        assert_eq!(Look::plain(true).dim("ok"), "\u{1b}[2mok\u{1b}[0m");
        assert_eq!(Look::plain(false).dim("ok"), "ok");
    }
}
