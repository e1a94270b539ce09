//! Guesses which known name was meant by an unknown one: "did you mean …?".

/// The known name that `typed` most likely stands for; `None` if none is near enough. At most a third
/// of its characters, at least one and at most four, may be wrong.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let len = typed.chars().count();
    let tolerated = (len / 3).clamp(1, 4);
    known
        .into_iter()
        // As many characters are wrong at least, which is told without comparing all with all.
        .filter(|name| name.chars().count().abs_diff(len) <= tolerated)
        .map(|name| (strsim::osa_distance(typed, name), name))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `did you mean …?`, where there is a guess.
pub fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(typed, known).map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let known = ["analyze", "process", "temperature", "vars"];
        assert_eq!(nearest("analyse", known), Some("analyze"));
        assert_eq!(nearest("rpocess", known), Some("process"));
        assert_eq!(nearest("temprature", known), Some("temperature"));
        assert_eq!(nearest("var", known), Some("vars"));
        assert_eq!(nearest("render", known), None);
        assert_eq!(nearest("", known), None);
    }
}
