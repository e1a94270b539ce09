//! One list of diagnostics, with everything that a format could stumble over, for all formats.

mod github;
mod json;
mod junit;
mod sarif;
mod snippet;
mod text;

use super::*;
use crate::diagnostic::{Place, Severity};
use crate::rule::Rule;

/// Every kind of source, and every kind of text.
pub(in crate::report) fn everything() -> ValidationReport {
    ValidationReport {
        diagnostics: [in_files(), elsewhere()].concat(),
        prompts: vec![
            file("./prompts/chain_process.md"),
            Source::BuiltIn("chain_analyze.md"),
            Source::BuiltIn("chain_synthesize.md"),
        ],
        settings: true,
    }
}

/// Nothing found.
pub(in crate::report) fn nothing() -> ValidationReport {
    ValidationReport {
        diagnostics: Vec::new(),
        prompts: vec![file("prompts/a.md"), Source::BuiltIn("chain_synthesize.md")],
        settings: true,
    }
}

/// These alone, in one prompt among two.
fn report(diagnostics: Vec<Diagnostic>) -> ValidationReport {
    ValidationReport { diagnostics, ..nothing() }
}

/// A report as a snapshot shows it: without what sources of ours don't have in them.
fn shown(report: &ValidationReport, format: ReportFormat) -> String {
    render(report, format, false).unwrap().replace('\u{301}', "").replace('\u{ffff}', "<U+FFFF>")
}

/// The elements of an array, one a line.
fn lines(array: &serde_json::Value) -> String {
    let line = |element| crate::report::json::render(element, crate::report::Layout::Line).unwrap();
    array.as_array().unwrap().iter().map(line).collect()
}

fn file(path: &str) -> Source {
    Source::File(path.into())
}

fn at(line: u32, col: u32, len: u32) -> Place {
    Place { line, col, len }
}

fn in_files() -> Vec<Diagnostic> {
    let long =
        format!("{}{{{{ topci }}}}{}", "All work and no play. ".repeat(8), " makes Jack dull.".repeat(8));
    vec![
        Diagnostic::new(
            Rule::UndefinedVariable,
            file("./prompts/chain_process.md"),
            "`topci` isn't a variable: \u{1b}[31mred\u{1b}[0m\nand another line",
        )
        .at(at(12, 16, 5), "Write about {{ topci }} now.")
        .hint("did you mean `topic`?"),
        Diagnostic::new(Rule::UnusedVariable, file("./prompts/chain_process.md"), "`tone` isn't used")
            .at(at(4, 1, 4), "tone\t=\t'東京' # in use?"),
        Diagnostic::new(Rule::PromptFileMissing, file("prompts/none.md"), "there is no such file")
            .hint("files that override a built-in prompt are called chain_analyze.md, 100% exactly"),
        Diagnostic::new(Rule::FrontMatterUnclosed, file("a,b: 100%/un été\\東京.md"), "`+++` isn't closed")
            .at(at(1, 4, 0), "+++"),
        Diagnostic::new(Rule::AsksForFence, file("prompts/wide.md"), "asks for a code fence")
            .at(at(103, 10, 3), "\t東京 e\u{301}é: ``` \u{1b}[2J\u{9b}"),
        Diagnostic::new(Rule::UndefinedVariable, file("/etc/long.md"), "`topci` isn't a variable")
            .at(at(1, 180, 5), &long),
        Diagnostic::new(Rule::RepeatedVariable, file("odd\n\t\u{1b}\u{ffff}.env"), "set before, in line 2"),
    ]
}

fn elsewhere() -> Vec<Diagnostic> {
    let invalid = |source, message: &str| Diagnostic::new(Rule::InvalidValue, source, message);
    vec![
        Diagnostic::new(Rule::EmptyPrompt, Source::BuiltIn("chain_analyze.md"), "says nothing")
            .at(at(7, 1, 0), ""),
        invalid(Source::Environment, "CHAIN_THINKING=on: must be off or auto").hint("use off\nor auto"),
        invalid(Source::Environment, "LOG_LEVEL=loud: must be a level"),
        invalid(Source::Flag("--set process.max_tokens=0".to_owned()), "must be 1 or more"),
        Diagnostic::new(Rule::OverrideType, Source::Variable("count".to_owned()), "must be a number"),
        Diagnostic::new(Rule::MissingVariable, Source::Unsaid, "ANTHROPIC_API_KEY: must be set"),
        Diagnostic {
            severity: Severity::Error,
            ..Diagnostic::new(
                Rule::UnknownModel,
                Source::Upstream("https://api.example/v1".to_owned()),
                "<claude> & \"co\" aren't known, {0} [here](1)",
            )
        },
    ]
}

#[test]
fn every_format_ends_with_its_line_and_moves_no_cursor() {
    for format in [
        ReportFormat::Text,
        ReportFormat::Json,
        ReportFormat::Github,
        ReportFormat::Sarif,
        ReportFormat::Junit,
    ] {
        for report in [everything(), nothing(), ValidationReport::default()] {
            let text = render(&report, format, false).unwrap();
            let is_for_people = matches!(format, ReportFormat::Text | ReportFormat::Github);
            assert_eq!(text.is_empty(), is_for_people && report.diagnostics.is_empty(), "{format:?}");
            assert!(text.is_empty() || text.ends_with('\n'), "{format:?}: {text:?}");
            assert!(!text.ends_with("\n\n"), "{format:?}: {text:?}");
            assert!(text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{format:?}: {text}");
            let colored = render(&report, format, true).unwrap();
            let has_colors = format == ReportFormat::Text && !text.is_empty();
            assert_eq!(colored != text, has_colors, "{format:?}: {colored:?}");
        }
    }
}
