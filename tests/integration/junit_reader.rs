//! The `JUnit` report of `validate` as its readers see it: through Python's junitparser.

use std::process::Command;

use promptchain::diagnostic::{Diagnostic, Place, Source};
use promptchain::report::validation::{ReportFormat, ValidationReport, render};
use promptchain::rule::Rule;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::python;

/// What junitparser finds in the report; `None` if there is no Python to ask.
fn read(report: &ValidationReport) -> Option<Value> {
    let python = python()?;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("report.xml");
    std::fs::write(&file, render(report, ReportFormat::Junit, false).unwrap()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/junit_reader.py");
    let ran = Command::new(python).args(["-B", script]).arg(&file).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(serde_json::from_slice(&ran.stdout).unwrap())
}

#[test]
fn a_reader_of_junit_finds_every_problem_with_its_place_and_text() {
    let odd = "a,b <\"&'>: 100%/un été\\東京.md";
    let report = ValidationReport {
        diagnostics: vec![
            Diagnostic::new(
                Rule::UndefinedVariable,
                Source::File(odd.into()),
                "`<topci>` & \"co\" 🙂 aren't",
            )
            .at(Place { line: 12, col: 4, len: 5 }, "{{ topci }}")
            .hint("did you mean `topic`?"),
            Diagnostic::new(Rule::UnusedVariable, Source::File(odd.into()), "`tone` isn't used"),
            Diagnostic::new(
                Rule::InvalidValue,
                Source::Environment,
                "A=\u{0}\u{1b}[31m\u{7f}\u{9b}\u{ffff}]]>\r\n: no",
            ),
        ],
        prompts: vec![Source::File(odd.into()), Source::BuiltIn("chain_process.md")],
        settings: true,
    };
    let Some(tests) = read(&report) else { return };
    let text = format!(
        "{odd}:12:4: error: `<topci>` & \"co\" 🙂 aren't [undefined-variable]\n \
         12 | {{{{ topci }}}}\n    |    ^^^^^\n    = hint: did you mean `topic`?\n"
    );
    let shown = r"A=␀␛[31m␡\u{9b}\u{ffff}]]> : no";
    let expected = json!([
        {
            "suite": odd,
            "name": "undefined-variable at 12:4",
            "file": odd,
            "line": "12",
            "failures": [{
                "type": "undefined-variable", "message": "`<topci>` & \"co\" 🙂 aren't", "text": text
            }],
            "printed": null,
        },
        {
            "suite": odd,
            "name": "unused-variable",
            "file": odd,
            "line": null,
            "failures": [],
            "printed": format!("{odd}: warning: `tone` isn't used [unused-variable]\n"),
        },
        {
            "suite": "environment",
            "name": "invalid-value",
            "file": null,
            "line": null,
            "failures": [{
                "type": "invalid-value",
                "message": shown,
                "text": format!("environment: error: {shown} [invalid-value]\n"),
            }],
            "printed": null,
        },
        {
            "suite": "<built-in chain_process.md>",
            "name": "no problems",
            "file": null,
            "line": null,
            "failures": [],
            "printed": null,
        },
    ]);
    assert_eq!(tests, expected, "{tests:#}");
}
