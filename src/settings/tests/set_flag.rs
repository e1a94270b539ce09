//! `--set step.key=value`.

use super::*;

fn refusal(text: &str) -> String {
    Override::from_set_flag(text).unwrap_err().to_string()
}

#[test]
fn a_setting_of_a_step_is_set_by_step_and_key() {
    let overrides = ["process.max_tokens=1000", " analyze.model=a=b", "synthesize.timeout= 9s "]
        .map(|text| Override::from_set_flag(text).unwrap());
    let settings = settings(&Sources { overrides: overrides.to_vec(), ..Sources::default() });
    assert_eq!(value(&settings, "CHAIN_PROCESS_MAX_TOKENS"), "1000 (--set process.max_tokens)");
    assert_eq!(value(&settings, "CHAIN_ANALYZE_MODEL"), "a=b (--set analyze.model)");
    assert_eq!(value(&settings, "CHAIN_SYNTHESIZE_TIMEOUT"), "9s (--set synthesize.timeout)");
    assert_eq!(settings.steps.synthesize.timeout.as_secs(), 9);
}

#[test]
fn every_key_of_front_matter_can_be_set() {
    for step in StepName::ALL {
        // Only process can be divided.
        let keys = FrontMatterKey::ALL.into_iter();
        for key in keys.filter(|key| *key != FrontMatterKey::Workers || step == StepName::Process) {
            let over = Override::from_set_flag(&format!("{step}.{}=1", key.as_str())).unwrap();
            assert_eq!(over.variable, front_matter(step, key, "1", 1).variable_name());
        }
    }
}

#[test]
fn whether_the_value_is_allowed_is_found_out_with_all_others() {
    let over = Override::from_set_flag("process.max_tokens=none").unwrap();
    assert_eq!(
        problems(&Sources { overrides: vec![over], ..Sources::default() }),
        "--set process.max_tokens: `none` must be a whole number from 1 to 64000"
    );
}

#[test]
fn a_missing_part_is_refused_with_an_example() {
    for text in ["", "process", "process.model", "process=1", "model=m", "process.model=", "process.model=  "]
        .into_iter()
        .chain([".model=m", "process.=m", "=", ".="])
    {
        assert_eq!(
            refusal(text),
            "must be of the form step.key=value, such as process.max_tokens=1000",
            "{text:?}"
        );
    }
}

#[test]
fn an_unknown_step_is_refused_with_what_was_meant_or_what_there_is() {
    for (text, expected) in [
        ("analyse.model=m", "no step is called analyse; did you mean analyze?"),
        ("Process.model=m", "no step is called Process; did you mean process?"),
        ("render.model=m", "no step is called render; there are analyze, process, synthesize"),
    ] {
        assert_eq!(refusal(text), expected);
    }
}

#[test]
fn an_unknown_key_is_refused_with_what_was_meant_or_what_there_is() {
    for (text, expected) in [
        ("process.max_token=1", "process has no setting max_token; did you mean max_tokens?"),
        ("process.MODEL=m", "process has no setting MODEL; did you mean model?"),
        (
            "process.colour=red",
            "process has no setting colour; there are model, max_tokens, temperature, timeout, workers, prompt_file",
        ),
    ] {
        assert_eq!(refusal(text), expected);
    }
}
