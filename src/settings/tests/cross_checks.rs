//! What only two settings together can have wrong.

use super::*;

const STEPS: [(&str, &str, &str); 3] = [
    ("ANALYZE", "analyze", "WORKER_COORDINATION_TIMEOUT"),
    ("PROCESS", "process", "WORKER_COORDINATION_TIMEOUT"),
    ("SYNTHESIZE", "synthesize", "SYNTHESIS_TIMEOUT"),
];

#[test]
fn a_temperature_above_1_is_lowered_with_a_warning() {
    for (upper, step, _) in STEPS {
        let name = format!("CHAIN_{upper}_TEMPERATURE");
        let sources = environment(&[(&name, "1.01")]);
        let expected = format!("{name}=1.01 (environment): is lowered to 1, the most the Messages API takes");
        assert_eq!(warnings(&sources), expected);
        let settings = settings(&sources);
        let in_effect = settings.steps.get(step.parse().unwrap());
        assert_eq!(
            (in_effect.temperature.to_string(), in_effect.temperature_is_explicit),
            ("1".into(), true)
        );
        assert_eq!(value(&settings, &name), "1 (environment)", "what is shown is what is in effect");
    }
}

#[test]
fn a_temperature_of_1_is_nothing_to_warn_of() {
    for (upper, ..) in STEPS {
        assert_eq!(warnings(&environment(&[(&format!("CHAIN_{upper}_TEMPERATURE"), "1.0")])), "");
    }
}

#[test]
fn a_step_that_may_take_longer_than_its_phase_is_warned_of() {
    for (upper, step, phase) in STEPS {
        let name = format!("CHAIN_{upper}_TIMEOUT");
        let sources =
            Sources { env_file: Some(named_file(&format!("{name}=1m"))), ..environment(&[(phase, "59.5s")]) };
        assert_eq!(
            warnings(&sources),
            format!(
                "{name}=1m (my.env:1): is longer than {phase}, which ends {step} first\n  \
                 hint: now {phase}=59.5s (environment)"
            )
        );
        let settings = settings(&sources);
        assert_eq!(settings.steps.get(step.parse().unwrap()).timeout.as_secs(), 60);
    }
}

#[test]
fn a_step_that_may_take_as_long_as_its_phase_is_nothing_to_warn_of() {
    for (upper, _, phase) in STEPS {
        let name = format!("CHAIN_{upper}_TIMEOUT");
        assert_eq!(warnings(&environment(&[(&name, "100"), (phase, "100")])), "");
    }
}

#[test]
fn the_defaults_are_nothing_to_warn_of() {
    assert_eq!(warnings(&Sources::default()), "");
}

#[test]
fn a_shorter_phase_is_no_reason_to_warn_of_a_steps_default() {
    for phase in ["WORKER_COORDINATION_TIMEOUT", "SYNTHESIS_TIMEOUT"] {
        assert_eq!(warnings(&environment(&[(phase, "1")])), "");
    }
}
