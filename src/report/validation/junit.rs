//! `JUnit` XML: a suite for each thing that was checked. An error is a failed test; a warning is a passed
//! one that has something to say; what is fine is a passed test too, so that no report is empty.

use std::io;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::ValidationReport;
use super::source_name::{file, on_one_line, slashed, source_name};
use super::text::paragraph;
use crate::diagnostic::Diagnostic;
use crate::report::look::Look;
use crate::report::terminal_text::one_line;

/// The suite of settings that nobody set, and of settings that are fine.
const SETTINGS: &str = "settings";

pub(super) fn render(report: &ValidationReport) -> io::Result<String> {
    let mut junit = Report::new("promptchain validate");
    junit.add_test_suites(suites(report).iter().map(|name| suite(name, report)));
    junit.to_string().map_err(io::Error::other)
}

/// The names of the suites: first where something was found, then what is fine.
fn suites(report: &ValidationReport) -> Vec<String> {
    let settings_are_fine =
        report.settings && report.diagnostics.iter().all(|diagnostic| diagnostic.rule.is_about_prompts());
    let found = report.diagnostics.iter().map(suite_of);
    let prompts = report.prompts.iter().filter_map(source_name);
    let settings = settings_are_fine.then(|| SETTINGS.to_owned());
    let mut names = Vec::new();
    for name in found.chain(prompts).chain(settings) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn suite_of(diagnostic: &Diagnostic) -> String {
    source_name(&diagnostic.source).unwrap_or_else(|| SETTINGS.to_owned())
}

fn suite(name: &str, report: &ValidationReport) -> TestSuite {
    let mut suite = TestSuite::new(fit_for_xml(name));
    for diagnostic in report.diagnostics.iter().filter(|diagnostic| suite_of(diagnostic) == name) {
        let case = test_case(diagnostic, &suite.test_cases);
        suite.add_test_case(case);
    }
    if suite.test_cases.is_empty() {
        suite.add_test_case(TestCase::new("no problems", TestCaseStatus::success()));
    }
    for case in &mut suite.test_cases {
        case.set_classname(suite.name.clone());
    }
    suite
}

fn test_case(diagnostic: &Diagnostic, others: &[TestCase]) -> TestCase {
    let body = fit_for_xml(&paragraph(diagnostic, Look::plain(false)));
    let mut status = TestCaseStatus::success();
    if diagnostic.is_error() {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let message = fit_for_xml(&one_line(&diagnostic.message));
        status.set_message(message).set_type(diagnostic.rule.name()).set_description(&body);
    }
    let mut case = TestCase::new(unique_name(diagnostic, others), status);
    if !diagnostic.is_error() {
        case.set_system_out(body);
    }
    if let Some(path) = file(diagnostic) {
        case.extra.insert("file".into(), fit_for_xml(&on_one_line(&slashed(path))).into());
        if let Some(place) = diagnostic.place {
            case.extra.insert("line".into(), place.line.to_string().into());
        }
    }
    case
}

/// The rule and the place: readers take tests of one name for one test.
fn unique_name(diagnostic: &Diagnostic, others: &[TestCase]) -> String {
    let rule = diagnostic.rule.name();
    let name = match diagnostic.place {
        Some(place) => format!("{rule} at {}:{}", place.line, place.col),
        None => rule.to_owned(),
    };
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    let is_free = |name: &String| others.iter().all(|other| other.name.as_str() != name);
    std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
}

/// XML has no way to write these two, and the rest that it can't is visible in any text already.
fn fit_for_xml(text: &str) -> String {
    text.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}
