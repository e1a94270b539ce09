//! "Did you mean …?"

/// Of `names`, the one that `typed` is most likely a misspelling of, if one is near enough.
pub(super) fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the letters wrong is no misspelling any more.
    let furthest = (typed.chars().count() / 3).min(4);
    names
        .map(|name| (strsim::osa_distance(typed, name), name))
        .filter(|(distance, _)| *distance <= furthest)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_is_near_and_another_word_is_not() {
        let names = || ["analyze", "process", "synthesize"].into_iter();
        assert_eq!(nearest("analyse", names()), Some("analyze"));
        assert_eq!(nearest("proces", names()), Some("process"));
        assert_eq!(nearest("rpocess", names()), Some("process"));
        assert_eq!(nearest("render", names()), None);
        assert_eq!(nearest("", names()), None);
    }
}
