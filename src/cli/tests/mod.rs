//! The command line is understood as it is documented.

mod tree;
mod variables;

use std::time::Duration;

use super::*;
use crate::settings::Override;

fn run(args: &[&str]) -> RunArgs {
    let args = ["promptchain", "run"].into_iter().chain(args.iter().copied());
    match Cli::try_parse_from(args).unwrap().command {
        Command::Run(args) => *args,
        other => panic!("{other:?}"),
    }
}

fn refused(args: &[&str]) -> String {
    Cli::try_parse_from(["promptchain"].into_iter().chain(args.iter().copied())).unwrap_err().to_string()
}

/// (variable, value, flag) of each override.
fn overrides(args: &[&str]) -> Vec<(String, String, String)> {
    let text = |over: Override| (over.variable, over.value.into_string().unwrap(), over.flag);
    run(args).chain.overrides().into_iter().map(text).collect()
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn global_flags_may_stand_before_and_after_the_command() {
    for args in [["promptchain", "-q", "run", "x"], ["promptchain", "run", "x", "-q"]] {
        assert!(Cli::try_parse_from(args).unwrap().globals.quiet);
    }
}

#[test]
fn the_output_format_has_short_forms_that_exclude_one_another() {
    assert_eq!(run(&["x"]).format(), OutputFormat::Text);
    assert_eq!(run(&["x", "--json"]).format(), OutputFormat::Json);
    assert_eq!(run(&["x", "--output", "jsonl"]).format(), OutputFormat::Jsonl);
    for args in [["--json", "--jsonl"], ["--json", "--output=text"], ["--jsonl", "--output=json"]] {
        assert!(refused(&["run", "x", args[0], args[1]]).contains("cannot be used with"));
    }
}

#[test]
fn the_more_specific_flag_for_a_model_comes_later_and_so_counts() {
    let of_analyze: Vec<String> = overrides(&[
        "x",
        "--set",
        "analyze.model=d",
        "--analyze-model",
        "c",
        "--model",
        "b",
        "--profile",
        "fast",
    ])
    .into_iter()
    .filter(|(variable, ..)| variable == "CHAIN_ANALYZE_MODEL")
    .map(|(_, value, _)| value)
    .collect();
    assert_eq!(of_analyze, ["claude-haiku-5-5", "b", "c", "d"]);
}

#[test]
fn profiles_are_sets_of_models() {
    let models = |profile| overrides(&["x", "--profile", profile]).into_iter().map(|(_, model, _)| model);
    let [haiku, sonnet] = ["claude-haiku-5-5", "claude-sonnet-5-5"];
    assert!(models("fast").eq([haiku, haiku, haiku]));
    assert!(models("balanced").eq([haiku, sonnet, haiku]));
    assert!(models("accurate").eq([sonnet, sonnet, sonnet]));
}

#[test]
fn flags_set_the_variables_that_their_help_names() {
    let set = |args: &[&str]| {
        let [over] = &overrides(args)[..] else { panic!("{args:?}") };
        format!("{}={} by {}", over.0, over.1, over.2)
    };
    assert_eq!(set(&["x", "--strict"]), "CHAIN_STRICT_VALIDATION=true by --strict");
    assert_eq!(set(&["x", "--no-validation"]), "CHAIN_ENABLE_VALIDATION=false by --no-validation");
    assert_eq!(
        set(&["x", "--min-confidence", "0.7"]),
        "CHAIN_MIN_CONFIDENCE_THRESHOLD=0.7 by --min-confidence"
    );
    assert_eq!(set(&["x", "--max-cost", "0.1"]), "CHAIN_MAX_COST_USD=0.1 by --max-cost");
    assert_eq!(set(&["x", "--prompts", "p"]), "CHAIN_PROMPTS_DIR=p by --prompts");
    assert_eq!(set(&["x", "--set", "process.timeout=9"]), "CHAIN_PROCESS_TIMEOUT=9 by --set process.timeout");
}

#[test]
fn durations_have_units_and_are_longer_than_nothing() {
    assert_eq!(run(&["x", "--timeout", "1m30s"]).timeout, Some(Duration::from_secs(90)));
    assert_eq!(run(&["x", "--timeout", "2"]).timeout, Some(Duration::from_secs(2)));
    for bad in ["0", "0s", "-1s", "soon", ""] {
        assert!(refused(&["run", "x", &format!("--timeout={bad}")]).contains("--timeout"), "{bad}");
    }
}

#[test]
fn a_misspelt_word_is_answered_with_the_nearest_one() {
    let cases: [(&[&str], &str); 12] = [
        (&["rnu"], "'run'"),
        (&["simulat"], "'simulate'"),
        (&["run", "--modle", "x"], "'--model'"),
        (&["run", "--vra", "a=b"], "'--var'"),
        (&["run", "x", "--strickt"], "'--strict'"),
        (&["run", "x", "--output", "jsn"], "'json'"),
        (&["run", "x", "--profile", "fsat"], "'fast'"),
        (&["schema", "evnts"], "'events'"),
        (&["schema", "rnu"], "'run'"),
        (&["completions", "zhs"], "'zsh'"),
        (&["run", "x", "--set", "proces.timeout=1"], "did you mean process?"),
        (&["simulate", "--fault", "overlaoded"], "overloaded"),
    ];
    for (args, meant) in cases {
        assert!(refused(args).contains(meant), "{args:?}: {}", refused(args));
    }
}

#[test]
fn a_word_that_is_near_nothing_is_answered_without_a_guess() {
    for args in [&["frobnicate"][..], &["run", "x", "--frobnicate"], &["schema", "frobnicate"]] {
        assert!(!refused(args).contains("similar"), "{}", refused(args));
    }
}

#[test]
fn whoever_forgets_the_command_is_told_where_it_belongs() {
    assert!(refused(&["What makes a good commit message?"]).contains("promptchain run"));
    assert!(refused(&["--offline"]).contains("--offline follows the command: run, batch, serve"));
}

#[test]
fn an_empty_value_is_refused_rather_than_passed_over() {
    for flag in [
        "--model",
        "--analyze-model",
        "--process-model",
        "--synthesize-model",
        "--max-cost",
        "--min-confidence",
    ] {
        assert!(refused(&["run", "x", flag, ""]).contains("must not be empty"), "{flag}");
    }
}

#[test]
fn a_negative_value_is_a_value_and_is_told_what_is_allowed() {
    assert!(refused(&["run", "x", "--timeout", "-5s"]).contains("expected a duration"));
    assert_eq!(run(&["x", "--min-confidence", "-1"]).chain.min_confidence.as_deref(), Some("-1"));
    assert_eq!(run(&["x", "--max-cost", "-0.5"]).chain.max_cost.as_deref(), Some("-0.5"));
}
