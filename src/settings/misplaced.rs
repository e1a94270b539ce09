//! Secrets that were put where none belongs, so far as they can be told by their look: what has one in it is
//! shown nowhere.

/// How Anthropic's keys and tokens begin.
const KEY: &str = "sk-ant-";

/// How keys in PEM begin.
const PEM: &str = "-----BEGIN";

/// How a token begins: `{"` in base64.
const TOKEN: &str = "eyJ";

/// The fewest characters of a token's header: that of `{"alg":""}` in base64.
const MIN_HEADER: usize = 14;

/// Whether a key or a token stands anywhere in `text`, or it has several lines: where a quote isn't closed in
/// a `.env` file, one value swallows the lines below it, and their secrets.
#[must_use]
pub fn holds_secret(text: &str) -> bool {
    text.contains(['\n', '\r'])
        || text.contains(KEY)
        || text.contains(PEM)
        || begins_bearer(text)
        || text.match_indices(TOKEN).any(|(at, _)| text.get(at..).is_some_and(is_token))
}

/// What a header holds.
fn begins_bearer(text: &str) -> bool {
    text.split_once(char::is_whitespace).is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
}

/// Whether `text` begins with a header and a body as tokens have them.
fn is_token(text: &str) -> bool {
    let is_base64 = |char: char| char.is_ascii_alphanumeric() || "-_".contains(char);
    let header = text.chars().take_while(|char| is_base64(*char)).count();
    let mut rest = text.chars().skip(header);
    header >= MIN_HEADER && rest.next() == Some('.') && rest.next().is_some_and(is_base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tokens_are_told_wherever_they_stand() {
        for text in [
            "sk-ant-api03-x",
            "Bearer sk-ant-x",
            "bearer x",
            "http://h#sk-ant-x",
            "https://x.example,sk-ant-x",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln",
            "x=eyJhbGciOiJIUzI1NiJ9.e30",
            "-----BEGIN PRIVATE KEY-----",
            "loud\nJWT_SECRET=x",
        ] {
            assert!(holds_secret(text), "{text}");
        }
    }

    #[test]
    fn what_only_resembles_them_may_be_shown() {
        for text in
            ["", "claude-sonnet-4-5", "/etc/eyJoe.key", "eyJ.eyJ.x", "https://bearer.example", "bearer"]
        {
            assert!(!holds_secret(text), "{text}");
        }
    }
}
