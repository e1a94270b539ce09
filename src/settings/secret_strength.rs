//! Tells secrets that can be guessed, though they are long enough.

use std::collections::BTreeSet;

/// What secrets in examples contain, without the signs between words: those of `.env.example` files, of
/// tutorials and of <https://jwt.io>. None is so short that a random secret would have it by chance.
const PLACEHOLDERS: [&str; 34] = [
    // What is asked for.
    "changeme",
    "changethis",
    "changein",
    "changebefore",
    "changeto",
    "replaceme",
    "replacethis",
    "replacewith",
    "pleasechange",
    "placeholder",
    "example",
    "goeshere",
    "keyhere",
    "secrethere",
    "stringhere",
    "openssl",
    "atleast32",
    "minimum32",
    "min32char",
    "32character",
    // What it is called.
    "yoursecret",
    "yourjwt",
    "yoursuper",
    "secretkey",
    "jwtsecret",
    "supersecret",
    "mysecret",
    "topsecret",
    "bitsecret",
    "stringsecret",
    "testsecret",
    "devsecret",
    "insecure",
    "abcdefghij",
];

/// Random secrets that tutorials and the examples of libraries have made known: `FastAPI`'s, and two that
/// articles on Spring share.
const PUBLISHED: [&str; 3] = [
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970",
    "413f4428472b4b6250655368566d5970337336763979244226452948404d6351",
];

/// The fewest different characters of a secret that nobody typed. 32 random digits have fewer once in
/// many millions of times.
const MIN_DIFFERENT_CHARS: usize = 6;

/// The longest pattern that is no secret when repeated, in characters.
const MAX_PATTERN_CHARS: usize = 16;

/// What makes `secret` easy to guess, to come after its name; `None` if nothing is known to.
pub(super) fn weakness(secret: &str) -> Option<&'static str> {
    if is_placeholder(secret) {
        Some("looks like the placeholder of an example")
    } else if is_repetitive(secret) {
        Some("has few different characters, or repeats a short pattern")
    } else {
        None
    }
}

fn is_placeholder(secret: &str) -> bool {
    let letters: String = secret.chars().filter(|char| char.is_alphanumeric()).collect();
    let letters = letters.to_ascii_lowercase();
    PUBLISHED.contains(&letters.as_str())
        || PLACEHOLDERS.iter().any(|placeholder| letters.contains(placeholder))
}

fn is_repetitive(secret: &str) -> bool {
    let chars: Vec<char> = secret.chars().collect();
    let different: BTreeSet<&char> = chars.iter().collect();
    let longest = MAX_PATTERN_CHARS.min(chars.len() / 2);
    let repeats = |length| chars.iter().zip(chars.iter().skip(length)).all(|(one, other)| one == other);
    different.len() < MIN_DIFFERENT_CHARS || (1..=longest).any(repeats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_weak_however_its_words_are_joined() {
        for secret in [
            "change-me-change-me-change-me-0123456789",
            "CHANGE_ME_to_something_of_32_characters",
            "your-secret-of-at-least-32-characters",
            "your-super-secret-jwt-key-minimum-32-chars",
            "this is the secret key of our company",
            "dev-secret-key-change-in-production-0123",
            "your_super_secure_random_string_here_min_32_chars",
            "your-256-bit-secret-your-256-bit-secret",
            "a-string-secret-at-least-256-bits-long",
            "django-insecure-x7$k2!qz9vw#n4m8@c5r1t6y",
            "REPLACE_WITH_A_LONG_RANDOM_VALUE_PLEASE",
            "<generate with: openssl rand -hex 32>",
            "mysecretmysecretmysecretmysecretmysecret!",
            "<random string of at least 32 characters>",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
            "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970",
        ] {
            assert_eq!(weakness(secret), Some("looks like the placeholder of an example"), "{secret}");
        }
    }

    #[test]
    fn a_secret_of_few_characters_or_a_short_pattern_is_weak() {
        for secret in [
            "a".repeat(32),
            "0".repeat(64),
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbc".to_owned(),
            "1234567890".repeat(4),
            "1234567890".repeat(4).split_off(7),
            "0123456789abcdef".repeat(2),
        ] {
            let expected = "has few different characters, or repeats a short pattern";
            assert_eq!(weakness(&secret), Some(expected), "{secret}");
        }
    }

    #[test]
    fn a_random_secret_is_not_weak() {
        for secret in [
            "9f2c1b7a5d3e8f604c2b1a9d7e6f5c3b",
            "31415926535897932384626433832795",
            "kZ8v3Qm1xT6rWp0yNc5bLs7dHf2gJa4e+/=",
            "correct horse battery staple with salt",
            "9f2c1b7a5d3e8f604c2b1a9d7e6f5c3b9f2c1b7a5d3e8f604c2b1a9d7e6f5c3b",
        ] {
            assert_eq!(weakness(secret), None, "{secret}");
        }
    }
}
