//! A line as it is typed, key by key. Neither reads keys nor writes to the terminal.

use console::Key;

use super::escape::Escape;

/// What is typed at the end of input, in a mode in which the terminal doesn't say it.
const CTRL_D: char = '\u{4}';

/// What takes the whole line back.
const CTRL_U: char = '\u{15}';

/// What came of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// It was ended.
    Line(String),
    /// There is no more input.
    End,
    /// Ctrl-C.
    Interrupt,
}

/// A line that isn't ended yet.
#[derive(Default)]
pub(super) struct Line {
    text: String,
    /// Whether nothing of it may be shown.
    is_hidden: bool,
    escape: Escape,
}

impl Line {
    pub(super) fn visible() -> Self {
        Self::default()
    }

    pub(super) fn hidden() -> Self {
        Self { is_hidden: true, ..Self::default() }
    }

    /// A key was pressed: what is to be shown of it, and what came of the line if that ended it.
    pub(super) fn press(&mut self, key: &Key) -> (String, Option<Typed>) {
        match key {
            Key::UnknownEscSeq(beginning) => {
                let typed = self.escape.begin(beginning);
                return (typed.chars().map(|char| self.push(char)).collect(), None);
            }
            Key::Char(char) if self.escape.takes(*char) => return (String::new(), None),
            _ => self.escape.end(),
        }
        match key {
            Key::CtrlC => ("\n".to_owned(), Some(Typed::Interrupt)),
            Key::Char(CTRL_D) if self.text.is_empty() => ("\n".to_owned(), Some(Typed::End)),
            Key::Enter => ("\n".to_owned(), Some(Typed::Line(std::mem::take(&mut self.text)))),
            Key::Backspace => (self.take_back(1), None),
            Key::Char(CTRL_U) => (self.take_back(usize::MAX), None),
            Key::Char(char) => (self.push(*char), None),
            _ => (String::new(), None),
        }
    }

    /// What is to be shown of a character that was typed.
    fn push(&mut self, char: char) -> String {
        if char.is_control() {
            return String::new();
        }
        self.text.push(char);
        if self.is_hidden { String::new() } else { char.to_string() }
    }

    fn take_back(&mut self, count: usize) -> String {
        let mut shown = String::new();
        for _ in 0..count {
            let Some(char) = self.text.pop() else { break };
            if !self.is_hidden {
                shown.push_str(&"\u{8} \u{8}".repeat(console::measure_text_width(&char.to_string())));
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown, and what came of it.
    fn press(mut line: Line, keys: &[Key]) -> (String, Option<Typed>) {
        let mut shown = String::new();
        for key in keys {
            let (echo, typed) = line.press(key);
            shown.push_str(&echo);
            if typed.is_some() {
                return (shown, typed);
            }
        }
        (shown, None)
    }

    fn keys(text: &str) -> Vec<Key> {
        text.chars().map(|char| if char == '\n' { Key::Enter } else { Key::Char(char) }).collect()
    }

    fn line(text: &str) -> Typed {
        Typed::Line(text.to_owned())
    }

    #[test]
    fn a_line_is_shown_as_it_is_typed_and_taken_back() {
        assert_eq!(press(Line::visible(), &keys("yes\n")), ("yes\n".to_owned(), Some(line("yes"))));
        let slip =
            [Key::Backspace, Key::Char('n'), Key::Char('東'), Key::Backspace, Key::ArrowUp, Key::Enter];
        let shown = "n東\u{8} \u{8}\u{8} \u{8}\n".to_owned();
        assert_eq!(press(Line::visible(), &slip), (shown, Some(line("n"))));
    }

    #[test]
    fn nothing_of_a_hidden_line_is_shown_not_even_its_length() {
        let mut typed = keys("wrong");
        typed.push(Key::Char(CTRL_U));
        typed.extend(keys("secret-"));
        typed.extend([Key::Backspace, Key::Enter]);
        assert_eq!(press(Line::hidden(), &typed), ("\n".to_owned(), Some(line("secret"))));
    }

    #[test]
    fn what_a_terminal_sends_for_keys_and_round_a_paste_is_no_part_of_the_line() {
        let begun = |beginning: &str, rest: &str| {
            let mut all = vec![Key::UnknownEscSeq(beginning.chars().collect())];
            all.extend(keys(rest));
            all
        };
        let pasted = [begun("[20", "0~sk-ant-x"), begun("[20", "1~\n")].concat();
        let f5 = begun("[15", "~sk-ant-x\n");
        let f5_of_a_console = begun("[[E", "sk-ant-x\n");
        let f1 = begun("O", "Psk-ant-x\n");
        let shift_right = begun("[1;", "2Csk-ant-x\n");
        let focus = begun("[Is", "k-ant-x\n");
        let alt = begun("x", "sk-ant-x\n");
        for typed in [pasted, f5, f5_of_a_console, f1, shift_right, focus, alt] {
            assert_eq!(press(Line::hidden(), &typed).1, Some(line("sk-ant-x")), "{typed:?}");
        }
    }

    #[test]
    fn ctrl_c_interrupts_and_ctrl_d_ends_an_empty_line_only() {
        assert_eq!(press(Line::hidden(), &[Key::Char('x'), Key::CtrlC]).1, Some(Typed::Interrupt));
        assert_eq!(press(Line::visible(), &keys("\u{4}")).1, Some(Typed::End));
        assert_eq!(press(Line::visible(), &keys("x\u{4}\n")).1, Some(line("x")));
    }
}
