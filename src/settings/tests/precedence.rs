//! Which source wins, and that the winner is named.

use super::*;

const NAME: &str = "CHAIN_PROCESS_MAX_TOKENS";

fn in_front_matter() -> Vec<FrontMatterValue> {
    vec![front_matter(StepName::Process, FrontMatterKey::MaxTokens, "4", 3)]
}

/// A value in every source.
fn everywhere() -> Sources {
    Sources {
        overrides: vec![flag(NAME, "1")],
        env_file: Some(found_file("# tokens\nCHAIN_PROCESS_MAX_TOKENS=3")),
        ..environment(&[(NAME, "2")])
    }
}

/// The setting, what is said of it, and where it came from.
fn outcome(sources: &Sources, front_matter: &[FrontMatterValue]) -> (u32, String, Origin) {
    let (settings, _) = Settings::resolve(sources, front_matter).unwrap();
    let text = value(&settings, NAME);
    (settings.steps.process.max_tokens, text, settings.value(NAME).unwrap().origin.clone())
}

#[test]
fn a_flag_wins_over_the_environment_over_the_env_file_over_front_matter_over_the_default() {
    let mut sources = everywhere();
    let front_matter = in_front_matter();
    let by_flag = outcome(&sources, &front_matter);
    sources.overrides.clear();
    let by_environment = outcome(&sources, &front_matter);
    sources.environment = Environment::default();
    let by_file = outcome(&sources, &front_matter);
    sources.env_file = None;
    let by_front_matter = outcome(&sources, &front_matter);
    let by_default = outcome(&sources, &[]);

    assert_eq!(by_flag, (1, "1 (--flag)".into(), Origin::Flag("--flag".into())));
    assert_eq!(by_environment, (2, "2 (environment)".into(), Origin::Environment));
    let in_file = Origin::EnvFile { path: ".env".into(), line: 2 };
    assert_eq!(by_file, (3, "3 (.env:2)".into(), in_file));
    let in_prompt = Origin::FrontMatter { path: "p.md".into(), line: 3 };
    assert_eq!(by_front_matter, (4, "4 (p.md:3)".into(), in_prompt));
    assert_eq!(by_default, (2048, "2048 (default)".into(), Origin::Default));
}

#[test]
fn a_blank_value_is_no_value_in_any_source() {
    let mut sources = everywhere();
    sources.overrides.push(flag(NAME, ""));
    sources.environment = environment(&[(NAME, " \t ")]).environment;
    sources.env_file = Some(found_file("CHAIN_PROCESS_MAX_TOKENS=   # none\n"));
    assert_eq!(outcome(&sources, &in_front_matter()).0, 4);
    let blank = [front_matter(StepName::Process, FrontMatterKey::MaxTokens, " ", 3)];
    assert_eq!(outcome(&sources, &blank).1, "2048 (default)");
}

#[test]
fn a_blank_value_leaves_every_variable_as_if_it_were_not_there() {
    let defaults = settings(&Sources::default());
    for SettingValue { variable, .. } in &defaults.values {
        let blank = with(variable.name, "  ").unwrap();
        assert_eq!(value(&blank, variable.name), value(&defaults, variable.name));
    }
}

#[test]
fn a_wrong_value_is_a_problem_only_where_it_would_be_used() {
    let mut sources = everywhere();
    sources.environment = environment(&[(NAME, "wrong")]).environment;
    assert_eq!(outcome(&sources, &[]).0, 1);
    sources.overrides.clear();
    assert!(problems(&sources).starts_with("CHAIN_PROCESS_MAX_TOKENS=wrong (environment): "));
}

#[test]
fn the_later_of_two_flags_wins() {
    let sources =
        Sources { overrides: vec![flag(NAME, "1"), flag(NAME, "7"), flag(NAME, "5")], ..Sources::default() };
    assert_eq!(outcome(&sources, &[]).0, 5);
}

#[test]
fn front_matter_speaks_for_its_own_step_alone() {
    let all: Vec<FrontMatterValue> = FrontMatterKey::ALL
        .into_iter()
        .zip(["some-model", "100", "0.25", "3s"])
        .map(|(key, value)| front_matter(StepName::Synthesize, key, value, 2))
        .collect();
    let (settings, _) = Settings::resolve(&Sources::default(), &all).unwrap();
    let step = &settings.steps.synthesize;
    assert_eq!((step.model.as_str(), step.max_tokens, step.timeout.as_secs()), ("some-model", 100, 3));
    assert_eq!(step.temperature.to_string(), "0.25");
    let defaults = Settings::resolve(&Sources::default(), &[]).unwrap().0;
    assert_eq!(settings.steps.analyze, defaults.steps.analyze);
    assert_eq!(settings.steps.process, defaults.steps.process);
}

#[test]
fn a_temperature_is_explicit_whoever_set_it_unless_nobody_did() {
    let name = "CHAIN_PROCESS_TEMPERATURE";
    let explicit = |sources: &Sources, front_matter: &[FrontMatterValue]| {
        Settings::resolve(sources, front_matter).unwrap().0.steps.process.temperature_is_explicit
    };
    let by_flag = Sources { overrides: vec![flag(name, "0.7")], ..Sources::default() };
    let in_prompt = [front_matter(StepName::Process, FrontMatterKey::Temperature, "0.7", 2)];
    assert!(explicit(&by_flag, &[]));
    assert!(explicit(&environment(&[(name, "0.7")]), &[]));
    assert!(explicit(&only(found_file("CHAIN_PROCESS_TEMPERATURE=0.7")), &[]));
    assert!(explicit(&Sources::default(), &in_prompt));
    assert!(!explicit(&Sources::default(), &[]));
    assert!(!explicit(&environment(&[("CHAIN_ANALYZE_TEMPERATURE", "0.7")]), &[]));
}

#[test]
fn every_variable_is_accounted_for_in_the_order_of_the_table() {
    let settings = settings(&environment(&[("ANTHROPIC_AUTH_TOKEN", "t-1")]));
    let told: Vec<&str> = settings.values.iter().map(|value| value.variable.name).collect();
    let declared: Vec<&str> =
        sections().iter().flat_map(|section| section.variables).map(|row| row.name).collect();
    assert_eq!(told, declared);
}

#[test]
fn where_the_prompts_are_is_known_before_anything_else_is_right() {
    let sources = Sources {
        overrides: vec![flag("CHAIN_PROMPTS_DIR", "mine")],
        ..environment(&[("CHAIN_ANALYZE_PROMPT_FILE", "a.md"), ("LOG_LEVEL", "wrong")])
    };
    let location = sources.prompt_location();
    assert_eq!(location.dir, Some("mine".into()));
    assert_eq!(location.names.into_array(), ["a.md", "chain_process.md", "chain_synthesize.md"]);
}
