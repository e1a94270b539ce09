//! Divides a text into sentences, and tells which of them ask for something.

use super::language::words;

/// The most characters of a sentence that is quoted.
const MAX_QUOTE: usize = 140;

/// The first words of a request that isn't a question.
const ASKING_WORDS: &[&str] = &[
    "compare",
    "create",
    "describe",
    "draft",
    "erkläre",
    "explain",
    "explica",
    "explique",
    "find",
    "give",
    "help",
    "list",
    "make",
    "please",
    "schreibe",
    "show",
    "summarise",
    "summarize",
    "tell",
    "translate",
    "write",
];

/// Whether `sentence` is a question, or starts as requests do.
pub(super) fn asks(sentence: &str) -> bool {
    let first = words(sentence).next().unwrap_or_default().to_lowercase();
    sentence.ends_with(['?', '？']) || ASKING_WORDS.contains(&first.as_str())
}

/// The sentences of `text`.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut sentence = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\n' {
            sentence.push(character);
        }
        let ends = match character {
            '\n' | '。' | '！' | '？' => true,
            '.' | '!' | '?' => characters.peek().is_none_or(|next| next.is_whitespace()),
            _ => false,
        };
        if ends {
            sentences.push(std::mem::take(&mut sentence));
        }
    }
    sentences.push(sentence);
    sentences.iter().map(|sentence| sentence.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

/// The items of the lists in `text`: lines that begin with a bullet or a number, without those.
pub(super) fn list_items(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| item(line.trim()))
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

fn item(line: &str) -> Option<&str> {
    let after_number = || {
        let rest = line.trim_start_matches(|character: char| character.is_ascii_digit());
        (rest.len() < line.len()).then(|| rest.strip_prefix(['.', ')'])).flatten()
    };
    let rest = line.strip_prefix(['-', '*', '+', '•']).or_else(after_number)?;
    rest.starts_with(char::is_whitespace).then(|| rest.trim())
}

/// `text` with a capital letter, on one line.
pub(super) fn capitalized(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut characters = line.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => line,
    }
}

/// `sentence`, cut at a readable length.
pub(super) fn quote(sentence: &str) -> String {
    match sentence.char_indices().nth(MAX_QUOTE) {
        None => sentence.to_owned(),
        Some((at, _)) => format!("{}…", sentence.get(..at).unwrap_or_default().trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_a_list_begin_with_a_bullet_or_a_number() {
        let text = "Two:\n- one\n  2) two\n10. three\n-4 degrees\n3.5 volts\n-\nplain";
        assert_eq!(list_items(text), ["one", "two", "three"]);
    }

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        assert_eq!(
            split("Use 3.5 now. Why? 光合作用。\nLast"),
            ["Use 3.5 now.", "Why?", "光合作用。", "Last"]
        );
    }
}
