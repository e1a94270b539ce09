//! Drafts of parts, joined into the draft of the whole.

use serde_json::{Map, Value, json};

use super::config::{Field, FieldKind};
use super::steps::Draft;

/// A part that was written.
pub(super) struct Part<'a> {
    pub(super) title: &'a str,
    pub(super) draft: &'a Draft,
}

/// Where the metadata names parts that couldn't be written, for synthesize to say so.
const GAPS: &str = "gaps";

/// The whole: the contents under their titles, the lowest confidence, and everything else that a part says
/// beside its title. Of the fields that the prompt declares, texts are joined by line breaks, lists by their
/// elements; of numbers the lowest counts, and what is to be true must be so of every part.
pub(super) fn joined(parts: &[Part<'_>], left_out: &[&str], declared: &[Field]) -> Draft {
    let section = |part: &Part<'_>| format!("## {}\n\n{}", part.title.trim(), part.draft.content.trim());
    let lowest = |one: f64, other: f64| one.min(other);
    let confidences: Option<Vec<f64>> = parts.iter().map(|part| part.draft.confidence).collect();
    let described = |part: &Part<'_>| json!({"title": part.title, "confidence": part.draft.confidence, "metadata": part.draft.metadata});
    let described: Vec<Value> = parts.iter().map(described).collect();
    let fields = declared.iter().filter_map(|field| {
        let values: Vec<&Value> = parts.iter().filter_map(|part| part.draft.extra.get(&field.name)).collect();
        Some((field.name.clone(), joined_field(field.kind, &values)?))
    });
    let mut metadata = Map::from_iter([("parts".to_owned(), described.into())]);
    if !left_out.is_empty() {
        metadata.insert(GAPS.to_owned(), left_out.into());
    }
    Draft {
        content: parts.iter().map(section).collect::<Vec<_>>().join("\n\n"),
        confidence: confidences.and_then(|all| all.into_iter().reduce(lowest)),
        metadata,
        extra: fields.collect(),
    }
}

fn joined_field(kind: FieldKind, values: &[&Value]) -> Option<Value> {
    if values.is_empty() {
        return None;
    }
    Some(match kind {
        FieldKind::String => {
            let texts: Vec<&str> = values.iter().filter_map(|value| value.as_str()).collect();
            texts.join("\n").into()
        }
        FieldKind::Number => {
            let figure = |value: &Value| value.as_f64().unwrap_or_default();
            values.iter().copied().min_by(|one, other| figure(one).total_cmp(&figure(other)))?.clone()
        }
        FieldKind::Boolean => values.iter().all(|value| value.as_bool() == Some(true)).into(),
        FieldKind::Strings => {
            let mut all: Vec<Value> = Vec::new();
            for value in values.iter().filter_map(|value| value.as_array()).flatten() {
                if !all.contains(value) {
                    all.push(value.clone());
                }
            }
            all.into()
        }
    })
}
