//! That all problems are told at once, each with its place, and fit for a terminal.

use insta::assert_snapshot;

use super::*;
use crate::diagnostic::{Diagnostic, Severity};
use crate::rule::Rule;

#[test]
fn all_problems_of_all_sources_are_told_at_once() {
    let sources = Sources {
        overrides: vec![flag("RETRY_MAX_ATTEMPTS", "11")],
        env_file: Some(named_file("LOG_LEVEL=LOUD\nthis is no setting\n\nCHAIN_REPAIR_ATTEMPTS=4\n")),
        ..environment(&[("CHAIN_STRICT_VALIDATION", "maybe")])
    };
    let front_matter = [front_matter(StepName::Analyze, FrontMatterKey::Timeout, "0", 4)];
    let problems = Settings::resolve(&sources, &front_matter).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "\
CHAIN_ANALYZE_TIMEOUT=0 (p.md:4): must be a number of seconds from 1 to 270
CHAIN_STRICT_VALIDATION=maybe (environment): must be true or false (or 1, 0, yes, no, on, off)
CHAIN_REPAIR_ATTEMPTS=4 (my.env:4): must be a whole number from 0 to 3
--flag: `11` must be a whole number from 1 to 10
LOG_LEVEL=LOUD (my.env:1): must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL
my.env:2: isn't of the form NAME=value
  hint: put a value that has spaces, quotes, # or \\ between single quotes, and close every quote"
    );
}

#[test]
fn a_problem_names_variable_value_file_line_and_what_is_allowed() {
    let text = format!("{}RETRY_MAX_ATTEMPTS=0", "\n".repeat(11));
    let found = Settings::resolve(&only(found_file(&text)), &[]).unwrap_err();
    let place = Place { line: 12, col: 20, len: 1 };
    let problem = Problem {
        rule: Rule::InvalidValue,
        severity: Severity::Error,
        variable: Some("RETRY_MAX_ATTEMPTS".into()),
        value: Some("0".into()),
        origin: Origin::EnvFile { path: ".env".into(), line: 12 },
        spot: Some(Spot { place, line: "RETRY_MAX_ATTEMPTS=0".into() }),
        message: "must be a whole number from 1 to 10".into(),
        hint: None,
    };
    assert_eq!(found.iter().collect::<Vec<_>>(), [&problem]);
    assert_eq!(problem.to_string(), "RETRY_MAX_ATTEMPTS=0 (.env:12): must be a whole number from 1 to 10");
}

#[test]
fn problems_that_were_all_typed_as_flags_are_told_from_others() {
    let mut sources = Sources {
        overrides: vec![flag("RETRY_MAX_ATTEMPTS", "0"), flag("LOG_LEVEL", "LOUD")],
        ..Sources::default()
    };
    assert!(Settings::resolve(&sources, &[]).unwrap_err().are_all_flags());
    sources.environment = environment(&[("LOG_FORMAT", "xml")]).environment;
    assert!(!Settings::resolve(&sources, &[]).unwrap_err().are_all_flags());
    let overrides = vec![flag("JWT_SECRET_KEY_FILE", "missing")];
    let sources = Sources { overrides, for_server: true, ..Sources::default() };
    assert!(!Settings::resolve(&sources, &[]).unwrap_err().are_all_flags(), "a file is configuration");
}

#[test]
fn a_flag_for_a_variable_that_does_not_exist_is_a_problem() {
    let sources = Sources { overrides: vec![flag("CHAIN_NOTHING", "x")], ..Sources::default() };
    assert_eq!(problems(&sources), "CHAIN_NOTHING=[hidden] (--flag): there is no such variable");
}

#[test]
fn what_is_wrong_hides_nothing_else_that_is() {
    let text = "CHAIN_PROCESS_PROMPT_FILE=../x\nLOG_LEVEL=LOUD\nCHAIN_ANALYZE_TEMPERATURE=1.5\nRETRY_MAX=2\n";
    let (settings, problems) = Settings::resolve_with_defaults(&only(found_file(text)), &[], Demands::Safety);
    let rules: Vec<&str> = problems.iter().map(|problem| problem.rule.name()).collect();
    assert_eq!(rules, ["invalid-value", "invalid-value", "unknown-variable", "temperature-over-limit"]);
    assert_eq!(settings.prompts.names.process, "chain_process.md");
    assert_eq!(settings.log.level, LogLevel::Info);
}

#[test]
fn a_diagnostic_shows_the_line_but_no_secret() {
    let text = "  export JWT_SECRET_KEY=short\nANTHROPIC_API_KYE=sk-1\n\nLOG_LEVEL = LOUD # really\n";
    let sources = served(only(found_file(text)));
    let (_, problems) = Settings::resolve_with_defaults(&sources, &[], Demands::Safety);
    let shown = |problem: &Problem| {
        let Diagnostic { place, excerpt, message, .. } = Diagnostic::from(problem);
        let place = place.unwrap();
        format!("{}:{}:{} |{}| {message}", place.line, place.col, place.len, excerpt.unwrap().text())
    };
    assert_snapshot!(problems.iter().map(shown).collect::<Vec<_>>().join("\n"), @r##"
    4:13:4 |LOG_LEVEL = LOUD| LOG_LEVEL=LOUD: must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL
    1:25:8 |  export JWT_SECRET_KEY=[hidden]| JWT_SECRET_KEY=[hidden]: must be at least 32 characters, and at most 8192 bytes
    2:1:17 |ANTHROPIC_API_KYE=…| ANTHROPIC_API_KYE: isn't a variable of this program, and has no effect
    "##);
}

#[test]
fn a_value_is_shown_on_one_line_shortened_and_without_control_characters() {
    let long = with("RETRY_MAX_ATTEMPTS", &"9".repeat(81)).unwrap_err();
    assert!(long.starts_with(&format!("RETRY_MAX_ATTEMPTS={}… (environment)", "9".repeat(80))), "{long}");
    let whole = with("RETRY_MAX_ATTEMPTS", &"9".repeat(80)).unwrap_err();
    assert!(whole.contains(&format!("{} (environment)", "9".repeat(80))), "{whole}");
    let forged = with("CHAIN_ANALYZE_MODEL", "a \u{1b}[2Kerror: b").unwrap_err();
    assert!(forged.starts_with(r"CHAIN_ANALYZE_MODEL=a \u{1b}[2Kerror: b (environment)"), "{forged}");
}
