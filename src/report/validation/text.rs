//! For people: one paragraph a problem.

use super::ValidationReport;
use super::snippet::{Snippet, snippet};
use super::source_name::place_name;
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::look::Look;
use crate::report::terminal_text::one_line;

pub(super) fn render(report: &ValidationReport, look: Look) -> String {
    let paragraphs = report.diagnostics.iter().map(|diagnostic| paragraph(diagnostic, look));
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// `file:line:col: error: message [rule]`, the line with an underline, and the hint.
pub(super) fn paragraph(diagnostic: &Diagnostic, look: Look) -> String {
    let Diagnostic { rule, severity, message, hint, .. } = diagnostic;
    let mut text = place_name(diagnostic).map(|place| look.strong(&place) + ": ").unwrap_or_default();
    text.push_str(&tinted(*severity, look, &format!("{}:", severity.as_str())));
    let rule = look.dim(&format!("[{}]", rule.name()));
    text.push_str(&format!(" {} {rule}\n", one_line(message)));
    // What stands below the line stands right of its number.
    let mut indent = " ".to_owned();
    if let (Some(place), Some(excerpt)) = (diagnostic.place, &diagnostic.excerpt) {
        let Snippet { line, before, underline } = snippet(excerpt.text(), excerpt.place(place));
        let number = format!(" {} |", place.line);
        let below = format!("{:1$} |", "", number.len() - 2);
        text.push_str(format!("{} {line}", look.dim(&number)).trim_end());
        let underline = tinted(*severity, look, &underline);
        text.push_str(&format!("\n{} {before}{underline}\n", look.dim(&below)));
        indent = " ".repeat(number.len() - 1);
    }
    if let Some(hint) = hint {
        text.push_str(&format!("{indent}= {} {}\n", look.busy("hint:"), one_line(hint)));
    }
    text
}

fn tinted(severity: Severity, look: Look, text: &str) -> String {
    match severity {
        Severity::Error => look.bad(text),
        Severity::Warning => look.caution(text),
    }
}
