//! Tells which step of a chain a request belongs to, from the request alone.
//!
//! It knows no prompt of ours: only the fields that the reply must have say what is asked for.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

/// A step of the chain, as the simulator recognises it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The reply has an `intent`.
    Analyze,
    /// The reply has `content` and `confidence`.
    Process,
    /// The reply has a `final_text`.
    Synthesize,
}

impl Step {
    /// All steps, in the order of a run.
    pub const ALL: [Self; 3] = [Self::Analyze, Self::Process, Self::Synthesize];

    /// The step's name, as in `promptchain`'s flags and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Analyze => "analyze",
            Self::Process => "process",
            Self::Synthesize => "synthesize",
        }
    }

    /// The field that carries the step's result: the first that its reply must have.
    pub(super) fn main_field(self) -> &'static str {
        match self {
            Self::Analyze => "intent",
            Self::Process => "content",
            Self::Synthesize => "final_text",
        }
    }

    /// The step whose reply has these properties.
    pub(super) fn of_schema(schema: &Value) -> Option<Self> {
        let properties = schema.get("properties")?.as_object()?;
        Self::of_fields(|name| properties.contains_key(name))
    }

    /// The step whose fields `prompt` names in quotes or backticks.
    pub(super) fn of_prompt(prompt: &str) -> Option<Self> {
        Self::of_fields(|name| quotes(prompt, name))
    }

    /// The later steps are asked for first: their prompts may well name what earlier ones gave.
    fn of_fields(has: impl Fn(&str) -> bool) -> Option<Self> {
        if has("final_text") {
            Some(Self::Synthesize)
        } else if has("content") && has("confidence") {
            Some(Self::Process)
        } else if has("intent") {
            Some(Self::Analyze)
        } else {
            None
        }
    }
}

/// Whether `prompt` names that field in quotes or backticks.
pub(super) fn quotes(prompt: &str, name: &str) -> bool {
    ['"', '`'].iter().any(|quote| prompt.contains(&format!("{quote}{name}{quote}")))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Step {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|step| step.name() == word).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_tells_the_step_by_its_properties() {
        let step = |names: &[&str]| {
            let properties: serde_json::Map<_, _> =
                names.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
            Step::of_schema(&json!({"type": "object", "properties": properties}))
        };
        assert_eq!(step(&["intent", "key_entities"]), Some(Step::Analyze));
        assert_eq!(step(&["content", "confidence", "intent"]), Some(Step::Process));
        assert_eq!(step(&["final_text", "formatting"]), Some(Step::Synthesize));
        assert_eq!(step(&["content"]), None);
        assert_eq!(Step::of_schema(&json!({"type": "object"})), None);
    }

    #[test]
    fn a_prompt_tells_the_step_by_the_fields_it_quotes() {
        assert_eq!(Step::of_prompt("Return `intent` and `key_entities`."), Some(Step::Analyze));
        assert_eq!(
            Step::of_prompt(r#"{"content": …, "confidence": …}, after the `intent`"#),
            Some(Step::Process)
        );
        assert_eq!(
            Step::of_prompt("From \"content\" and \"confidence\" write `final_text`."),
            Some(Step::Synthesize)
        );
        assert_eq!(Step::of_prompt("Say what the intent is."), None);
    }
}
