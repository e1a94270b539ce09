//! `JUnit` XML: a suite for each thing that was checked. An error is a failed test; a warning is a passed
//! one that has something to say; what is fine is a passed test too, so that no report is empty.

use std::collections::HashMap;
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
    junit.add_test_suites(suites(report).iter().map(suite));
    junit.to_string().map_err(io::Error::other)
}

/// The name of a suite, and what was found there.
type Found<'r> = (String, Vec<&'r Diagnostic>);

/// The suites: first where something was found, then what is fine.
fn suites(report: &ValidationReport) -> Vec<Found<'_>> {
    let settings_are_fine =
        report.settings && report.diagnostics.iter().all(|diagnostic| diagnostic.rule.is_about_prompts());
    let found = report.diagnostics.iter().map(|diagnostic| (suite_of(diagnostic), Some(diagnostic)));
    let prompts = report.prompts.iter().filter_map(source_name).map(|name| (name, None));
    let settings = settings_are_fine.then(|| (SETTINGS.to_owned(), None));
    let mut suites: Vec<Found<'_>> = Vec::new();
    let mut places = HashMap::new();
    for (name, diagnostic) in found.chain(prompts).chain(settings) {
        let place = *places.entry(name.clone()).or_insert(suites.len());
        if place == suites.len() {
            suites.push((name, Vec::new()));
        }
        if let Some((_, found)) = suites.get_mut(place) {
            found.extend(diagnostic);
        }
    }
    suites
}

fn suite_of(diagnostic: &Diagnostic) -> String {
    source_name(&diagnostic.source).unwrap_or_else(|| SETTINGS.to_owned())
}

fn suite((name, found): &Found<'_>) -> TestSuite {
    let mut suite = TestSuite::new(fit_for_xml(name));
    let mut names = Names::default();
    suite.add_test_cases(found.iter().map(|diagnostic| test_case(diagnostic, &mut names)));
    if suite.test_cases.is_empty() {
        suite.add_test_case(TestCase::new("no problems", TestCaseStatus::success()));
    }
    for case in &mut suite.test_cases {
        case.set_classname(suite.name.clone());
    }
    suite
}

fn test_case(diagnostic: &Diagnostic, names: &mut Names) -> TestCase {
    let body = fit_for_xml(&paragraph(diagnostic, Look::plain(false)));
    let mut status = TestCaseStatus::success();
    if diagnostic.is_error() {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let message = fit_for_xml(&one_line(&diagnostic.message));
        status.set_message(message).set_type(diagnostic.rule.name()).set_description(&body);
    }
    let mut case = TestCase::new(names.of(diagnostic), status);
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

/// How often each name was wanted within a suite: readers take tests of one name for one test.
#[derive(Debug, Default)]
struct Names(HashMap<String, usize>);

impl Names {
    /// The rule and the place, with a number from the second time on.
    fn of(&mut self, diagnostic: &Diagnostic) -> String {
        let rule = diagnostic.rule.name();
        let name = match diagnostic.place {
            Some(place) => format!("{rule} at {}:{}", place.line, place.col),
            None => rule.to_owned(),
        };
        let times = self.0.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name} ({times})") }
    }
}

/// XML has no way to write these two, and the rest that it can't is visible in any text already.
fn fit_for_xml(text: &str) -> String {
    text.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}
