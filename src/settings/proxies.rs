//! Variables that name a proxy, which are the HTTP client's business and no settings of ours: one that it can't read
//! it ignores without a word, and calls that were to go through a proxy go without.

use std::ffi::OsStr;

use hyper::Uri;

use super::problem::HIDDEN;
use super::sources::Environment;
use super::{Origin, Problem};
use crate::rule::Rule;

/// Of each pair, the first that is set counts.
const NAMES: [[&str; 2]; 3] =
    [["HTTPS_PROXY", "https_proxy"], ["HTTP_PROXY", "http_proxy"], ["ALL_PROXY", "all_proxy"]];

/// Whether a variable of that name names a proxy.
pub(super) fn is_about_one(name: &str) -> bool {
    NAMES.as_flattened().contains(&name)
}

/// A warning for each that can't be read. The value isn't shown: there may be a password in it.
pub(super) fn warnings(environment: &Environment) -> Vec<Problem> {
    let counts = |names: [&'static str; 2]| {
        names.into_iter().find_map(|name| environment.value(name).map(|value| (name, value)))
    };
    let unreadable = NAMES.into_iter().filter_map(counts).filter(|(_, value)| !is_readable(value));
    let problem = |(name, _)| {
        let message = "can't be read as a proxy's address, and calls go without it";
        Problem::new(Rule::UnreadableProxy, name, Origin::Environment, message).with_value(HIDDEN).hint(
            "write it as http://host:port, or http://user:password@host:port with % for what is special",
        )
    };
    unreadable.map(problem).collect()
}

/// Whether the HTTP client makes a proxy of it.
fn is_readable(value: &OsStr) -> bool {
    let Some(uri) = value.to_str().and_then(|value| value.parse::<Uri>().ok()) else { return false };
    let is_http = uri.scheme_str().is_none_or(|scheme| matches!(scheme, "http" | "https"));
    is_http && uri.authority().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned_of(variables: &[(&str, &str)]) -> Vec<String> {
        let environment = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        warnings(&environment).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_proxy_that_cannot_be_read_is_warned_of_and_its_password_not_shown() {
        for value in ["http://", "ftp://proxy:3128", "http://us er:canary@proxy", "/proxy", "socks5://p"] {
            let told = warned_of(&[("HTTPS_PROXY", value)]);
            assert_eq!(told.len(), 1, "{value}");
            assert!(told[0].starts_with("HTTPS_PROXY=[hidden] (environment): can't be read"), "{told:?}");
        }
        for value in
            ["", "proxy", "proxy:3128", "http://proxy", "https://user:pass%20word@proxy:3128/", "[::1]:80"]
        {
            assert!(warned_of(&[("https_proxy", value), ("ALL_PROXY", value)]).is_empty(), "{value}");
        }
    }

    #[test]
    fn of_two_spellings_the_one_that_counts_is_looked_at() {
        assert!(warned_of(&[("HTTP_PROXY", "proxy:1"), ("http_proxy", "http://")]).is_empty());
        assert_eq!(warned_of(&[("HTTP_PROXY", "http://"), ("http_proxy", "proxy:1")]).len(), 1);
        assert!(warned_of(&[("NO_PROXY", "http://"), ("PROXY", "http://")]).is_empty());
    }
}
