//! `promptchain config`: every setting with its value and its origin, and no secret.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Command, Ran, promptchain};

const SECRET: &str = "canary-canary-canary-canary-canary";

/// A folder in which settings come from everywhere.
fn mixed(args: &[&str]) -> Command {
    let mut command = promptchain(&["config"]);
    command.args(args);
    let env_file = "# a comment\nCHAIN_PROMPTS_DIR=my-prompts\n\nCHAIN_ANALYZE_TIMEOUT=11\nAPI_PORT=9000\n\
                    CHAIN_REPAIR_ATTEMPTS=2\n";
    command.file(".env", format!("{env_file}JWT_SECRET_KEY={SECRET}\n"));
    command.file(
        "my-prompts/chain_analyze.md",
        "+++\nmodel = \"matter-model\"\nmax_tokens = 123\ntimeout = 12\n+++\nAnalyze.",
    );
    command.env("ANTHROPIC_API_KEY", "sk-ant-canary").env("CHAIN_REPAIR_ATTEMPTS", "3");
    command
}

#[track_caller]
fn keeps_secrets(ran: &Ran) {
    assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"), "{ran:?}");
}

/// Each row of the table: name, value and origin.
fn rows(text: &str) -> BTreeMap<String, (String, String)> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("  ")).map(|line| {
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let [name, value, origin] = cells[..] else { panic!("{line}") };
        (name.to_owned(), (value.to_owned(), origin.to_owned()))
    });
    rows.collect()
}

#[test]
fn every_source_shows_with_its_place() {
    let ran = mixed(&["--strict", "--set", "process.max_tokens=99", "--model", "flag-model"]).run().exits(0);
    keeps_secrets(&ran);
    assert_eq!(ran.stderr, "");
    let rows = rows(&ran.stdout);
    let row = |name: &str| {
        let (value, origin) = &rows[name];
        format!("{value} by {origin}")
    };
    assert_eq!(row("CHAIN_STRICT_VALIDATION"), "true by --strict");
    assert_eq!(row("CHAIN_PROCESS_MAX_TOKENS"), "99 by --set process.max_tokens");
    assert_eq!(row("CHAIN_ANALYZE_MODEL"), "flag-model by --model");
    assert_eq!(row("CHAIN_REPAIR_ATTEMPTS"), "3 by environment");
    assert_eq!(row("CHAIN_ANALYZE_TIMEOUT"), "11 by .env:4");
    assert_eq!(row("API_PORT"), "9000 by .env:5");
    assert_eq!(row("CHAIN_ANALYZE_MAX_TOKENS"), "123 by my-prompts/chain_analyze.md:3");
    assert_eq!(row("CHAIN_PROCESS_TIMEOUT"), "30 by default");
    assert_eq!(row("CHAIN_MAX_COST_USD"), "(not set) by default");
    assert_eq!(row("ANTHROPIC_API_KEY"), "[hidden] by environment");
    assert_eq!(row("JWT_SECRET_KEY"), "[hidden] by .env:7");
}

#[test]
fn every_variable_is_listed_once_under_its_heading_in_the_order_of_the_documentation() {
    let text = promptchain(&["config"]).run().exits(0).stdout;
    let listed: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.strip_prefix("  ").map_or(line, |row| row.split(' ').next().unwrap()))
        .collect();
    let declared: Vec<&str> = promptchain::settings::sections()
        .iter()
        .flat_map(|section| std::iter::once(section.title).chain(section.variables.iter().map(|it| it.name)))
        .collect();
    assert_eq!(listed, declared);
    assert!(!text.contains('\u{1b}'), "no colour in a pipe");
    let origins: Vec<usize> = text.lines().filter_map(|line| line.rfind("default")).collect();
    assert!(origins.iter().all(|at| *at == origins[0]), "aligned: {text}");
}

#[test]
fn programs_get_one_object_that_its_schema_describes() {
    let ran = mixed(&["--strict", "--json"]).run().exits(0);
    keeps_secrets(&ran);
    assert_eq!(ran.stderr, "");
    let document = ran.json();
    let schema = promptchain(&["schema", "config"]).run().exits(0).json();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(validator.is_valid(&document), "{document:#}");
    let find = |name: &str| -> Vec<&Value> {
        document["settings"].as_array().unwrap().iter().filter(|it| it["name"] == name).collect()
    };
    for variable in promptchain::settings::sections().iter().flat_map(|section| section.variables) {
        assert_eq!(find(variable.name).len(), 1, "{}", variable.name);
    }
    let origin = |kind, flag: Option<&str>, file: Option<&str>, line: Option<u32>| json!({"kind": kind, "flag": flag, "file": file, "line": line});
    assert_eq!(
        *find("CHAIN_ANALYZE_TIMEOUT")[0],
        json!({
            "name": "CHAIN_ANALYZE_TIMEOUT",
            "section": "The steps",
            "value": "11",
            "masked": false,
            "default": "15",
            "reloadable": true,
            "origin": origin("env_file", None, Some(".env"), Some(4)),
        })
    );
    let file = Some("my-prompts/chain_analyze.md");
    for (name, expected) in [
        ("CHAIN_STRICT_VALIDATION", origin("flag", Some("--strict"), None, None)),
        ("CHAIN_REPAIR_ATTEMPTS", origin("environment", None, None, None)),
        ("CHAIN_ANALYZE_MODEL", origin("front_matter", None, file, Some(2))),
        ("API_HOST", origin("default", None, None, None)),
    ] {
        assert_eq!(find(name)[0]["origin"], expected, "{name}");
    }
    assert_eq!(find("API_HOST")[0]["reloadable"], false);
    let secret = find("JWT_SECRET_KEY")[0];
    assert_eq!((&secret["value"], &secret["masked"]), (&Value::Null, &json!(true)));
    let unset = find("JWT_ISSUER")[0];
    assert_eq!((&unset["value"], &unset["masked"]), (&Value::Null, &json!(false)));
}

