//! What can only be said of settings together, once each is known to be right by itself.

use super::variable::name_for_step;
use super::{Origin, Problem, Settings};
use crate::rule::Rule;
use crate::step::StepName;

/// The highest temperature that the Messages API takes.
const MAX_TEMPERATURE: f64 = 1.0;

pub(super) fn apply(settings: &mut Settings, problems: &mut Vec<Problem>) {
    for step in StepName::ALL {
        problems.extend(limit_temperature(settings, step));
        problems.extend(check_timeout(settings, step));
    }
    problems.extend(refuse_credentials_of_all(settings));
    count_where_the_rest_is_shared(settings);
    problems.extend(unused_certificates(settings));
    let half = half_of_lokis_credentials(settings, problems);
    problems.extend(half);
    let alone = previous_key_alone(settings, problems);
    problems.extend(alone);
}

fn limit_temperature(settings: &mut Settings, step: StepName) -> Option<Problem> {
    let name = name_for_step(step, "temperature");
    let value = settings.values.iter_mut().find(|value| value.variable.name == name)?;
    let step = settings.steps.get_mut(step);
    step.temperature_is_explicit = value.origin != Origin::Default;
    if step.temperature <= MAX_TEMPERATURE {
        return None;
    }
    let message = format!("is lowered to {MAX_TEMPERATURE}, the most the Messages API takes");
    let problem = Problem::new(Rule::TemperatureOverLimit, &name, value.origin.clone(), message)
        .with_value(step.temperature.to_string());
    step.temperature = MAX_TEMPERATURE;
    value.replace(MAX_TEMPERATURE.to_string());
    Some(problem)
}

fn check_timeout(settings: &Settings, step: StepName) -> Option<Problem> {
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
    (is_explicit && own_limit > phase_limit).then(|| {
        about(
            settings,
            Rule::TimeoutOverPhase,
            &name,
            format!("is longer than {phase}, which ends {step} first"),
        )
        .hint(format!("now {}", described(settings, phase)))
    })
}

/// About the value that a variable resolved to.
pub(super) fn about(settings: &Settings, rule: Rule, name: &str, message: String) -> Problem {
    let value = settings.value(name);
    let origin = value.map_or(Origin::Default, |value| value.origin.clone());
    let problem = Problem::new(rule, name, origin, message);
    Problem { value: value.and_then(|value| value.text.clone()), ..problem }
}

/// `NAME=value (origin)`.
pub(super) fn described(settings: &Settings, name: &str) -> String {
    match settings.value(name) {
        Some(value) => {
            format!("{name}={} ({})", value.text.as_deref().unwrap_or_default(), value.origin)
        }
        None => name.to_owned(),
    }
}

/// With both, any page could act as whoever looks at it.
fn refuse_credentials_of_all(settings: &mut Settings) -> Option<Problem> {
    const NAME: &str = "CORS_ALLOW_CREDENTIALS";
    let cors = &settings.server.cors;
    if !cors.allow_credentials || !cors.allows_every_origin() {
        return None;
    }
    let message =
        format!("is switched off, because {} lets in every origin", described(settings, "CORS_ORIGINS"));
    let problem = about(settings, Rule::CredentialsOfAnyOrigin, NAME, message)
        .hint("name the origins that need credentials");
    settings.server.cors.allow_credentials = false;
    let value = settings.values.iter_mut().find(|value| value.variable.name == NAME)?;
    value.replace("false".to_owned());
    Some(problem)
}

/// Whoever names a store means all that can be shared.
fn count_where_the_rest_is_shared(settings: &mut Settings) {
    let Some(redis) = settings.value("REDIS_URL").filter(|value| value.text.is_some()) else { return };
    let (text, value) = (redis.text.clone(), redis.value.clone());
    let storage = settings.values.iter_mut().find(|value| value.variable.name == "RATE_LIMIT_STORAGE_URI");
    if let Some(storage) = storage.filter(|storage| storage.origin == Origin::Default) {
        (storage.text, storage.value) = (text, value);
        settings.server.store.rate_limits = settings.server.store.redis.clone();
    }
}

/// Whoever names certificates takes it that the connection is encrypted.
fn unused_certificates(settings: &Settings) -> Option<Problem> {
    let store = &settings.server.store;
    let is_used = [&store.redis, &store.rate_limits].into_iter().flatten().any(|address| address.tls);
    if store.certificates.is_none() || is_used {
        return None;
    }
    let message = "no store is connected to over TLS, so nobody asks for them".to_owned();
    let problem = about(settings, Rule::UnusedCertificates, "REDIS_CA_FILE", message);
    Some(problem.hint("begin REDIS_URL with rediss://"))
}

/// What is read by a key is to be written by one too.
fn previous_key_alone(settings: &Settings, problems: &[Problem]) -> Option<Problem> {
    let checkpoints = &settings.server.checkpoints;
    let is_alone = checkpoints.previous_key.is_some() && checkpoints.key.is_none();
    (is_alone && !is_said(problems, "CHECKPOINT_KEY"))
        .then(|| of_no_use_without("CHECKPOINT_KEY_PREVIOUS", "CHECKPOINT_KEY"))
}

/// A user name is of no use without its password, nor the other way round.
fn half_of_lokis_credentials(settings: &Settings, problems: &[Problem]) -> Option<Problem> {
    let (missing, given) = match (&settings.loki.username, &settings.loki.password) {
        (Some(_), None) => ("LOKI_PASSWORD", "LOKI_USERNAME"),
        (None, Some(_)) => ("LOKI_USERNAME", "LOKI_PASSWORD"),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    (!is_said(problems, missing)).then(|| of_no_use_without(given, missing))
}

/// Whether something is wrong with the variable already: what was said wrongly, or isn't used, isn't missing too.
fn is_said(problems: &[Problem], name: &str) -> bool {
    problems.iter().any(|problem| problem.variable.as_ref().is_some_and(|it| it.starts_with(name)))
}

fn of_no_use_without(given: &str, missing: &str) -> Problem {
    let message = format!("is not set, and {given} is of no use without it");
    Problem::new(Rule::MissingVariable, missing, Origin::Default, message)
}
