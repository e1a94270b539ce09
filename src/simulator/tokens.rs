//! Counts tokens by the simulator's own simple rule, which no real tokenizer follows.

/// A running count of tokens: four ASCII characters are one, every other character is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TokenCount {
    ascii: u64,
    other: u64,
}

impl TokenCount {
    /// Counts one character more.
    pub(super) fn push(&mut self, character: char) {
        if character.is_ascii() {
            self.ascii += 1;
        } else {
            self.other += 1;
        }
    }

    /// The tokens so far; a begun one counts.
    pub(super) fn total(self) -> u64 {
        self.ascii.div_ceil(4) + self.other
    }
}

/// The tokens of `text`.
pub(super) fn count(text: &str) -> u64 {
    let mut count = TokenCount::default();
    text.chars().for_each(|character| count.push(character));
    count.total()
}

/// The longest beginning of `text` that has at most `tokens`.
pub(super) fn first(text: &str, tokens: u64) -> &str {
    let mut count = TokenCount::default();
    for (at, character) in text.char_indices() {
        count.push(character);
        if count.total() > tokens {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_ascii_characters_or_one_other_are_a_token() {
        for (text, tokens) in [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("日本", 2), ("ab日", 2)] {
            assert_eq!(count(text), tokens, "{text}");
        }
    }

    #[test]
    fn a_text_is_cut_after_so_many_tokens() {
        assert_eq!(first("abcdefgh", 1), "abcd");
        assert_eq!(first("abcdefgh", 2), "abcdefgh");
        assert_eq!(first("日本語", 2), "日本");
        assert_eq!(first("abc", 0), "");
    }
}
