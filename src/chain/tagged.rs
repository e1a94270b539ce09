//! Words that aren't ours, between tags.
//!
//! The tags end in an id made of a hash over everything between such tags, so that no text can hold the
//! tag that would end it.

use sha2::{Digest, Sha256};

/// A piece of text to stand between tags.
pub(super) struct Tagged {
    tag: &'static str,
    attributes: String,
    body: String,
}

impl Tagged {
    pub(super) fn new(tag: &'static str, body: impl Into<String>) -> Self {
        Self { tag, attributes: String::new(), body: body.into() }
    }

    /// With that attribute in its opening tag.
    pub(super) fn with(self, name: &str, value: &str) -> Self {
        Self { attributes: format!("{} {name}=\"{value}\"", self.attributes), ..self }
    }

    pub(super) fn body(&self) -> &str {
        &self.body
    }

    pub(super) fn render(&self, id: &str) -> String {
        let Self { tag, attributes, body } = self;
        format!("<{tag}-{id}{attributes}>\n{body}\n</{tag}-{id}>\n\n")
    }
}

/// Twelve hexadecimal digits that depend on every one of these texts: the same texts, the same id, so
/// that requests stay the same byte for byte.
pub(super) fn id_of<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    let digest = hash.finalize();
    let first_48_bits = digest.iter().take(6).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    format!("{first_48_bits:012x}")
}
