//! Finds variables that look like ours and aren't: most likely they are misspelt.

use std::borrow::Cow;
use std::ffi::OsStr;

use super::first_few::FirstFew;
use super::problem::printable;
use super::{EnvFile, Origin, Problem, Sources, table};
use crate::nearest::nearest;
use crate::rule::Rule;

/// What only our variables begin with.
const OUR_PREFIXES: [&str; 4] = ["CHAIN_", "RETRY_", "CIRCUIT_BREAKER_", "STREAMING_"];

/// What, where something is served, only our variables begin with. Elsewhere they may be those of
/// another program's server in the same folder.
const SERVER_PREFIXES: [&str; 5] = ["RATE_LIMIT_", "JWT_", "CORS_", "SERVICE_MODEL_", "STREAM_"];

pub(super) fn has_our_prefix(name: &str) -> bool {
    OUR_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || is_like_the_servers(name)
}

/// Whether it looks like a variable of the server.
pub(super) fn is_like_the_servers(name: &str) -> bool {
    SERVER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether two names differ by no more than a slip of the finger.
fn is_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.replace('_', ""), other.replace('_', ""));
    one == other || (one.len() > 5 && strsim::osa_distance(&one, &other) == 1)
}

fn letters(name: &str) -> impl DoubleEndedIterator<Item = char> {
    name.chars().filter(|c| *c != '_')
}

/// Whether two names can be a slip apart: it leaves their first two characters or their last two as they are,
/// which is far sooner told than how many slips there are.
fn begin_or_end_alike(one: &str, other: &str) -> bool {
    let first = |name| letters(name).take(2);
    let last = |name| letters(name).rev().take(2);
    first(one).eq(first(other)) || last(one).eq(last(other))
}

/// A warning for each variable, or for the first few of many, in the environment and in the `.env` file that
/// looks like ours and isn't.
pub(super) fn warnings(sources: &Sources) -> Vec<Problem> {
    let in_environment = sources.environment.names().map(|name| (name, Origin::Environment));
    let in_file = sources.env_file.iter().flat_map(EnvFile::names);
    let mut unknown = FirstFew::new();
    for (name, origin) in in_environment.chain(in_file) {
        if table::find(name).is_some() {
            continue;
        }
        let meant = || nearest(name, table::variables().map(|variable| variable.name));
        let is_like_ours = has_our_prefix(name) && sources.are_about(name);
        // In a file beside us, what is all but a name of ours is one.
        let is_all_but_ours = || {
            let in_file = matches!(origin, Origin::EnvFile { .. });
            let mut known = table::variables().map(|variable| variable.name);
            in_file
                && known.any(|known| begin_or_end_alike(name, known))
                && meant().is_some_and(|known| sources.are_about(known) && is_slip(name, known))
        };
        if is_like_ours || is_all_but_ours() {
            unknown.push(|| {
                let message = "isn't a variable of this program, and has no effect";
                let hint = meant().map(|known| format!("did you mean {known}?"));
                let name = match origin {
                    // A name in the environment may be of any characters and length.
                    Origin::Environment => Cow::Owned(printable(OsStr::new(name))),
                    _ => Cow::Borrowed(name),
                };
                Problem { hint, ..Problem::new(Rule::UnknownVariable, &name, origin, message) }
            });
        }
    }
    unknown.with_rest(|others| {
        let message = format!("and {others} more variables that have no effect");
        Problem { variable: None, ..Problem::new(Rule::UnknownVariable, "", Origin::Default, message) }
    })
}
