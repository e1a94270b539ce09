//! Words of a sentence, for heuristics that go by them.

/// The words of `text`: letters, digits, `_` and apostrophes.
pub(super) fn words(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '’');
    text.split(|c| !is_part(c)).filter(|word| !word.is_empty()).collect()
}

/// Whether `word` is one of `known`, which are in lower case and have straight apostrophes.
pub(super) fn is_any(word: &str, known: &[&str]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(word))
        || word.contains('’') && is_any(&word.replace('’', "'"), known)
}

pub(super) fn has_any(words: &[&str], known: &[&str]) -> bool {
    words.iter().any(|word| is_any(word, known))
}

/// The places of the words that are one of `known`.
pub(super) fn positions<'w>(words: &'w [&str], known: &'w [&str]) -> impl Iterator<Item = usize> + 'w {
    words.iter().enumerate().filter(|(_, word)| is_any(word, known)).map(|(at, _)| at)
}

/// The places at which `phrase` begins.
pub(super) fn phrases<'w>(words: &'w [&str], phrase: &'w [&str]) -> impl Iterator<Item = usize> + 'w {
    let is_phrase =
        move |window: &&[&str]| window.iter().zip(phrase).all(|(word, part)| part.eq_ignore_ascii_case(word));
    words
        .windows(phrase.len().max(1))
        .enumerate()
        .filter(move |(_, window)| is_phrase(window))
        .map(|(at, _)| at)
}

/// Words that turn a sentence round.
const NEGATIONS: [&str; 14] = [
    "no", "not", "never", "without", "dont", "cannot", "avoid", "avoiding", "instead", "nor", "neither",
    "nothing", "none", "rather",
];

/// Whether `word` turns what follows it round.
pub(super) fn negates(word: &str) -> bool {
    is_any(word, &NEGATIONS) || word.ends_with("n't") || word.ends_with("n’t")
}

/// Whether `text` has `word`, with nothing that would belong to a longer one round it.
pub(super) fn names(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_with_either_apostrophe() {
        let found = words("Don’t wrap `final_text`, in Code-Blocks!");
        assert_eq!(found, ["Don’t", "wrap", "final_text", "in", "Code", "Blocks"]);
        assert!(is_any("Don’t", &["don't"]) && negates("Don’t") && negates("shouldn't") && !negates("knot"));
        assert_eq!(phrases(&found, &["code", "blocks"]).collect::<Vec<_>>(), [4]);
        assert_eq!(positions(&found, &["in", "wrap"]).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn a_name_is_a_whole_word() {
        assert!(names("`content`, text", "content") && names("éa, a", "a"));
        assert!(!names("contents my_content", "content") && !names("éa", "a"));
    }
}
