//! From the base URL that a user sets to the URL that is called. No other code joins URLs.

use url::Url;

use super::ClientError;

/// The URL of the Messages endpoint below `base_url`: its path and `/v1/messages`, of which the
/// base may have any part already, because every vendor documents another part as "the base URL".
///
/// # Errors
/// If `base_url` isn't http or https, or holds credentials, a query or a fragment.
pub(super) fn messages_url(base_url: &Url) -> Result<Url, ClientError> {
    if !matches!(base_url.scheme(), "http" | "https") {
        return Err(ClientError::Scheme);
    }
    if !base_url.username().is_empty() || base_url.password().is_some() {
        return Err(ClientError::UserInfo);
    }
    if base_url.query().is_some() || base_url.fragment().is_some() {
        return Err(ClientError::QueryOrFragment);
    }
    let path = base_url.path().trim_end_matches('/');
    let prefix = path.strip_suffix("/v1/messages").or_else(|| path.strip_suffix("/v1")).unwrap_or(path);
    let mut url = base_url.clone();
    url.set_path(&format!("{}/v1/messages", prefix.trim_end_matches('/')));
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(base_url: &str) -> Result<String, String> {
        let url = Url::parse(base_url).unwrap();
        messages_url(&url).map(String::from).map_err(|error| error.to_string())
    }

    #[test]
    fn the_endpoint_is_appended_exactly_once() {
        for (base_url, expected) in [
            ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
            ("https://api.anthropic.com/", "https://api.anthropic.com/v1/messages"),
            ("https://api.anthropic.com/v1", "https://api.anthropic.com/v1/messages"),
            ("https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages"),
            ("https://api.anthropic.com//v1//", "https://api.anthropic.com/v1/messages"),
            ("https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1/messages"),
            ("https://gateway/anthropic", "https://gateway/anthropic/v1/messages"),
            ("https://gateway/anthropic/", "https://gateway/anthropic/v1/messages"),
            ("https://gateway/anthropic/v1", "https://gateway/anthropic/v1/messages"),
            ("https://gateway/a%20b/v11", "https://gateway/a%20b/v11/v1/messages"),
            ("http://[::1]:11434", "http://[::1]:11434/v1/messages"),
        ] {
            assert_eq!(joined(base_url).as_deref(), Ok(expected), "{base_url}");
        }
    }

    #[test]
    fn what_could_leak_or_be_lost_is_refused_without_quoting_it() {
        for base_url in [
            "ftp://hunter2.example",
            "https://hunter2@host",
            "https://user:hunter2@host",
            "https://:hunter2@host",
            "https://host/?key=hunter2",
            "https://host/#hunter2",
        ] {
            let refusal = joined(base_url).unwrap_err();
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
    }
}