#[test]
fn a_few_can_be_asked_for_by_name_and_an_unknown_name_is_refused_with_the_nearest() {
    let ran = mixed(&["API_PORT", "CHAIN_ANALYZE_TIMEOUT", "API_PORT"]).run().exits(0);
    assert_eq!(
        ran.stdout,
        "The steps\n  CHAIN_ANALYZE_TIMEOUT  11    .env:4\n\nThe server\n  API_PORT               9000  .env:5\n"
    );
    for name in ["CHAIN_PROCES_MODEL", "chain_process_model"] {
        promptchain(&["config", name]).run().exits(2).says_nothing().complains("CHAIN_PROCESS_MODEL?");
    }
    let error = promptchain(&["config", "--json", "NO_SUCH_THING"]).run().exits(2).says_nothing();
    assert_eq!(error.error_json()["code"], "usage");
}

#[test]
fn only_what_was_changed_can_be_asked_for() {
    let changed = rows(&mixed(&["--changed"]).run().exits(0).stdout);
    assert!(changed.values().all(|(_, origin)| origin != "default"), "{changed:?}");
    assert!(changed.contains_key("API_PORT") && changed.contains_key("CHAIN_ANALYZE_MAX_TOKENS"));
    promptchain(&["config", "--changed"]).run().exits(0).says_nothing().complains("the defaults");
}

#[test]
fn nothing_is_needed_and_offline_no_credential_is_looked_at() {
    promptchain(&["config"]).run().exits(0);
    let rows = rows(&mixed(&["--offline"]).run().exits(0).stdout);
    assert_eq!(rows["ANTHROPIC_API_KEY"].0, "(not set)");
}

#[test]
fn wrong_settings_are_told_all_at_once_with_nothing_on_stdout() {
    for args in [&["config"][..], &["config", "--json"]] {
        let mut command = promptchain(args);
        command.env("CHAIN_REPAIR_ATTEMPTS", "9").env("JWT_SECRET_KEY", "canary");
        command.file(".env", "API_PORT=many\n");
        let ran = command.run().exits(3).says_nothing();
        keeps_secrets(&ran);
        let ran = ran.complains("CHAIN_REPAIR_ATTEMPTS=9").complains(".env:1:10: API_PORT=many");
        ran.complains("JWT_SECRET_KEY");
    }
    promptchain(&["config", "--min-confidence", "2"]).run().exits(2).says_nothing();
    promptchain(&["config", "--prompts", "missing"]).run().exits(3).says_nothing().complains("missing");
    promptchain(&["config", "--var", "no=thing"]).run().exits(3).says_nothing().complains("variable `no`");
}

#[test]
fn a_key_that_a_run_would_not_send_is_not_shown_as_used() {
    let folder = |args: &[&str]| {
        let mut command = promptchain(args);
        command.file(".env", "ANTHROPIC_BASE_URL=http://127.0.0.1:9\n");
        command.env("ANTHROPIC_API_KEY", "sk-ant-canary");
        command.run().exits(0)
    };
    let ran = folder(&["config"]).complains("warning: environment: ANTHROPIC_API_KEY: is not used");
    keeps_secrets(&ran);
    assert_eq!(rows(&ran.stdout)["ANTHROPIC_API_KEY"].0, "(not set)");
    let json = folder(&["config", "--json"]).json();
    assert!(json["warnings"][0].as_str().unwrap().contains("is not used"), "{json:#}");
    let named = folder(&["config", "--env-file", ".env"]);
    assert_eq!(rows(&named.stdout)["ANTHROPIC_API_KEY"], ("[hidden]".into(), "environment".into()));
    assert_eq!(named.stderr, "");
}

#[test]
fn a_value_cannot_do_anything_to_a_terminal_and_is_whole() {
    let value = format!("a\u{1b}[31m\tb\u{9b}{}", "x".repeat(120));
    let run = |args: &[&str]| {
        let mut command = promptchain(args);
        std::fs::create_dir(command.folder().join(&value)).unwrap();
        command.env("CHAIN_PROMPTS_DIR", &value);
        command.run().exits(0)
    };
    let text = run(&["config", "CHAIN_PROMPTS_DIR"]).stdout;
    assert!(text.contains(&format!("a␛[31m␉b\\u{{9b}}{}  environment\n", "x".repeat(120))), "{text:?}");
    let json = run(&["config", "CHAIN_PROMPTS_DIR", "--json"]).json();
    assert_eq!(json["settings"][0]["value"], value.as_str());
}
