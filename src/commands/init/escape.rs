//! What a terminal sends for a key or round a paste, told from what is typed. Reads no keys.

/// How far a sequence has come.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// There is none.
    #[default]
    None,
    /// It has begun.
    Begun,
    /// `[` and perhaps parameters have come, and its last character is still to come.
    Open,
    /// The next character is its last, whatever that is.
    OneMore,
}

/// Takes the sequences out of what comes. [`console`] gives away the beginnings of those that it doesn't
/// know, and the rest of them as if it were typed: of a paste between markers, `0~` and then the text.
#[derive(Default)]
pub(super) struct Escape {
    state: State,
}

impl Escape {
    /// The beginning of a sequence; returns what of it doesn't belong to it, but was typed behind.
    pub(super) fn begin(&mut self, beginning: &[char]) -> String {
        self.state = State::Begun;
        beginning.iter().filter(|char| !self.takes(**char)).collect()
    }

    /// Another key than a character ends what there is.
    pub(super) fn end(&mut self) {
        self.state = State::None;
    }

    /// Whether `char` belongs to a sequence, and isn't typed.
    pub(super) fn takes(&mut self, char: char) -> bool {
        let (is_part, next) = match (self.state, char) {
            (State::Begun, '[') | (State::Open, ' '..='?') => (true, State::Open),
            (State::Begun, 'O') | (State::Open, '[') => (true, State::OneMore),
            // Also a character with Alt.
            (State::Begun | State::OneMore, _) | (State::Open, '@'..='~') => (true, State::None),
            (State::None | State::Open, _) => (false, State::None),
        };
        self.state = next;
        is_part
    }
}
