//! Variables, as the table of settings has them, and the few that aren't settings.

use super::entry::{Entry, EntryList};
use crate::settings::{Section, sections};

/// Variables that aren't settings of ours: what others have agreed on. They can't stand in `.env`.
pub const OUTSIDE_THE_TABLE: [(&str, &str); 7] = [
    ("NO_COLOR", "No colours, if it is set to anything. --color wins."),
    ("FORCE_COLOR", "Colours where there is no terminal too, if it is set to anything but 0. NO_COLOR wins."),
    ("TERM", "With dumb, there are no colours, and no line is rewritten."),
    ("HTTPS_PROXY", "The proxy for an upstream that is reached by https."),
    ("HTTP_PROXY", "The proxy for an upstream that is reached by http."),
    ("ALL_PROXY", "The proxy for either."),
    ("NO_PROXY", "Hosts that are reached without a proxy."),
];

/// Every variable under its heading, in the order of the table.
pub(super) fn environment() -> Vec<EntryList> {
    let settings = sections().iter().map(|Section { title, variables, .. }| {
        let entries = variables.iter().map(|variable| {
            let lines = vec![variable.doc.to_owned(), variable.takes()];
            Entry { term: variable.name.to_owned(), lines }
        });
        EntryList::new(*title, entries.collect())
    });
    let others = OUTSIDE_THE_TABLE
        .iter()
        .map(|(name, text)| Entry { term: (*name).to_owned(), lines: vec![(*text).to_owned()] });
    settings.chain([EntryList::new("Terminal and network", others.collect())]).collect()
}
