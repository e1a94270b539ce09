//! Finds where front matter ends and the template begins. Reads neither.

use std::ops::Range;

use super::source_text::SourceText;
use crate::diagnostic::Diagnostic;
use crate::rule::Rule;

/// The line before and after front matter.
const BORDER: &str = "+++";

/// Where the parts of a prompt file are, in bytes.
pub(super) struct Parts {
    pub(super) front_matter: Range<usize>,
    pub(super) template_start: usize,
}

impl Parts {
    /// Finds them; without front matter, all is template.
    pub(super) fn of(source: &SourceText) -> Result<Self, Diagnostic> {
        let mut lines = source.text.split_inclusive('\n');
        let first = lines.next().unwrap_or_default();
        match first.trim_end() {
            BORDER => {}
            "---" => {
                return Err(source
                    .diagnostic(&(0..first.len()), Rule::FrontMatterSyntax, "front matter isn't written between ---")
                    .hint("write it as TOML between two lines of +++; before --- that is text, leave an empty line"));
            }
            _ => return Ok(Self { front_matter: 0..0, template_start: 0 }),
        }
        let mut end = first.len();
        for line in lines {
            if line.trim_end() == BORDER {
                return Ok(Self { front_matter: first.len()..end, template_start: end + line.len() });
            }
            end += line.len();
        }
        Err(source
            .diagnostic(
                &(0..first.len()),
                Rule::FrontMatterUnclosed,
                "front matter begins here, and doesn't end",
            )
            .hint("close it with a second line of +++"))
    }
}
