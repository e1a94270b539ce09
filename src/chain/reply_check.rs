//! What a step makes of an object by itself, for those who check prompts: by the same decoding and the
//! same gate as in a run. Nothing here judges what follows from it.

use serde_json::{Map, Value};

use super::config::{Field, GateRules};
use super::steps::{self, Analyze, Process, Step, Synthesize};
use super::{Finding, StepName};

/// All is to be said of an object but that it isn't sure of itself.
const RULES: GateRules =
    GateRules { validation: true, strict: false, min_confidence: 0.0, repair_attempts: 0 };

/// All that is found if `object` is what that step replies, whose prompt declares those fields.
#[must_use]
pub fn check_reply(step: StepName, object: Map<String, Value>, declared: &[Field]) -> Vec<Finding> {
    fn check<S: Step>(object: Map<String, Value>, declared: &[Field]) -> Vec<Finding> {
        let decoded = steps::decode::<S>(object, declared);
        let gate = decoded.output.map(|output| S::gate(&output, &RULES)).unwrap_or_default();
        decoded.findings.into_iter().chain(gate).collect()
    }
    match step {
        StepName::Analyze => check::<Analyze>(object, declared),
        StepName::Process => check::<Process>(object, declared),
        StepName::Synthesize => check::<Synthesize>(object, declared),
    }
}

/// What the step's own field of that name holds, as its schema says; `None` if it has none.
#[must_use]
pub fn describe_field(step: StepName, name: &str) -> Option<String> {
    let properties = match step {
        StepName::Analyze => Analyze::properties(),
        StepName::Process => Process::properties(),
        StepName::Synthesize => Synthesize::properties(),
    };
    let property = properties.get(name)?;
    if let Some(description) = property.get("description").and_then(Value::as_str) {
        return Some(description.to_owned());
    }
    let words: Vec<&str> = property.get("enum")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let (last, others) = words.split_last()?;
    Some(format!("{} or {last}.", others.join(", ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::own_fields;
    use super::*;

    fn findings(step: StepName, object: Value) -> Vec<(&'static str, Option<String>)> {
        let Value::Object(object) = object else { unreachable!() };
        let found = check_reply(step, object, &[]);
        found.iter().map(|finding| (finding.rule, finding.field().map(str::to_owned))).collect()
    }

    #[test]
    fn each_finding_says_which_field_it_is_about() {
        let object = json!({"key_entities": "x", "complexity": "hard", "context": [1]});
        let about = |rule, field: &str| (rule, Some(field.to_owned()));
        assert_eq!(
            findings(StepName::Analyze, object),
            [
                about("missing-field", "intent"),
                about("wrong-type", "key_entities"),
                about("wrong-type", "context")
            ]
        );
        let object = json!({"intent": "", "key_entities": ["x"], "complexity": "hard", "context": {}});
        assert_eq!(
            findings(StepName::Analyze, object),
            [about("blank-intent", "intent"), about("unknown-complexity", "complexity")]
        );
        let object = json!({"content": "x", "metadata": {}, "confidence": 1.5});
        assert_eq!(findings(StepName::Process, object), [about("confidence-out-of-range", "confidence")]);
    }

    #[test]
    fn every_own_field_is_described() {
        for (step, fields) in own_fields().iter() {
            for field in fields {
                assert!(describe_field(step, field).is_some_and(|text| text.ends_with('.')), "{field}");
            }
        }
        assert_eq!(
            describe_field(StepName::Analyze, "complexity").as_deref(),
            Some("simple, moderate or complex.")
        );
        assert_eq!(describe_field(StepName::Analyze, "content"), None);
    }
}
