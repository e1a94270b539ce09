//! Tells an error to whoever is there: people or a program.

use crate::chain::ChainError;
use crate::error::{Error, ErrorCode};
use crate::report::json::{Layout, render};
use crate::report::terminal_text::one_line;
use crate::report::wire::StepWord;
use crate::report::{ErrorDocument, ErrorReport};

/// The error as text for people: what, why, what to do.
#[must_use]
pub fn error_text(error: &Error, color: bool) -> String {
    let style = |style: console::Style, text: &str| style.force_styling(color).apply_to(text).to_string();
    let mut text =
        format!("{} {}\n", style(console::Style::new().red().bold(), "error:"), one_line(&error.message));
    let label = if error.is_list { "  -" } else { "caused by:" };
    for cause in &error.causes {
        text.push_str(&format!("{label} {}\n", one_line(cause)));
    }
    if let Some(hint) = &error.hint {
        text.push_str(&format!("{} {}\n", style(console::Style::new().cyan(), "hint:"), one_line(hint)));
    }
    text
}

/// The error as one line of JSON for programs.
#[must_use]
pub fn error_json(error: &Error) -> String {
    let document = ErrorDocument::new(error_report(error), error.spend.as_deref());
    // None of the document's types can fail to be written.
    render(&document, Layout::Line).unwrap_or_default()
}

/// The error in the wire's terms.
pub(super) fn error_report(error: &Error) -> ErrorReport {
    ErrorReport {
        code: error.code.as_str().to_owned(),
        message: error.message.clone(),
        causes: error.causes.clone(),
        step: error.step.map(StepWord::from),
        request_id: error.request_id.clone(),
        upstream_request_id: error.upstream_request_id.clone(),
        retryable: error.retryable,
        hint: error.hint.clone(),
    }
}

/// The stable word for a chain's error.
pub(super) fn code_of(error: &ChainError) -> &'static str {
    Error::from(error).code.as_str()
}

/// The result can't be written.
pub(super) fn output_error(error: &std::io::Error) -> Error {
    Error::new(ErrorCode::Output, "the result can't be written").because(error)
}
