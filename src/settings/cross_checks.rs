//! What can only be said of settings together, once each is known to be right by itself.

use super::variable::name_for_step;
use super::{Origin, Settings, Warning};
use crate::step::StepName;

/// The highest temperature that the Messages API takes.
const MAX_TEMPERATURE: f64 = 1.0;

pub(super) fn apply(settings: &mut Settings, warnings: &mut Vec<Warning>) {
    for step in StepName::ALL {
        warnings.extend(limit_temperature(settings, step));
        warnings.extend(check_timeout(settings, step));
    }
    warnings.extend(refuse_credentials_of_all(settings));
}

fn limit_temperature(settings: &mut Settings, step: StepName) -> Option<Warning> {
    let name = name_for_step(step, "temperature");
    let value = settings.values.iter_mut().find(|value| value.variable.name == name)?;
    let step = settings.steps.get_mut(step);
    step.temperature_is_explicit = value.origin != Origin::Default;
    if step.temperature <= MAX_TEMPERATURE {
        return None;
    }
    let message = format!(
        "{name}={} ({}) is lowered to {MAX_TEMPERATURE}, the most the Messages API takes",
        step.temperature, value.origin
    );
    step.temperature = MAX_TEMPERATURE;
    value.replace(MAX_TEMPERATURE.to_string());
    Some(Warning { message, hint: None })
}

fn check_timeout(settings: &Settings, step: StepName) -> Option<Warning> {
    let (phase, phase_limit) = match step {
        StepName::Analyze | StepName::Process => {
            ("WORKER_COORDINATION_TIMEOUT", settings.limits.worker_coordination)
        }
        StepName::Synthesize => ("SYNTHESIS_TIMEOUT", settings.limits.synthesis),
    };
    let own_limit = settings.steps.get(step).timeout;
    // A default that a shorter phase cuts is what the user asked for.
    let name = name_for_step(step, "timeout");
    let is_explicit = settings.value(&name).is_some_and(|value| value.origin != Origin::Default);
    (is_explicit && own_limit > phase_limit).then(|| Warning {
        message: format!("{} is longer than {phase}, which ends {step} first", described(settings, &name)),
        hint: Some(format!("now {}", described(settings, phase))),
    })
}

/// `NAME=value (origin)`.
fn described(settings: &Settings, name: &str) -> String {
    match settings.value(name) {
        Some(value) => {
            format!("{name}={} ({})", value.text.as_deref().unwrap_or_default(), value.origin)
        }
        None => name.to_owned(),
    }
}

/// With both, any page could act as whoever looks at it.
fn refuse_credentials_of_all(settings: &mut Settings) -> Option<Warning> {
    const NAME: &str = "CORS_ALLOW_CREDENTIALS";
    let cors = &settings.server.cors;
    if !cors.allow_credentials || !cors.allows_every_origin() {
        return None;
    }
    let message = format!(
        "{} is switched off, because {} lets in every origin",
        described(settings, NAME),
        described(settings, "CORS_ORIGINS")
    );
    settings.server.cors.allow_credentials = false;
    let value = settings.values.iter_mut().find(|value| value.variable.name == NAME)?;
    value.replace("false".to_owned());
    Some(Warning { message, hint: Some("name the origins that need credentials".to_owned()) })
}
