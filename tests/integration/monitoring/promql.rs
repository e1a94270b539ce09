//! Which metrics and labels a query names. Whether it is one at all is for Prometheus to say.

use std::iter::Peekable;
use std::str::Chars;

/// A metric that a query selects, with the labels that it goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector {
    pub(super) metric: String,
    /// Label, operator and value.
    pub(super) matchers: Vec<(String, String, String)>,
}

/// What a query names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Named {
    pub(super) selectors: Vec<Selector>,
    /// The labels of `by (…)` and the like.
    pub(super) grouping: Vec<String>,
}

const GROUPING: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
const OPERATORS: [&str; 6] = ["and", "or", "unless", "offset", "bool", "atan2"];

/// Reads a query.
pub(super) fn named(query: &str) -> Named {
    let mut named = Named::default();
    let mut rest = query.chars().peekable();
    while let Some(&next) = rest.peek() {
        if next == '[' {
            // A duration.
            rest.by_ref().find(|c| *c == ']').expect("a bracket that closes");
        } else if next.is_ascii_digit() {
            take_while(&mut rest, |c| c.is_alphanumeric() || c == '.');
        } else if is_word(next) {
            let word = take_while(&mut rest, is_word);
            take_while(&mut rest, char::is_whitespace);
            match rest.peek().copied() {
                Some('(') if GROUPING.contains(&word.as_str()) => {
                    rest.next();
                    let labels: String = rest.by_ref().take_while(|c| *c != ')').collect();
                    let labels = labels.split(',').map(str::trim).filter(|label| !label.is_empty());
                    named.grouping.extend(labels.map(str::to_owned));
                }
                Some('(') => {}
                Some('{') => {
                    rest.next();
                    named.selectors.push(Selector { metric: word, matchers: matchers(&mut rest) });
                }
                // An aggregation whose grouping comes first, or `and` and the like.
                _ if is_before_grouping(&rest) || OPERATORS.contains(&word.as_str()) => {}
                _ => named.selectors.push(Selector { metric: word, matchers: Vec::new() }),
            }
        } else {
            rest.next();
        }
    }
    named
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

fn is_before_grouping(rest: &Peekable<Chars<'_>>) -> bool {
    let next: String = rest.clone().take_while(|c| is_word(*c)).collect();
    next == "by" || next == "without"
}

/// Up to the brace that closes.
fn matchers(rest: &mut Peekable<Chars<'_>>) -> Vec<(String, String, String)> {
    let mut matchers = Vec::new();
    loop {
        take_while(rest, |c| c == ',' || c.is_whitespace());
        if rest.next_if_eq(&'}').is_some() {
            return matchers;
        }
        let label = take_while(rest, is_word);
        let operator = take_while(rest, |c| "=!~".contains(c));
        assert_eq!(rest.next(), Some('"'), "after {label}{operator}");
        let value = take_while(rest, |c| c != '"');
        rest.next();
        matchers.push((label, operator, value));
    }
}

fn take_while(rest: &mut Peekable<Chars<'_>>, wanted: impl Fn(char) -> bool) -> String {
    std::iter::from_fn(|| rest.next_if(|c| wanted(*c))).collect()
}

#[test]
fn metrics_and_labels_are_found_wherever_they_stand() {
    let query = r#"1 - sum by (job) (rate(a_bucket{x="1", y=~"p|q", z!=""}[10m])) / on (k) group_left () b:c
        and max_over_time(d[2m]) == 2 or sum(e{}) without (n) > 0.5"#;
    let named = named(query);
    let metrics: Vec<&str> = named.selectors.iter().map(|it| it.metric.as_str()).collect();
    assert_eq!(metrics, ["a_bucket", "b:c", "d", "e"]);
    let matchers: Vec<String> =
        named.selectors[0].matchers.iter().map(|(l, o, v)| format!("{l}{o}{v}")).collect();
    assert_eq!(matchers, ["x=1", "y=~p|q", "z!="]);
    assert_eq!(named.grouping, ["job", "k", "n"]);
}
