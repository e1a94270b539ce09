//! The text of `.env.example`, made from the table, and of a `.env` to start from.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Fallback, Section, Variable, sections};

const HEAD: &str = "\
# Settings of promptchain. Copy this file to .env and change what you need; as it stands it
# changes nothing. A flag wins over the environment, the environment over this file, and this file
# over a prompt's front matter. Values are taken as they stand: nothing like ${NAME} is replaced.
# Times are in seconds where nothing else is said, or have a unit: 1.5, 90s, 2m.
#
# Generated from the program's table of variables by: UPDATE=1 cargo test env_example
";

const HEAD_TO_START: &str = "\
# Settings of promptchain, secrets among them: keep this file out of version control. A flag wins
# over the environment, the environment over this file, and this file over a prompt's front matter.
# Values are taken as they stand: nothing like ${NAME} is replaced. Times are in seconds where
# nothing else is said, or have a unit: 1.5, 90s, 2m.
";

/// Width of the text, comment sign included.
const WIDTH: usize = 100;

/// The text of `.env.example`: every variable with what it is for, what it takes and its default.
/// All that isn't needed is commented out.
#[must_use]
pub fn env_example() -> String {
    text(HEAD, &[])
}

/// A `.env` to start from: the same, with these variables set to these values. Blank ones are left as
/// they are in the example.
#[must_use]
pub fn env_to_start(values: &[(&str, &str)]) -> String {
    text(HEAD_TO_START, values)
}

fn text(head: &str, values: &[(&str, &str)]) -> String {
    let mut text = head.to_owned();
    for Section { title, variables, .. } in sections() {
        let _ = write!(text, "\n# --- {title} ---\n");
        for variable in *variables {
            let value = values.iter().find(|(name, value)| *name == variable.name && !value.is_empty());
            push_variable(&mut text, variable, value.map(|(_, value)| *value));
        }
    }
    text
}

fn push_variable(text: &mut String, variable: &Variable, value: Option<&str>) {
    text.push('\n');
    push_comment(text, variable.doc);
    push_comment(text, &variable.takes());
    if let Some(value) = value {
        let _ = writeln!(text, "{}={}", variable.name, quoted(value));
        return;
    }
    let sign = if matches!(variable.fallback, Fallback::Required(_)) { "" } else { "# " };
    let _ = writeln!(text, "{sign}{}={}", variable.name, variable.default().unwrap_or_default());
}

/// The value, in quotes if it needs some to be read as it is.
fn quoted(value: &str) -> Cow<'_, str> {
    if value.chars().all(|char| char.is_ascii_alphanumeric() || "-_./:=+".contains(char)) {
        return Cow::Borrowed(value);
    }
    if !value.contains('\'') {
        return Cow::Owned(format!("'{value}'"));
    }
    let escaped = value.replace('\\', r"\\").replace('"', "\\\"").replace('$', r"\$");
    Cow::Owned(format!("\"{escaped}\""))
}

/// As many lines as it takes, broken between words.
fn push_comment(text: &mut String, comment: &str) {
    let mut line = "#".to_owned();
    for word in comment.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}
