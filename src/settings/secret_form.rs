//! What a secret must look like, and how a file that holds one is read.

use std::path::Path;

use secrecy::SecretString;

use super::pairs::{PAIRS, parse_pairs};
use crate::small_file::read_small_file;

/// The longest secret, in bytes: servers refuse header lines beyond that, and no key needs as much.
const MAX_SECRET_BYTES: usize = 8 * 1024;

/// The shortest secret that tokens may be signed with, in characters.
const MIN_SIGNING_SECRET_CHARS: usize = 32;

/// What a secret is used for, which decides what it must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretForm {
    /// It is sent in an HTTP header.
    Header,
    /// It signs tokens, and is never sent.
    Signing,
    /// Headers by name, of which some may be secrets.
    Pairs,
}

impl SecretForm {
    /// What is allowed, to come after "must be".
    #[must_use]
    pub fn allowed(self) -> String {
        match self {
            Self::Header => {
                format!("at most {MAX_SECRET_BYTES} visible ASCII characters, without spaces or line breaks")
            }
            Self::Pairs => PAIRS.to_owned(),
            Self::Signing => {
                format!(
                    "at least {MIN_SIGNING_SECRET_CHARS} characters, and at most {MAX_SECRET_BYTES} bytes"
                )
            }
        }
    }

    /// How to come by a secret that is allowed, where users make it themselves.
    pub(super) fn hint(self) -> Option<&'static str> {
        match self {
            Self::Header | Self::Pairs => None,
            Self::Signing => Some("make one with: openssl rand -hex 32"),
        }
    }

    /// The secret that `text` is, if it is allowed.
    #[must_use]
    pub fn secret(self, text: &str) -> Option<SecretString> {
        let is_allowed = match self {
            Self::Header => text.bytes().all(|byte| byte.is_ascii_graphic()),
            Self::Pairs => parse_pairs(text)
                .is_some_and(|pairs| pairs.iter().all(|(name, value)| is_header(name, value))),
            Self::Signing => text.chars().nth(MIN_SIGNING_SECRET_CHARS - 1).is_some(),
        };
        (is_allowed && text.len() <= MAX_SECRET_BYTES).then(|| SecretString::from(text))
    }

    /// The secret in the file at `path`, without the white space round it; or what is wrong with the file.
    pub(super) fn secret_in_file(self, path: &Path) -> Result<SecretString, String> {
        // Room for the line break at the end.
        let max_bytes = u64::try_from(MAX_SECRET_BYTES).unwrap_or(u64::MAX).saturating_add(2);
        let text = read_small_file(path, max_bytes).map_err(|problem| format!("the file {problem}"))?;
        match text.trim() {
            "" => Err("the file is empty".to_owned()),
            text => self.secret(text).ok_or_else(|| self.wrong_content()),
        }
    }

    fn wrong_content(self) -> String {
        match self {
            Self::Header => format!(
                "the file must hold one line of at most {MAX_SECRET_BYTES} visible ASCII characters without \
                 spaces"
            ),
            Self::Signing | Self::Pairs => format!("the file must hold {}", self.allowed()),
        }
    }
}

/// Whether HTTP can carry it, and gRPC too.
fn is_header(name: &str, value: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && !name.to_ascii_lowercase().ends_with("-bin")
        && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}
