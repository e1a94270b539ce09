//! The commands of a GitHub workflow that make annotations: one a problem.

use super::ValidationReport;
use super::source_name::{file, place_name, slashed};
use crate::diagnostic::Diagnostic;
use crate::report::terminal_text::{one_line, visible};

pub(super) fn render(report: &ValidationReport) -> String {
    report.diagnostics.iter().map(command).collect()
}

fn command(diagnostic: &Diagnostic) -> String {
    let mut properties = Vec::new();
    let mut message = one_line(&diagnostic.message);
    if let Some(path) = file(diagnostic) {
        properties.push(format!("file={}", property(&slashed(path))));
        if let Some(place) = diagnostic.place {
            properties.push(format!("line={},col={}", place.line, place.col));
            if place.len > 0 {
                properties.push(format!("endColumn={}", place.col.saturating_add(place.len)));
            }
        }
    } else if let Some(place) = place_name(diagnostic) {
        message = format!("{place}: {message}");
    }
    properties.push(format!("title={}", property(diagnostic.rule.name())));
    if let Some(hint) = &diagnostic.hint {
        message.push_str(&format!("\nhint: {}", one_line(hint)));
    }
    format!("::{} {}::{}\n", diagnostic.severity.as_str(), properties.join(","), escaped(&message))
}

/// What the runner turns back into the text.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same within a property. Other control characters don't belong into a log.
fn property(text: &str) -> String {
    let text = escaped(text).replace(':', "%3A").replace(',', "%2C");
    visible(&text).into_owned()
}
