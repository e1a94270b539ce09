//! Divides what a request asks for into parts, as analyze is asked to: its list items, its questions, its
//! sentences or its phrases, whichever there are several of.

use super::phrases;
use super::sentences::{self, asks, quote};
use super::subject::{Complexity, Subject};

/// The most parts where a prompt names no number, and of what doesn't fall apart by itself.
const FEW: usize = 3;
/// The most parts that a prompt can ask for.
const MOST: usize = 64;
/// The most words of a title that isn't a phrase.
const TITLE_WORDS: usize = 5;

/// A part of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subtask {
    pub(super) title: String,
    pub(super) instruction: String,
}

/// The most parts that a system prompt asks for: the number before the word `parts`, the first from 2 on.
pub(super) fn most_parts(system: &str) -> usize {
    let mut words = system.split_whitespace().peekable();
    let mut most = None;
    while let (None, Some(word)) = (most, words.next()) {
        let names_parts = |next: &&str| next.trim_matches(|it: char| !it.is_alphanumeric()) == "parts";
        most = words.peek().filter(|next| names_parts(next)).and_then(|_| word.parse().ok());
        most = most.filter(|number| (2..=MOST).contains(number));
    }
    most.unwrap_or(FEW)
}

/// The parts of the answer to a request, at most so many: none if it is simple, two or more if it is complex.
pub(super) fn divide(subject: &Subject, most: usize) -> Vec<Subtask> {
    let complexity = subject.complexity();
    if complexity == Complexity::Simple {
        return Vec::new();
    }
    let mut units = units(subject, most);
    if units.len() < 2 && complexity == Complexity::Complex {
        units = halves(&subject.text);
    }
    if units.len() < 2 {
        return Vec::new();
    }
    let mut subtasks: Vec<Subtask> = Vec::new();
    for group in groups(&units, most) {
        let title = title(group, &units, subject);
        let is_taken = subtasks.iter().any(|known| known.title == title);
        let title = if is_taken { format!("{title} ({})", subtasks.len() + 1) } else { title };
        subtasks.push(Subtask { title, instruction: group.join(" ") });
    }
    subtasks
}

/// What the request falls apart into.
fn units(subject: &Subject, most: usize) -> Vec<String> {
    let items = sentences::list_items(subject.beginning());
    let asking: Vec<String> = subject.sentences.iter().filter(|sentence| asks(sentence)).cloned().collect();
    let all = [items, asking, subject.sentences.clone()];
    if let Some(units) = all.into_iter().find(|units| units.len() > 1) {
        return units;
    }
    subject.phrases.iter().take(FEW.min(most)).cloned().collect()
}

/// `text` in two halves, which is better than nothing.
fn halves(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (first, second) = words.split_at(words.len() / 2);
    [first, second].iter().map(|half| quote(&half.join(" "))).filter(|half| !half.is_empty()).collect()
}

/// `units` in their order, in at most so many groups of about the same size.
fn groups(units: &[String], most: usize) -> impl Iterator<Item = &[String]> {
    let count = units.len().min(most).max(1);
    (0..count)
        .filter_map(move |group| units.get(group * units.len() / count..(group + 1) * units.len() / count))
}

/// The strongest phrase of the group's first unit that no other unit has, or else the strongest, or else its
/// first words.
fn title(group: &[String], units: &[String], subject: &Subject) -> String {
    let first = group.first().map(String::as_str).unwrap_or_default();
    let found = phrases::find(first, subject.language);
    let is_own = |phrase: &&String| units.iter().filter(|unit| unit.contains(phrase.as_str())).count() == 1;
    let title = match found.iter().find(is_own).or(found.first()) {
        Some(phrase) => phrase.clone(),
        None => first.split_whitespace().take(TITLE_WORDS).collect::<Vec<_>>().join(" "),
    };
    sentences::capitalized(title.trim_end_matches(['.', ',', ';', ':', '!']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(text: &str, most: usize) -> Vec<String> {
        divide(&Subject::about(text), most).into_iter().map(|subtask| subtask.title).collect()
    }

    const QUESTIONS: &str = "What is ownership? What is borrowing? What are lifetimes? What are traits?";

    #[test]
    fn each_question_is_a_part() {
        assert_eq!(titles(QUESTIONS, 4), ["Ownership", "Borrowing", "Lifetimes", "Traits"]);
        let instructions = divide(&Subject::about(QUESTIONS), 4);
        assert_eq!(instructions.first().unwrap().instruction, "What is ownership?");
    }

    #[test]
    fn a_title_is_what_sets_a_part_off_from_the_others() {
        let text = "How fast is Rust? How safe is Rust? How old is Rust?";
        assert_eq!(titles(text, 3), ["Fast", "Safe", "Old"]);
    }

    #[test]
    fn where_there_are_more_questions_than_parts_neighbours_are_joined() {
        let parts = divide(&Subject::about(QUESTIONS), 3);
        let instructions: Vec<&str> = parts.iter().map(|part| part.instruction.as_str()).collect();
        assert_eq!(
            instructions,
            ["What is ownership?", "What is borrowing?", "What are lifetimes? What are traits?"]
        );
    }

    #[test]
    fn each_item_of_a_list_is_a_part() {
        let list = "Compare these for me:\n- green tea\n- black coffee\n* hot cocoa\n3. cold water";
        assert_eq!(titles(list, 8), ["Green tea", "Black coffee", "Hot cocoa", "Cold water"]);
    }

    #[test]
    fn one_long_sentence_is_divided_by_its_phrases_or_else_in_the_middle() {
        let sentence = "Write about the merchant fleets of medieval Venice and the spice trade of the eastern \
            Mediterranean and the banks or the insurers who paid for all of it and took all of the profit";
        assert_eq!(titles(sentence, 8).len(), 3);
        assert_eq!(titles(&"and so on ".repeat(30), 8).len(), 2);
    }

    #[test]
    fn a_simple_request_has_no_parts() {
        for text in ["What is Rust?", "", "Say hello to the world"] {
            assert_eq!(titles(text, 8), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn equal_titles_are_told_apart() {
        assert_eq!(titles("Why tea? What of tea? How is tea?", 3), ["Tea", "Tea (2)", "Tea (3)"]);
    }

    #[test]
    fn the_prompt_says_how_many_parts_there_may_be() {
        for (prompt, most) in [
            ("From two to 4 parts, of one size", 4),
            ("between 2 and 8 parts.", 8),
            ("1 parts, 900 parts, 5 parts", 5),
            ("parts of the answer", 3),
            ("", 3),
        ] {
            assert_eq!(most_parts(prompt), most, "{prompt}");
        }
    }
}
