//! Finds the key phrases of a text, after the manner of RAKE: runs of words between small words
//! and punctuation, those first whose words stand in long runs.

use std::collections::HashMap;

use super::language::{Language, is_of_word};

/// The most phrases that are found.
const MAX_PHRASES: usize = 6;
/// The most words that a phrase has; a longer run is cut.
const MAX_WORDS: usize = 4;
/// The most bytes that a phrase has, for scripts that don't separate their words.
const MAX_BYTES: usize = 80;

/// The key phrases of `text`, at most six, as they are spelt there, in the order of their weight.
pub(super) fn find(text: &str, language: &Language) -> Vec<String> {
    let runs: Vec<Vec<&str>> = runs(text, language);
    let weights = weights(&runs);
    let weight = |run: &[&str]| -> f64 {
        // Names come before other words of the same weight.
        let named = run.iter().any(|word| word.contains(char::is_uppercase));
        let bonus = if named { 0.25 } else { 0.0 };
        bonus
            + run
                .iter()
                .map(|word| weights.get(&word.to_lowercase()).copied().unwrap_or_default())
                .sum::<f64>()
    };
    let mut phrases: Vec<(f64, String)> = Vec::new();
    for run in &runs {
        let phrase = spelling(text, run);
        if phrase.len() <= MAX_BYTES && !phrases.iter().any(|(_, known)| same(known, phrase)) {
            phrases.push((weight(run), phrase.to_owned()));
        }
    }
    // Stable: equals keep the order of the text.
    phrases.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    phrases.into_iter().take(MAX_PHRASES).map(|(_, phrase)| phrase).collect()
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// The runs of words that only space separates, none of them a small one.
fn runs<'a>(text: &'a str, language: &Language) -> Vec<Vec<&'a str>> {
    let mut runs = Vec::new();
    let mut run: Vec<&'a str> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let gap = rest.find(is_of_word).unwrap_or(rest.len());
        let (between, after) = rest.split_at(gap);
        let word_end = after.find(|character| !is_of_word(character)).unwrap_or(after.len());
        let (word, after) = after.split_at(word_end);
        if between.contains(|character: char| character != ' ') || run.len() == MAX_WORDS {
            runs.push(std::mem::take(&mut run));
        }
        if is_telling(word, language) {
            run.push(word);
        } else {
            runs.push(std::mem::take(&mut run));
        }
        rest = after;
    }
    runs.push(run);
    runs.retain(|run| !run.is_empty());
    runs
}

fn is_telling(word: &str, language: &Language) -> bool {
    let letters = word.chars().filter(|character| character.is_alphanumeric()).count();
    // Single letters and numbers say little by themselves.
    letters > 1 && word.chars().any(char::is_alphabetic) && !language.has_small(&word.to_lowercase())
}

/// RAKE's weight of a word: how long its runs are in the mean.
fn weights(runs: &[Vec<&str>]) -> HashMap<String, f64> {
    let mut counts: HashMap<String, (u32, u32)> = HashMap::new();
    for run in runs {
        let length = u32::try_from(run.len()).unwrap_or(u32::MAX);
        for word in run {
            let (degree, frequency) = counts.entry(word.to_lowercase()).or_default();
            *degree += length;
            *frequency += 1;
        }
    }
    counts
        .into_iter()
        .map(|(word, (degree, frequency))| (word, f64::from(degree) / f64::from(frequency)))
        .collect()
}

/// The part of `text` from the first to the last word of `run`, which are slices of it.
fn spelling<'a>(text: &'a str, run: &[&str]) -> &'a str {
    let offset = |part: &str| part.as_ptr().addr() - text.as_ptr().addr();
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return "" };
    text.get(offset(first)..offset(last) + last.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(text: &str) -> Vec<String> {
        find(text, Language::of(text))
    }

    #[test]
    fn phrases_stand_in_the_text_as_they_are_spelt() {
        let text =
            "Explain how photosynthesis works, and why green plants need Photosynthesis in bright sunlight.";
        let found = phrases(text);
        assert_eq!(found, ["green plants", "bright sunlight", "photosynthesis works", "Photosynthesis"]);
        assert!(found.iter().all(|phrase| text.contains(phrase.as_str())));
    }

    #[test]
    fn a_phrase_is_named_once_and_is_not_long() {
        assert_eq!(phrases("Tokio, tokio and TOKIO"), ["Tokio"]);
        assert_eq!(phrases("alpha beta gamma delta epsilon"), ["alpha beta gamma delta", "epsilon"]);
    }

    #[test]
    fn there_are_at_most_six() {
        assert_eq!(phrases("one1, two2, three3, four4, five5, six6, seven7").len(), 6);
    }

    #[test]
    fn a_text_without_telling_words_has_none() {
        assert_eq!(phrases("What is it? 42!"), Vec::<String>::new());
        assert_eq!(phrases(""), Vec::<String>::new());
    }

    #[test]
    fn scripts_without_spaces_are_split_at_their_punctuation() {
        assert_eq!(phrases("光合作用。葉緑体、太陽"), ["光合作用", "葉緑体", "太陽"]);
    }
}
