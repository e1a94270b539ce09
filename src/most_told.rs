//! Keeps what is said of one file in its limits: a file of nothing but mistakes has one for each word.

use crate::diagnostic::Diagnostic;

/// The most problems of one kind that are told of a file one by one.
pub const MOST_TOLD: usize = 50;

/// The first of `problems`, and if there are many, a last diagnostic that says so at the place of the next. No
/// more of them are made.
pub fn tell_most(problems: impl IntoIterator<Item = Diagnostic>) -> Vec<Diagnostic> {
    let mut problems = problems.into_iter();
    let mut told: Vec<Diagnostic> = problems.by_ref().take(MOST_TOLD).collect();
    told.extend(problems.next().map(standing_for_the_rest));
    told
}

fn standing_for_the_rest(first: Diagnostic) -> Diagnostic {
    let message = "there is more of this kind from here on, which is left out".to_owned();
    Diagnostic { message, ..first }.hint("mend what is told first")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::rule::Rule;

    /// The messages of that many problems.
    fn messages(count: usize) -> Vec<String> {
        let problem = |number: usize| {
            let message = number.to_string();
            Diagnostic::new(Rule::UnusedVariable, Source::BuiltIn("x.md"), message).hint("drop it")
        };
        tell_most((0..count).map(problem)).into_iter().map(|diagnostic| diagnostic.message).collect()
    }

    #[test]
    fn of_many_problems_it_is_said_that_there_are_more() {
        let many = messages(20_000);
        assert_eq!(many.len(), 51);
        assert_eq!(many[49], "49");
        assert_eq!(many[50], "there is more of this kind from here on, which is left out");
    }

    #[test]
    fn as_many_as_are_told_are_told_without_a_word_of_more() {
        assert_eq!(messages(50).last().map(String::as_str), Some("49"));
        assert_eq!(messages(0), [""; 0]);
    }
}
