//! Variables: which other origins' pages may call the API from a browser.

use axum::http::{HeaderName, Method};
use url::Url;

use crate::settings::list::parse_all_or_any;
use crate::settings::{Fallback, Kind, OnReload, Section, Variable};

pub(super) const SECTION: Section = Section {
    title: "Cross-origin requests",
    for_server: true,
    variables: &[
        Variable {
            name: "CORS_ORIGINS",
            kind: Kind::List {
                items: "origins such as https://app.example:8443, without a path, or * for all",
                set: |s, items| {
                    s.server.cors.origins = parse_all_or_any(items, origin)?;
                    Ok(())
                },
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "The origins whose pages may call the API.",
        },
        Variable {
            name: "CORS_ALLOW_CREDENTIALS",
            kind: Kind::Switch { set: |s, on| s.server.cors.allow_credentials = on },
            fallback: Fallback::Value("false"),
            on_reload: OnReload::Taken,
            doc: "Whether browsers may send cookies and the like. Switched off if all origins are allowed.",
        },
        Variable {
            name: "CORS_ALLOW_METHODS",
            kind: Kind::List {
                items: "HTTP methods, or * for all",
                set: |s, items| {
                    s.server.cors.allow_methods = parse_all_or_any(items, method)?;
                    Ok(())
                },
            },
            fallback: Fallback::Value("GET,POST,OPTIONS"),
            on_reload: OnReload::Taken,
            doc: "The methods that pages may use.",
        },
        Variable {
            name: "CORS_ALLOW_HEADERS",
            kind: Kind::List {
                items: "names of HTTP headers, or * for all",
                set: |s, items| {
                    s.server.cors.allow_headers = parse_all_or_any(items, header)?;
                    Ok(())
                },
            },
            // OpenAI's client sends a dozen x-stainless headers of its own, and which changes.
            fallback: Fallback::Value("*"),
            on_reload: OnReload::Taken,
            doc: "The request headers that pages may send.",
        },
    ],
};

/// An origin as browsers write it: in lower case, without the scheme's own port. A slash at the end is
/// forgiven.
fn origin(item: &str) -> Option<String> {
    let (_, after_scheme) = item.split_once("://")?;
    let after_scheme = after_scheme.strip_suffix('/').unwrap_or(after_scheme);
    // A star within a name would look as if it did something.
    let is_bare = !after_scheme.contains(['/', '\\', '@', '?', '#', '*']);
    if !is_bare || item.contains(|char: char| char.is_whitespace() || char.is_control()) {
        return None;
    }
    let url = Url::parse(item).ok()?;
    // Of the characters that a URL's host may have, those of names and addresses: a line that another has run
    // into is no name.
    let is_of_host = |char: char| char.is_ascii_alphanumeric() || ".-[]:".contains(char);
    let host = url.host_str().filter(|host| !host.is_empty() && host.chars().all(is_of_host))?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{}{port}", url.scheme(), host.to_ascii_lowercase()))
}

fn method(item: &str) -> Option<String> {
    Method::from_bytes(item.to_ascii_uppercase().as_bytes()).ok().map(|method| method.to_string())
}

fn header(item: &str) -> Option<String> {
    HeaderName::from_bytes(item.as_bytes()).is_ok().then(|| item.to_owned())
}
