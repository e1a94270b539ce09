//! A word that stands for nothing there is to tell about.

use std::fmt;

use crate::nearest::nearest;

/// A word that stands for nothing there is to tell about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    what: &'static str,
    word: String,
    /// What was probably meant.
    pub nearest: Option<String>,
}

impl Unknown {
    /// `what` names the kind of thing that was looked for among the `known`.
    pub(super) fn new<'a>(what: &'static str, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { what, word: word.to_owned(), nearest: nearest(word, known).map(str::to_owned) }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {} {}", self.what, self.word)
    }
}
