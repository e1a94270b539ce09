//! A field that an example shows and nobody declares: the schema leaves it out, and no step reads it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::example::{Example, ExampleKind, NamedMember, Object};
use super::example_mismatch::meant;
use super::step_prompt::StepPrompt;
use crate::diagnostic::Diagnostic;
use crate::nearest::did_you_mean;
use crate::prompts::FieldKind;
use crate::rule::Rule;

pub(super) fn check(prompt: &StepPrompt<'_>, examples: &[Example]) -> Vec<Diagnostic> {
    let fields = prompt.fields();
    if !fields.are_all_known {
        return Vec::new();
    }
    let mut told = BTreeSet::new();
    let objects = examples.iter().filter_map(|example| match &example.kind {
        ExampleKind::Own(object) => Some(object),
        _ => None,
    });
    let members = objects.flat_map(|object| object.members.iter().map(move |member| (object, member)));
    members
        // A name that is likely misspelt is told together with the field that is missing for it.
        .filter(|(object, member)| !fields.has(&member.name) && meant(&member.name, object, fields).is_none())
        .filter(|(_, member)| !prompt.layout.has_values_in(&member.at.key))
        // Once for a name, however many examples have it.
        .filter(|(_, member)| told.insert(member.name.as_str()))
        .take(super::MOST_OF_A_RULE)
        .map(|(object, member)| undeclared(prompt, object, member))
        .collect()
}

fn undeclared(prompt: &StepPrompt<'_>, object: &Object, member: &NamedMember) -> Diagnostic {
    let name = &member.name;
    let hint = did_you_mean(name, prompt.fields().names())
        .or_else(|| {
            let kind = object.map.get(name).and_then(kind_of)?.name();
            Some(format!("declare it under [fields]: {name} = \"{kind}\""))
        })
        .unwrap_or_else(|| "leave it out: [fields] can't declare what it holds".to_owned());
    let message = format!("{} doesn't return a field `{name}`", prompt.step);
    prompt.diagnostic(&member.at.key, Rule::UndeclaredField, message).hint(hint)
}

/// What a field that holds values such as `sample` is declared as.
fn kind_of(sample: &Value) -> Option<FieldKind> {
    match sample {
        Value::String(_) => Some(FieldKind::String),
        Value::Number(_) => Some(FieldKind::Number),
        Value::Bool(_) => Some(FieldKind::Boolean),
        Value::Array(list) => list.iter().all(Value::is_string).then_some(FieldKind::Strings),
        Value::Null | Value::Object(_) => None,
    }
}
