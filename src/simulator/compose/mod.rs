//! Writes what a reply says: the fields of each step, or plain text, from the request's own words.
//! The same request always gets the same words.

use std::num::NonZeroU32;

use serde_json::{Map, Value, json};

use super::Step;
use super::instance::Instances;
use super::sentences::capitalized;
use super::subject::Subject;
use super::{division, tokens};

/// Stands under every text that a user may read.
const CLOSING: &str =
    "*This is a simulated reply: it is made of the request's own words, and no model was asked.*";

/// What a reply says, before anything is made to go wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Composed {
    /// JSON that matches the schema.
    Json(Value),
    /// Words.
    Text(String),
}

/// Writes a reply for `step` with that schema; either may be missing.
pub(super) fn compose(
    step: Option<Step>,
    schema: Option<&Value>,
    subject: &Subject,
    draft_tokens: Option<NonZeroU32>,
) -> Composed {
    let own_schema;
    let schema = match (step, schema) {
        (None, None) => return Composed::Text(format!("{}\n\n{CLOSING}", content(subject))),
        (Some(step), None) => {
            own_schema = schema_of(step, subject);
            &own_schema
        }
        (_, Some(schema)) => schema,
    };
    let instances = Instances::new(schema, subject);
    let (Some(step), Some(properties)) = (step, schema.get("properties").and_then(Value::as_object)) else {
        return Composed::Json(instances.make("reply", schema));
    };
    let field = |(name, property): (&String, &Value)| {
        let known = known_field(step, name, instances.resolve(property), subject);
        let value = known.unwrap_or_else(|| instances.make(name, property));
        let value = match (step, value, draft_tokens) {
            (Step::Process, Value::String(text), Some(all)) if name == "content" => {
                sized(&text, subject.share_of(all)).into()
            }
            (_, value, _) => value,
        };
        (name.clone(), value)
    };
    Composed::Json(properties.iter().map(field).collect::<Map<_, _>>().into())
}

/// What a step's reply has when no schema says so.
fn schema_of(step: Step, subject: &Subject) -> Value {
    let names: &[&str] = match step {
        Step::Analyze if subject.asks_for_parts => {
            &["intent", "key_entities", "complexity", "context", "subtasks"]
        }
        Step::Analyze => &["intent", "key_entities", "complexity", "context"],
        Step::Process => &["content", "confidence", "metadata"],
        Step::Synthesize => &["final_text", "formatting"],
    };
    let properties: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    json!({"properties": properties})
}

fn known_field(step: Step, name: &str, schema: &Value, subject: &Subject) -> Option<Value> {
    Some(match (step, name) {
        (Step::Analyze, "intent") => subject.intent().into(),
        (Step::Analyze, "key_entities") => json!(subject.phrases),
        (Step::Analyze, "complexity") => subject.complexity().as_str().into(),
        (Step::Analyze, "context") => pairs(schema, &request_facts(subject)),
        (Step::Analyze, "subtasks") => subtasks(subject),
        (Step::Process, "content") => content(subject).into(),
        (Step::Process, "confidence") => subject.confidence().into(),
        (Step::Process, "metadata") => pairs(schema, &content_facts(subject)),
        (Step::Synthesize, "final_text") => final_text(subject).into(),
        (Step::Synthesize, "formatting") => "markdown".into(),
        _ => return None,
    })
}

fn subtasks(subject: &Subject) -> Value {
    let subtasks = division::divide(subject, subject.most_parts).into_iter();
    subtasks.map(|part| json!({"title": part.title, "instruction": part.instruction})).collect()
}

fn request_facts(subject: &Subject) -> Vec<(&'static str, String)> {
    vec![
        ("language", subject.language.code.to_owned()),
        ("words", subject.words().to_string()),
        ("sentences", subject.sentences.len().to_string()),
        ("earlier_turns", subject.earlier_turns.to_string()),
    ]
}

fn content_facts(subject: &Subject) -> Vec<(&'static str, String)> {
    vec![("source", "simulator".to_owned()), ("points", subject.phrases.len().to_string())]
}

/// Free-form entries: an object where the schema wants one, else an array of pairs.
fn pairs(schema: &Value, entries: &[(&str, String)]) -> Value {
    if schema.get("type").and_then(Value::as_str) == Some("object") {
        return entries
            .iter()
            .map(|(key, value)| ((*key).to_owned(), json!(value)))
            .collect::<Map<_, _>>()
            .into();
    }
    entries.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

fn content(subject: &Subject) -> String {
    let (whole, source) = match &subject.part {
        None => ("The request", "the request"),
        Some(_) => ("This part", "its instruction"),
    };
    if subject.phrases.is_empty() {
        return format!("{whole} is short: “{}”.", subject.intent());
    }
    let points = subject.phrases.iter().map(|phrase| match subject.sentence_with(phrase) {
        Some(sentence) => format!("- **{phrase}**: where {source} says “{sentence}”"),
        None => format!("- **{phrase}**"),
    });
    let points = points.collect::<Vec<_>>().join("\n");
    format!("{whole} is about {}.\n\n{points}", enumerate(&subject.phrases))
}

/// `text`, again and again and then cut, so that it has that many tokens.
fn sized(text: &str, size: u64) -> String {
    let paragraph = format!("{text}\n\n");
    let times = size.div_ceil(tokens::count(&paragraph).max(1));
    let repeated = paragraph.repeat(usize::try_from(times).unwrap_or(1));
    tokens::first(&repeated, size).trim_end().to_owned()
}

fn enumerate(phrases: &[String]) -> String {
    match phrases {
        [] => String::new(),
        [only] => only.clone(),
        [firsts @ .., last] => format!("{} and {last}", firsts.join(", ")),
    }
}

/// The draft's content under a heading, its bullet points numbered; or the document that is wanted instead.
fn final_text(subject: &Subject) -> String {
    if let Some(schema) = &subject.document_schema {
        return Instances::new(schema, subject).make("answer", schema).to_string();
    }
    let draft = subject.draft_content().map_or_else(|| content(subject), str::to_owned);
    let mut points = 0;
    let lines = draft.lines().map(|line| {
        if let Some(point) = line.strip_prefix("- ") {
            points += 1;
            return format!("{points}. {point}");
        }
        if line.starts_with('#') {
            // Under each heading they are counted anew.
            points = 0;
        }
        line.to_owned()
    });
    let reworked = lines.collect::<Vec<_>>().join("\n");
    format!("# {}\n\n{reworked}\n\n---\n\n{CLOSING}", capitalized(&subject.intent()))
}

#[cfg(test)]
mod tests;
